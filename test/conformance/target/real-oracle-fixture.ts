import type { Instance } from '../../../src/core/definitions/model.ts';
import { type Connection, openConnection } from '../../../src/targets/oracle/connection.ts';
import { oracleEngine } from '../../../src/targets/oracle/engine.ts';
import { errorNumber } from '../../../src/targets/oracle/errors.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { TargetFixture } from './fixture.ts';
import { plsqlPackage } from './plsql-package.ts';

/** Tables that stand for the application's: in the schema of the user, for there is no other. */
const APP_TABLES = [
  'CREATE TABLE "KEYS" (id NUMBER(10) PRIMARY KEY, at DATE NOT NULL)',
  'CREATE TABLE no_keys (id NUMBER(10) PRIMARY KEY, at DATE NOT NULL)',
  'CREATE TABLE gate (id NUMBER(10) PRIMARY KEY, passed NUMBER(10) NOT NULL)',
];
const APP_ROWS = [
  ...Array.from({ length: 10 }, (_, index) => {
    const day = String(index + 1).padStart(2, '0');
    return `INSERT INTO "KEYS" (id, at) VALUES (${index + 1}, DATE '2026-01-${day}')`;
  }),
  'INSERT INTO gate (id, passed) VALUES (1, 0)',
];
const NAME_IN_USE = 955;
const NO_TABLE = 942;

/** Where a real Oracle is, as scripts/test-oracle.ts says it; the options are those of an instance. */
export interface RealOracle {
  readonly user: string;
  readonly options: Readonly<Record<string, string>>;
  readonly secret: string;
}

/** The Oracle that the environment names; null: there is none, and the stand-in serves. */
export function realOracle(env: NodeJS.ProcessEnv = process.env): RealOracle | null {
  const { ODTM_TEST_ORACLE: options, ODTM_TEST_ORACLE_USER: user } = env;
  const { ODTM_ORACLE_PASSWORD: secret } = env;
  if (!options || !user || !secret) return null;
  return { user, secret, options: JSON.parse(options) as Record<string, string> };
}

/**
 * A schema of a real Oracle that belongs to the suite alone: one test after the other works in it. Its user
 * has the grants of the bootstrap script, and ALTER SYSTEM.
 */
export async function realOracleFixture(place: RealOracle): Promise<TargetFixture> {
  const instance = instanceOf(place);
  const options = { instance, secret: place.secret, connectTimeoutMs: 30_000 };
  const open = (label: string): Promise<Connection> =>
    openConnection(options, { label, autocommit: true });
  const dba = await open('odtm test');
  await uninstall(instance, place.secret);
  for (const statement of APP_TABLES) await dba.execute(statement).catch(unless(NAME_IN_USE));
  for (const table of ['"KEYS"', 'gate']) await dba.execute(`DELETE FROM ${table}`);
  for (const statement of APP_ROWS) await dba.execute(statement);
  return {
    engine: oracleEngine,
    instance,
    secret: place.secret,
    ...plsqlPackage('oracle', place.user),
    divisionByZero: 'ORA-01476',
    failsIn: `${place.user.toUpperCase()}.CONF`,
    keyTables: {
      owner: place.user,
      filled: 'keys',
      empty: 'no_keys',
      ownSql: 'SELECT 10, 19 FROM dual UNION ALL SELECT 20, 29 FROM dual ORDER BY 1; -- two chunks',
    },
    written: () => written(dba),
    closeGate: () => closeGate(options),
    someoneAtGate: () => someoneAtGate(dba),
    killUnitSessions: () => killUnitSessions(dba),
    changeByHand: () => changeByHand(dba),
    snapshot: () => snapshot(dba),
    drop: async () => {
      await uninstall(instance, place.secret);
      await dba.close();
    },
  };
}

function instanceOf({ user, options }: RealOracle): Instance {
  return {
    name: 'conf-1',
    engine: 'oracle',
    host: 'as-its-options-say',
    port: 1521,
    database: 'as-its-options-say',
    user,
    credential: 'env:SECRET',
    options,
    environments: [],
    labels: {},
    enabled: true,
    maxStreams: 1,
  };
}

async function uninstall(instance: Instance, secret: string): Promise<void> {
  const target = await oracleEngine.connect({ instance, secret, connectTimeoutMs: 30_000 });
  await target.uninstall({ package: null, force: true });
  await target.close();
}

function unless(number: number): (error: unknown) => void {
  return (error) => {
    if (errorNumber(error) !== number) throw error;
  };
}

async function written(dba: Connection): Promise<string[]> {
  try {
    const rows = await dba.query<{ txt: string }>('SELECT w.txt FROM written w ORDER BY w.id');
    return rows.map(({ txt }) => txt);
  } catch (error) {
    unless(NO_TABLE)(error);
    return [];
  }
}

async function closeGate(
  options: Parameters<typeof openConnection>[0],
): Promise<() => Promise<void>> {
  const holder = await openConnection(options, { label: 'odtm gate', autocommit: false });
  await holder.query('SELECT g.passed FROM gate g WHERE g.id = 1 FOR UPDATE');
  return async () => {
    await holder.rollback();
    await holder.close();
  };
}

async function someoneAtGate(dba: Connection): Promise<void> {
  await waitFor(async () => {
    const rows = await dba.query(
      `SELECT s.sid FROM v$session s WHERE s.username = USER AND s.event LIKE 'enq: TX%'`,
    );
    return rows.length;
  });
}

async function killUnitSessions(dba: Connection): Promise<number> {
  const rows = await dba.query<{ id: string }>(
    `SELECT s.sid || ',' || s.serial# AS id FROM v$session s
     WHERE s.username = USER AND s.status = 'ACTIVE' AND s.module LIKE 'odtm 12/%'`,
  );
  for (const { id } of rows) await dba.execute(`ALTER SYSTEM KILL SESSION '${id}' IMMEDIATE`);
  return rows.length;
}

async function changeByHand(dba: Connection): Promise<string> {
  const rows = await dba.query<{ text: string }>(
    `SELECT s.text FROM user_source s WHERE s.name = 'CONF' AND s.type = 'PACKAGE BODY' ORDER BY s.line`,
  );
  const source = rows.map(({ text }) => text).join('');
  await dba.create(`CREATE OR REPLACE ${source.replace("''row''", "''by hand''")}`);
  return 'package body conf';
}

/** Every object with its source, and how many rows each table has. */
async function snapshot(dba: Connection): Promise<string> {
  const objects = await dba.query<{ line: string }>(
    `SELECT o.object_type || ' ' || o.object_name || ' ' || o.status AS line FROM user_objects o
     WHERE o.object_name NOT LIKE 'SYS!_%' ESCAPE '!' ORDER BY 1`,
  );
  const sources = await dba.query<{ line: string }>(
    `SELECT s.type || ' ' || s.name || ' ' || s.line || ' ' || s.text AS line FROM user_source s
     ORDER BY s.name, s.type, s.line`,
  );
  const tables = await dba.query<{ name: string }>(
    'SELECT t.table_name AS name FROM user_tables t ORDER BY t.table_name',
  );
  const lines = [...objects, ...sources].map(({ line }) => line);
  for (const { name } of tables) {
    const rows = await dba.query<{ n: number }>(`SELECT COUNT(*) AS n FROM "${name}"`);
    lines.push(`rows ${name} ${rows[0]?.n}`);
  }
  return lines.join('\n');
}
