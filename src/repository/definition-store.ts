import { sql } from 'kysely';
import type { Definitions, Instance } from '../core/definitions/model.ts';
import { odtmError } from '../core/errors/catalogue.ts';
import type { DefinitionStore, InstanceStore, StoredDefinitions } from '../ports/repository.ts';
import type { Connection, Session } from './connection.ts';
import { readEnvironments, readInstances, readOperations } from './definition-reader.ts';
import { DEFINITION_TABLES, definitionRows, deleteRows, insertRows } from './definition-rows.ts';
import { lockDefinitions } from './locks.ts';
import { readCurrentPackages, writePackages } from './package-store.ts';
import { safeJson } from './safe-text.ts';

/** Definitions as they were applied last. */
export class PostgresDefinitionStore implements DefinitionStore, InstanceStore {
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  load(): Promise<StoredDefinitions> {
    return this.connection.snapshot(async (session) => ({
      revision: await currentRevision(session),
      definitions: {
        environments: await readEnvironments(session),
        instances: await readInstances(session, null),
        operations: await readOperations(session),
        packages: await readCurrentPackages(session),
      },
    }));
  }

  /** @throws OdtmError DEFINITIONS_CHANGED_MEANWHILE, DEFINITION_IN_USE */
  replace(next: Definitions, expectedRevision: number, by: string): Promise<number> {
    return this.connection.transaction(async (session) => {
      await lockDefinitions(session);
      const revision = await currentRevision(session);
      if (revision !== expectedRevision) {
        throw odtmError('DEFINITIONS_CHANGED_MEANWHILE', { revision });
      }
      await refuseRemovalOfUsed(session, next);
      const rows = definitionRows(next);
      for (const table of [...DEFINITION_TABLES].reverse()) await session.query(deleteRows(table));
      for (const table of DEFINITION_TABLES) {
        await session.query(insertRows(table, rows[table]));
      }
      await writePackages(session, next.packages, by);
      await insertRevision(session, revision + 1, by);
      return revision + 1;
    });
  }

  async instance(name: string): Promise<Instance | null> {
    const [found] = await this.connection.run((session) => readInstances(session, name));
    return found ?? null;
  }
}

async function currentRevision(session: Session): Promise<number> {
  const [row] = await session.query<{ revision: number }>(
    sql`select coalesce(max(revision), 0) as revision from odtm.definition_revision`,
  );
  return row?.revision ?? 0;
}

async function insertRevision(session: Session, revision: number, by: string): Promise<void> {
  await session.query(
    sql`insert into odtm.definition_revision (revision, applied_by) values (${revision}, ${by})`,
  );
}

interface UsedDefinition {
  readonly definition: string;
  readonly run: string;
}

/** What an unfinished run needs must stay: nothing else could end that run. */
async function refuseRemovalOfUsed(session: Session, next: Definitions): Promise<void> {
  const kept = {
    operations: next.operations.map(({ id }) => id),
    environments: next.environments.map(({ id }) => id),
    instances: next.instances.map(({ name }) => name),
  };
  const [used] = await session.query(sql<UsedDefinition>`
    with kept as (select ${safeJson(kept)}::jsonb as names),
    unfinished as (select * from odtm.run where ended_at is null and preview is null)
    select 'operation ' || operation_name as definition, id as run from unfinished, kept
     where not kept.names -> 'operations' @> to_jsonb(operation_id)
    union all
    select 'environment ' || environment_code, id from unfinished, kept
     where not kept.names -> 'environments' @> to_jsonb(environment_id)
    union all
    select 'instance ' || s.instance, r.id
      from unfinished r join odtm.stream s on s.run_id = r.id, kept
     where s.status not in ('completed', 'cancelled')
       and not kept.names -> 'instances' @> to_jsonb(s.instance)
     order by 2, 1 limit 1`);
  if (used !== undefined) throw odtmError('DEFINITION_IN_USE', { ...used });
}
