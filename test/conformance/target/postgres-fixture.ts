import { createHash, randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { PackageFile, PackageVersion } from '../../../src/core/definitions/model.ts';
import { postgresEngine } from '../../../src/targets/postgres/engine.ts';
import { asSuperuser, createDatabase, dropRole } from '../../support/database.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { FixtureTexts, TargetFixture } from './fixture.ts';

const GATE = 4711;
const PACKAGE = 'conf';

const STATE = `CREATE TABLE IF NOT EXISTS written (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  handle text NOT NULL DEFAULT '',
  text text NOT NULL
);
`;

const FRAME = `CREATE PROCEDURE iterator(p_handle text, p_owner text, p_object_name text)
LANGUAGE plpgsql AS $$
DECLARE
  v_done integer;
BEGIN
  SELECT count(*) INTO v_done FROM written WHERE handle = p_handle AND text LIKE 'iterator%';
  CALL dom.execute_immediate(p_handle, format('INSERT INTO written VALUES (DEFAULT, %L, %L)', p_handle,
    'iterator ' || coalesce(p_owner || '.' || p_object_name, 'of nothing')));
  IF v_done >= dom.get_num_param(p_handle, 'rounds') THEN
    CALL dom.operation_complete('all rounds done');
  END IF;
END $$;

CREATE PROCEDURE initial(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO written (text) VALUES ('initial');
END $$;

CREATE PROCEDURE final(p_handle text, p_after_error char DEFAULT 'N') LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO written (text) VALUES ('final ' || p_after_error);
END $$;
`;

const TASKS = `-- The tasks.
CREATE PROCEDURE write_row(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  CALL dom.initialise(p_handle, 'conformance', 'write_row');
  CALL dom.execute_immediate(p_handle, 'INSERT INTO written (text) VALUES (''row'')');
END $$;

CREATE PROCEDURE three_rows(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. 3 LOOP
    CALL dom.execute_immediate(p_handle, format(
      'INSERT INTO written (text) SELECT ''three %s'' FROM generate_series(1, %s)', i, i));
  END LOOP;
END $$;

CREATE PROCEDURE fails_here(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  CALL dom.execute_immediate(p_handle,
    'SELECT 1 / 0');
END $$;

CREATE PROCEDURE fail(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  CALL dom.execute_immediate(p_handle, 'INSERT INTO written (text) VALUES (''before the failure'')');
  CALL fails_here(p_handle);
END $$;

CREATE PROCEDURE hold(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  CALL dom.execute_immediate(p_handle, 'INSERT INTO written (text) VALUES (''before the gate'')');
  CALL dom.execute_immediate(p_handle, 'SELECT pg_advisory_xact_lock_shared(${GATE})');
  CALL dom.execute_immediate(p_handle, 'INSERT INTO written (text) VALUES (''behind the gate'')');
END $$;

CREATE PROCEDURE caught(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  CALL dom.execute_immediate(p_handle, 'INSERT INTO written (text) VALUES (''first'')');
  BEGIN
    CALL dom.execute_immediate(p_handle, 'INSERT INTO written (text) VALUES (''taken back'')');
    CALL dom.execute_immediate(p_handle, 'SELECT 1 / 0');
  EXCEPTION WHEN division_by_zero THEN
    NULL;
  END;
  CALL dom.execute_immediate(p_handle, 'INSERT INTO written (text) VALUES (''last'')');
END $$;

CREATE PROCEDURE nothing(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO written (text) VALUES ('never seen');
  CALL dom.nothing_to_perform('no partition is old enough');
END $$;

CREATE PROCEDURE read_params(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO written (text) VALUES (concat_ws(' ', dom.get_string_param(p_handle, 'place'),
    dom.get_num_param(p_handle, 'rounds') + 0.5, dom.get_date_param(p_handle, 'since') + interval '1 day',
    dom.get_string_param(p_handle, 'app.other', 'place')));
END $$;

CREATE PROCEDURE read_missing(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO written (text) VALUES (dom.get_string_param(p_handle, 'nowhere'));
END $$;

CREATE PROCEDURE read_named(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO written (text) VALUES (concat_ws(', ', dom.get_string_param(p_handle, 'orders', 'place'),
    dom.get_string_param(p_handle, 'archive.orders', 'place'),
    dom.get_string_param(p_handle, 'other', 'place'),
    dom.get_num_param(p_handle, 'archive.orders', 'rounds')));
END $$;

CREATE PROCEDURE read_either(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO written (text) VALUES (dom.get_string_param(p_handle, 'twin', 'place'));
END $$;

CREATE PROCEDURE use_chunk(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO written (text) VALUES (dom.chunk_low(p_handle) || ' to ' || dom.chunk_high(p_handle));
END $$;
`;

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function packageOf(texts: Readonly<Record<string, string>>): PackageVersion {
  const files = Object.entries(texts).map(
    ([path, text]): PackageFile => ({
      path,
      role: path.startsWith('state') ? 'state' : 'code',
      text,
      sha256: hash(text),
    }),
  );
  return { name: PACKAGE, engine: 'postgres', files, sha256: hash(JSON.stringify(files)) };
}

const FILES = { 'state.sql': STATE, '10-frame.sql': FRAME, '20-tasks.sql': TASKS };
const BROKEN = TASKS.replace("'SELECT 1 / 0');\nEND", "'SELECT 1 / 0';\nEND");

const TEXTS: FixtureTexts = {
  insertPlain: "INSERT INTO conf.written (text) VALUES ('plain');",
  written: /^INSERT INTO written/,
  gate: 'pg_advisory_xact_lock',
  failing: 'SELECT 1 / 0',
  commitsByItself: 'VACUUM',
};

function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split('\n').length;
}

