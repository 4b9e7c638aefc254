import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PackageVersion } from '../../../src/core/definitions/model.ts';
import { framework } from '../../../src/targets/postgres/framework.ts';
import type { TargetFixture } from '../../conformance/target/fixture.ts';
import { postgresFixture } from '../../conformance/target/postgres-fixture.ts';
import { callOf, run, Stand } from '../../conformance/target/stand.ts';
import { urlOf } from '../../support/database.ts';

describe('what is installed', () => {
  let fixture: TargetFixture;
  let stand: Stand;
  let dba: Client;

  beforeEach(async () => {
    fixture = await postgresFixture();
    stand = new Stand(fixture);
    dba = new Client({ connectionString: urlOf(fixture.instance.database) });
    await dba.connect();
    await install(fixture.package);
  });
  afterEach(async () => {
    await stand.close();
    await dba.end();
    await fixture.drop();
  });

  async function install(version: PackageVersion) {
    return (await stand.connect()).install({ package: version, acceptDrift: false });
  }

  /** The package with a file more. */
  function withFile(path: string, text: string): PackageVersion {
    const file = { path, role: 'code' as const, text, sha256: text };
    return { ...fixture.package, files: [...fixture.package.files, file], sha256: text };
  }

  test('every table, column and routine of the framework says what it is', async () => {
    const { rows } = await dba.query(
      `SELECT c.oid::regclass::text AS name FROM pg_class c
       WHERE relnamespace = 'dom'::regnamespace AND relkind IN ('r', 'S')
         AND obj_description(c.oid, 'pg_class') IS NULL
       UNION ALL
       SELECT format('%s.%s', c.oid::regclass, a.attname)
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
       WHERE relnamespace = 'dom'::regnamespace AND relkind = 'r' AND attnum > 0
         AND col_description(c.oid, attnum) IS NULL
       UNION ALL
       SELECT p.oid::regprocedure::text FROM pg_proc p
       WHERE pronamespace = 'dom'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL`,
    );
    expect(rows).toEqual([]);
    const tables = await dba.query(`SELECT 1 FROM pg_tables WHERE schemaname = 'dom'`);
    expect(tables.rowCount).toBe(6);
  });

  test('function names of the framework are qualified, whatever the search_path', async () => {
    const builtIn = await dba.query<{ name: string }>(
      `SELECT DISTINCT proname AS name FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace`,
    );
    const names = new Set(builtIn.rows.map(({ name }) => name));
    const { files } = await framework();
    expect(files.length).toBeGreaterThan(3);
    const bare = files.flatMap(({ text }) =>
      [...text.replace(/'(?:[^']|'')*'|--.*/g, '').matchAll(/(?<![.\w$])([a-z_]+)\(/g)]
        .map(([, name = '']) => name)
        .filter((name) => names.has(name) && name !== 'numeric'),
    );
    expect(bare).toEqual([]);
  });

  test('a change by hand that the files now say as well is no drift', async () => {
    const { changed } = fixture.variants;
    const text = changed.files.find(({ path }) => path === '20-tasks.sql')?.text ?? '';
    const body = /CREATE (PROCEDURE write_row[\s\S]*?END \$\$;)/.exec(text)?.[1] ?? '';
    await dba.query(`SET search_path = conf; CREATE OR REPLACE ${body}`);
    await expect(install(fixture.package)).rejects.toThrow(/write_row\(text\) changed/);
    expect((await install(changed)).installed).toEqual(['package']);
  });

  test('a routine added or dropped by hand is drift', async () => {
    await dba.query(`CREATE FUNCTION conf.mine() RETURNS int LANGUAGE sql AS 'SELECT 1';
      DROP PROCEDURE conf.nothing(text);
      CREATE OR REPLACE FUNCTION dom.stream_lock(p_handle text) RETURNS bigint LANGUAGE sql
      AS 'SELECT 1::bigint'`);
    const expected =
      /: dom\.stream_lock\(text\) changed, conf\.mine\(\) added, conf\.nothing\(text\) missing/;
    await expect(install(fixture.package)).rejects.toThrow(expected);
  });

  test('a new version drops what it no longer has and keeps what others depend on', async () => {
    const views = withFile(
      '30-more.sql',
      `CREATE TYPE mood AS ENUM ('good', 'bad');
       CREATE OR REPLACE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
       CREATE FUNCTION of_mood(mood) RETURNS text LANGUAGE sql AS $$ SELECT $1::text $$;
       CREATE VIEW moods AS SELECT of_mood('good') AS text;
       CREATE TRIGGER stamped BEFORE INSERT ON written FOR EACH ROW EXECUTE FUNCTION stamp();`,
    );
    await install(views);
    const again = withFile(
      '30-more.sql',
      `CREATE OR REPLACE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END; $$;`,
    );
    await install(again);
    const { rows } = await dba.query(
      `SELECT to_regclass('conf.moods') AS view, to_regtype('conf.mood') AS type,
         (SELECT count(*)::int FROM pg_trigger WHERE tgname = 'stamped') AS triggers`,
    );
    expect(rows).toEqual([{ view: null, type: null, triggers: 1 }]);
  });

  test('transaction control in a file is refused, with its line', async () => {
    const version = withFile('30-more.sql', 'SELECT 1;\n\nCOMMIT;\n');
    await expect(install(version)).rejects.toThrow(/30-more\.sql:3: COMMIT is not allowed/);
  });

  test('a session goes on after the package was replaced under it', async () => {
    const session = await (await stand.attach()).session();
    await run(session, callOf('write_row'));
    await install(fixture.variants.changed);
    await run(session, callOf('write_row', { key: { iteration: 2 } }));
    expect(await fixture.written()).toEqual(['row', 'new row']);
  });
});
