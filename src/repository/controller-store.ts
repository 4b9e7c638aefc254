import { sql } from 'kysely';
import type { ControllerInfo, ControllerStore } from '../ports/repository.ts';
import type { Connection } from './connection.ts';

/** Controllers that went silent longer ago are forgotten when another one registers. */
const FORGET_AFTER_DAYS = 1;

/** Which controllers serve this repository; by the clock of the database. */
export class PostgresControllerStore implements ControllerStore {
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  async register({ id, host, pid, slots }: ControllerInfo): Promise<void> {
    await this.connection.transaction(async (session) => {
      await session.query(sql`
        delete from odtm.controller
         where id in (select id from odtm.controller
                       where last_beat_at < now() - make_interval(days => ${FORGET_AFTER_DAYS})
                         for update skip locked)`);
      await session.query(sql`
        insert into odtm.controller (id, host, pid, slots) values (${id}, ${host}, ${pid}, ${slots})
            on conflict (id) do update
           set host = excluded.host, pid = excluded.pid, slots = excluded.slots, last_beat_at = now()`);
    });
  }

  async beat(controllerId: string): Promise<void> {
    await this.connection.query(
      sql`update odtm.controller set last_beat_at = now() where id = ${controllerId}`,
    );
  }

  async unregister(controllerId: string): Promise<void> {
    await this.connection.query(sql`delete from odtm.controller where id = ${controllerId}`);
  }

  alive(withinMs: number): Promise<readonly ControllerInfo[]> {
    return this.connection.query(sql<ControllerInfo>`
      select id, host, pid, slots from odtm.controller
       where last_beat_at > now() - make_interval(secs => ${withinMs / 1000})
       order by registered_at, id`);
  }
}