/** A database of its own, in which the role of the bootstrap script does the work. */
export async function postgresFixture(): Promise<TargetFixture> {
  const database = await createDatabase('target');
  const user = `odtm_${randomBytes(5).toString('hex')}`;
  const secret = randomBytes(12).toString('hex');
  const script = postgresEngine.clientScript({
    user,
    database: database.name,
    packages: null,
    owners: [],
  });
  await asSuperuser(`${script}\nALTER ROLE ${user} PASSWORD '${secret}';`, database.url);
  await asSuperuser(keyTablesFor(user), database.url);
  const dba = new Client({ connectionString: database.url });
  await dba.connect();
  const url = new URL(database.url);
  return {
    engine: postgresEngine,
    instance: {
      name: 'conf-1',
      engine: 'postgres',
      host: url.hostname,
      port: Number(url.port),
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
    package: packageOf(FILES),
    variants: {
      changed: packageOf({ ...FILES, '20-tasks.sql': TASKS.replace("(''row'')", "(''new row'')") }),
      broken: {
        package: packageOf({ ...FILES, '20-tasks.sql': BROKEN }),
        file: '20-tasks.sql',
        line: lineOf(TASKS, "'SELECT 1 / 0');"),
        reason: /";"/,
      },
      incomplete: packageOf({ ...FILES, '10-frame.sql': FRAME.replace('initial', 'begin_it') }),
    },
    failsIn: 'fails_here',
    failsAt: {
      file: '20-tasks.sql',
      line: lineOf(TASKS, "CALL dom.execute_immediate(p_handle,\n    'SELECT 1 / 0')"),
    },
    divisionByZero: '22012',
    texts: TEXTS,
    keyTables: {
      owner: 'app',
      filled: 'keys',
      empty: 'no_keys',
      ownSql: 'SELECT g, g + 9 FROM generate_series(10, 20, 10) AS g ORDER BY g; -- two chunks',
    },
    written: () => written(dba),
    closeGate: () => closeGate(database.url),
    someoneAtGate: () => someoneAtGate(dba),
    killUnitSessions: () => killUnitSessions(dba, user),
    changeByHand: () => changeByHand(dba),
    snapshot: () => snapshot(dba),
    drop: async () => {
      await dba.end();
      await database.drop();
      await dropRole(user);
    },
  };
}

function keyTablesFor(user: string): string {
  return `CREATE SCHEMA app AUTHORIZATION ${user};
    CREATE TABLE app.keys (id integer PRIMARY KEY, at timestamp NOT NULL);
    INSERT INTO app.keys SELECT g, timestamp '2026-01-01' + (g - 1) * interval '1 day'
    FROM generate_series(1, 10) AS g;
    CREATE TABLE app.no_keys (LIKE app.keys);
    ALTER TABLE app.keys OWNER TO ${user}; ALTER TABLE app.no_keys OWNER TO ${user};`;
}

async function written(dba: Client): Promise<string[]> {
  const there = await dba.query(`SELECT to_regclass('conf.written') IS NOT NULL AS there`);
  if (there.rows[0].there !== true) return [];
  const { rows } = await dba.query<{ text: string }>('SELECT text FROM conf.written ORDER BY id');
  return rows.map(({ text }) => text);
}

async function closeGate(url: string): Promise<() => Promise<void>> {
  const holder = new Client({ connectionString: url });
  await holder.connect();
  await holder.query('SELECT pg_advisory_lock($1)', [GATE]);
  return () => holder.end();
}

async function someoneAtGate(dba: Client): Promise<void> {
  await waitFor(async () => {
    const { rowCount } = await dba.query(
      `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [GATE],
    );
    return rowCount;
  });
}

async function killUnitSessions(dba: Client, user: string): Promise<number> {
  const { rowCount } = await dba.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE usename = $1 AND state <> 'idle' AND datname = current_database()`,
    [user],
  );
  return rowCount ?? 0;
}

async function changeByHand(dba: Client): Promise<string> {
  await dba.query(`CREATE OR REPLACE PROCEDURE conf.write_row(p_handle text)
    LANGUAGE plpgsql AS $$ BEGIN NULL; END $$`);
  return 'conf.write_row(text)';
}

/** Object identities with their definitions, and a checksum of every table. */
async function snapshot(dba: Client): Promise<string> {
  const { rows } = await dba.query<{ line: string }>(
    `SELECT concat_ws(' ', 'class', c.oid, c.relname, c.relkind, c.relfilenode, c.relowner) AS line
       FROM pg_class c WHERE c.relnamespace::regnamespace::text NOT IN ('pg_toast', 'pg_catalog')
     UNION ALL SELECT concat_ws(' ', 'proc', oid, proname, md5(prosrc)) FROM pg_proc WHERE oid >= 16384
     UNION ALL SELECT concat_ws(' ', 'namespace', oid, nspname, nspacl) FROM pg_namespace
     UNION ALL SELECT concat_ws(' ', 'type', oid, typname) FROM pg_type WHERE oid >= 16384
     UNION ALL SELECT concat_ws(' ', 'depend', classid, objid, objsubid, refclassid, refobjid, refobjsubid)
       FROM pg_depend WHERE objid >= 16384 ORDER BY 1`,
  );
  const tables = await dba.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class
     WHERE relkind = 'r' AND oid >= 16384
       AND relnamespace::regnamespace::text NOT IN ('pg_toast', 'information_schema') ORDER BY 1`,
  );
  const lines = rows.map(({ line }) => line);
  for (const { name } of tables.rows) {
    const sum = await dba.query<{ sum: string }>(
      `SELECT concat_ws(' ', count(*), md5(string_agg(t::text, '|' ORDER BY t::text))) AS sum FROM ${name} t`,
    );
    lines.push(`rows ${name} ${sum.rows[0]?.sum}`);
  }
  return lines.join('\n');
}
