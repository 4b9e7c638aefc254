import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createConnection } from 'mariadb';
import pg from 'pg';
import type { EventStore, RegionNames } from '../../examples/purge-events/demo/event-store.ts';
import { createMariadbStore } from '../../examples/purge-events/demo/mariadb-store.ts';
import { createOracleStore } from '../../examples/purge-events/demo/oracle-store.ts';
import { createPostgresStore, ownerRole } from '../../examples/purge-events/demo/postgres-store.ts';
import { copyEventsProject, placeRegions } from '../../examples/purge-events/demo/project.ts';
import { type RunOdtm, textOf } from '../../examples/purge-orders/demo/odtm-command.ts';
import { createDatabase, superuserUrl } from '../support/database.ts';
import { mariadbUrl } from '../support/mariadb/database.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';
import { odtmHere } from './odtm-here.ts';
import { OdtmProcess } from './support/odtm-process.ts';

export const EVENTS_A_MONTH = 400;
export const CHUNK_SIZE = 150;

/** Months that each region keeps, told without asking ODTM. */
export const MONTHS_KEPT: Readonly<Record<string, number>> = {
  events_eu: 3,
  events_us: 3,
  events_asia: 2,
  events_latam: 3,
  events_africa: 3,
};

/** The example on the shared servers: a repository, and a store for each region. */
export interface EventsFleet extends AsyncDisposable {
  readonly odtm: RunOdtm;
  readonly stores: readonly EventStore[];
  store(instance: string): EventStore;
  /** Adds a file to the project. */
  add(file: string, text: string): Promise<void>;
  /** Changes a file of the project. */
  edit(file: string, from: string, to: string): Promise<void>;
  /** The command as a process, which can be killed. */
  start(...args: readonly string[]): OdtmProcess;
  /** Waits until no lease is alive, and no controller by its beats. */
  leasesExpired(): Promise<void>;
  /** Reads the repository past ODTM. */
  sql<Row>(text: string): Promise<Row[]>;
}

/** A lock of ours that a chunk of the purge runs into. */
export interface HeldEvent {
  someoneWaits(): Promise<void>;
  /** Ends the sessions that wait: no handler of package code runs any more. */
  killWaiting(): Promise<void>;
  release(): Promise<void>;
}

/** The three regions on MariaDB, and those besides that are asked for. */
export async function createEventsFleet(more: readonly string[] = []): Promise<EventsFleet> {
  const folder = await tempDir();
  const repository = await createDatabase('repository');
  const password = randomBytes(12).toString('hex');
  const env = { ODTM_REPOSITORY: repository.url, EVENTS_PASSWORD: password };
  const odtm = odtmHere(folder.path, env);
  const stores: EventStore[] = [];
  for (const region of ['eu', 'us', 'asia', ...more])
    stores.push(await createStore(odtm, region, password));
  await copyEventsProject(folder.path);
  // As many chunks as a large table has, of few events.
  const operation = join(folder.path, 'operations/purge-events.yaml');
  await editFile(operation, 'size: 2500', `size: ${CHUNK_SIZE}`);
  await placeRegions(folder.path, stores);
  await textOf(odtm, 'apply');
  const pool = new pg.Pool({ connectionString: repository.url, max: 2 });
  const processes: OdtmProcess[] = [];
  const sql = async <Row>(text: string): Promise<Row[]> => (await pool.query(text)).rows;
  return {
    odtm,
    stores,
    store: (instance) => storeOf(stores, instance),
    add: async (file, text) => {
      await mkdir(dirname(join(folder.path, file)), { recursive: true });
      await writeFile(join(folder.path, file), text);
    },
    edit: (file, from, to) => editFile(join(folder.path, file), from, to),
    start: (...args) => {
      const started = new OdtmProcess(args, env);
      processes.push(started);
      return started;
    },
    leasesExpired: () => leasesExpired(sql),
    sql,
    [Symbol.asyncDispose]: async () => {
      for (const running of processes) if (!running.isOver) await running.kill();
      await pool.end();
      for (const store of stores) await store.drop();
      await repository.drop();
      await folder.remove();
    },
  };
}

async function editFile(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not have: ${from}`);
  await writeFile(file, text.replace(from, to));
}

async function createStore(odtm: RunOdtm, region: string, password: string): Promise<EventStore> {
  const own = `${region}_${randomBytes(4).toString('hex')}`;
  const names: RegionNames = {
    instance: `events_${region}`,
    owner: `app_${own}`,
    database: `odtm_${own}`,
    user: `odtm_${own}`,
  };
  const isPostgres = region === 'latam';
  const script = await textOf(
    odtm,
    ...['client-script', '--engine', isPostgres ? 'postgres' : 'mariadb'],
    ...['--user', names.user, '--database', names.database],
    ...['--owner', isPostgres ? ownerRole(names) : names.owner],
  );
  const options = { eventsAMonth: EVENTS_A_MONTH, script, password };
  if (isPostgres) return createPostgresStore(names, superuserUrl(), options);
  const create = region === 'africa' ? createOracleStore : createMariadbStore;
  return create(names, mariadbUrl(), options);
}

function storeOf(stores: readonly EventStore[], instance: string): EventStore {
  const found = stores.find((store) => store.instance === instance);
  if (found === undefined) throw new Error(`There is no store for ${instance}.`);
  return found;
}

async function leasesExpired(sql: EventsFleet['sql']): Promise<void> {
  await waitFor(
    async () => {
      const [row] = await sql<{ live: boolean }>(
        `SELECT EXISTS (SELECT FROM odtm.stream WHERE lease_until > now()) OR EXISTS (
           SELECT FROM odtm.controller WHERE last_beat_at > now() - interval '10 seconds') AS live`,
      );
      return row?.live === false;
    },
    { pollMs: 100, timeoutMs: 90_000 },
  );
}

/** Holds an event of a region on MariaDB, so that whoever deletes it waits. */
export async function holdEvent({ owner }: EventStore, id: number): Promise<HeldEvent> {
  const first = id - ((id - 1) % CHUNK_SIZE);
  return hold(
    `SELECT * FROM ${owner}.event WHERE id = ${id} FOR UPDATE`,
    `DELETE FROM ${owner}.event WHERE id >= ${first} AND%`,
  );
}

/** Holds what a statement on MariaDB locks, so that whoever executes a statement like the other one waits. */
export async function hold(locking: string, waiting: string): Promise<HeldEvent> {
  const { hostname, port, username, password } = new URL(mariadbUrl());
  const holder = await createConnection({
    host: hostname,
    port: Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  });
  await holder.query('START TRANSACTION');
  await holder.query(locking);
  return {
    someoneWaits: async () => {
      await waitFor(async () => {
        // While the lock is held, whoever needs it stays in the statement.
        const rows: unknown[] = await holder.query(
          'SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE ?',
          [waiting],
        );
        return rows.length > 0;
      });
    },
    killWaiting: async () => {
      const rows: { id: number | bigint }[] = await holder.query(
        'SELECT ID AS id FROM information_schema.PROCESSLIST WHERE INFO LIKE ?',
        [waiting],
      );
      for (const { id } of rows) await holder.query(`KILL CONNECTION ${id}`);
    },
    release: () => holder.end(),
  };
}
