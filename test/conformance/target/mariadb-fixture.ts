import { randomBytes } from 'node:crypto';
import type { Connection } from 'mariadb';
import { mariadbEngine } from '../../../src/targets/mariadb/engine.ts';
import {
  createMariadbDatabase,
  dropUser,
  mariadbUrl,
  rootConnection,
} from '../../support/mariadb/database.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { TargetFixture } from './fixture.ts';
import { plsqlPackage } from './plsql-package.ts';

/** A schema of its own, in which the user of the bootstrap script does the work, and an application's. */
export async function mariadbFixture(): Promise<TargetFixture> {
  const database = await createMariadbDatabase('target');
  const app = await createMariadbDatabase('app');
  const user = `odtm_${randomBytes(5).toString('hex')}`;
  const secret = randomBytes(12).toString('hex');
  const dba = await rootConnection();
  const script = mariadbEngine.clientScript({
    user,
    database: database.name,
    packages: null,
    owners: [app.name],
  });
  await runScript(dba, script);
  await dba.query(`ALTER USER '${user}'@'%' IDENTIFIED BY '${secret}' ACCOUNT UNLOCK`);
  await makeAppTables(dba, app.name);
  const { hostname, port } = new URL(mariadbUrl());
  return {
    engine: mariadbEngine,
    instance: {
      name: 'conf-1',
      engine: 'mariadb',
      host: hostname,
      port: Number(port),
      database: database.name,
      user,
      credential: 'env:SECRET',
      options: {},
      environments: [],
      labels: {},
      enabled: true,
      maxStreams: 1,
    },
    secret,
    ...plsqlPackage('mariadb', app.name),
    divisionByZero: '1365',
    keyTables: {
      owner: app.name,
      filled: 'keys',
      empty: 'no_keys',
      ownSql: 'SELECT s.seq, s.seq + 9 FROM seq_10_to_20_step_10 s ORDER BY s.seq; -- two chunks',
    },
    written: () => written(dba, database.name),
    closeGate: () => closeGate(app.name),
    someoneAtGate: () => someoneAtGate(dba, app.name),
    killUnitSessions: () => killUnitSessions(dba, user),
    changeByHand: () => changeByHand(dba, database.name),
    snapshot: () => snapshot(dba, database.name),
    drop: async () => {
      await dba.end();
      await database.drop();
      await app.drop();
      await dropUser(user);
    },
  };
}

/** Runs the statements of a script one by one, as its client does. */
export async function runScript(dba: Connection, script: string): Promise<void> {
  const code = script.replaceAll(/^--.*$/gm, '');
  for (const statement of code.split(/;\s*$/m))
    if (statement.trim() !== '') await dba.query(statement);
}

/** The application's tables, on which packages work. */
export async function makeAppTables(dba: Connection, app: string): Promise<void> {
  await dba.query(`CREATE TABLE ${app}.keys (id INTEGER PRIMARY KEY, at DATETIME NOT NULL)`);
  await dba.query(`INSERT INTO ${app}.keys
    SELECT s.seq, TIMESTAMP '2026-01-01 00:00:00' + INTERVAL s.seq - 1 DAY FROM ${app}.seq_1_to_10 s`);
  await dba.query(`CREATE TABLE ${app}.no_keys LIKE ${app}.keys`);
  await dba.query(`CREATE TABLE ${app}.gate (id INTEGER PRIMARY KEY, passed INTEGER NOT NULL)`);
  await dba.query(`INSERT INTO ${app}.gate VALUES (1, 0)`);
}

/** Rows that the package has committed, in their order. */
export async function written(dba: Connection, database: string): Promise<string[]> {
  const there = await dba.query(
    `SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = 'written'`,
    [database],
  );
  if (there.length === 0) return [];
  const rows: { txt: string }[] = await dba.query(
    `SELECT txt FROM ${database}.written ORDER BY id`,
  );
  return rows.map(({ txt }) => txt);
}

/** Locks the row at which `hold` waits, until the returned function lets it go. */
export async function closeGate(app: string): Promise<() => Promise<void>> {
  const holder = await rootConnection();
  await holder.query('START TRANSACTION');
  await holder.query(`SELECT * FROM ${app}.gate WHERE id = 1 FOR UPDATE`);
  return () => holder.end();
}

/** Resolves when somebody waits for that row. */
export async function someoneAtGate(dba: Connection, app: string): Promise<void> {
  await waitFor(async () => {
    // While the gate is closed, whoever executes this statement waits in it.
    const rows = await dba.query('SELECT 1 FROM information_schema.processlist WHERE info LIKE ?', [
      `UPDATE ${app}.gate%`,
    ]);
    return rows.length;
  });
}

async function killUnitSessions(dba: Connection, user: string): Promise<number> {
  const rows: { id: number }[] = await dba.query(
    `SELECT id FROM information_schema.processlist WHERE user = ? AND command <> 'Sleep'`,
    [user],
  );
  // One that has ended by itself meanwhile needs no end.
  for (const { id } of rows) await dba.query(`KILL ${id}`).catch(() => undefined);
  return rows.length;
}

async function changeByHand(dba: Connection, database: string): Promise<string> {
  const shown: { definition: string; sql_mode: string }[] = await dba.query(
    `SELECT routine_definition AS definition, sql_mode FROM information_schema.routines
     WHERE routine_schema = ? AND routine_name = 'conf' AND routine_type = 'PACKAGE BODY'`,
    [database],
  );
  const text = shown[0]?.definition.replace("''row''", "''by hand''") ?? '';
  await dba.query(`USE ${database}`);
  await dba.query(`SET sql_mode = '${shown[0]?.sql_mode}'`);
  await dba.query(`CREATE OR REPLACE PACKAGE BODY conf ${text}`);
  await dba.query(`SET sql_mode = DEFAULT`);
  return 'package body conf';
}

/** All schemas of this fixture with their objects, definitions and a checksum of every table. */
export async function snapshot(dba: Connection, database: string): Promise<string> {
  const like = `${database}%`;
  const rows: { line: string }[] = await dba.query(
    `SELECT CONCAT_WS(' ', 'schema', schema_name, default_collation_name) AS line
       FROM information_schema.schemata WHERE schema_name LIKE ?
     UNION ALL SELECT CONCAT_WS(' ', table_type, table_schema, table_name, engine, table_comment)
       FROM information_schema.tables WHERE table_schema LIKE ?
     UNION ALL SELECT CONCAT_WS(' ', routine_type, routine_schema, routine_name, MD5(routine_definition))
       FROM information_schema.routines WHERE routine_schema LIKE ?
     UNION ALL SELECT CONCAT_WS(' ', 'column', table_schema, table_name, column_name, column_type, column_key)
       FROM information_schema.columns WHERE table_schema LIKE ? ORDER BY 1`,
    [like, like, like, like],
  );
  const tables: { name: string }[] = await dba.query(
    `SELECT CONCAT('\`', table_schema, '\`.\`', table_name, '\`') AS name FROM information_schema.tables
     WHERE table_schema LIKE ? AND table_type = 'BASE TABLE' ORDER BY 1`,
    [like],
  );
  const lines = rows.map(({ line }) => line);
  for (const { name } of tables) {
    const sums: { Checksum: number | null }[] = await dba.query(`CHECKSUM TABLE ${name} EXTENDED`);
    lines.push(`rows ${name} ${sums[0]?.Checksum}`);
  }
  return lines.join('\n');
}
