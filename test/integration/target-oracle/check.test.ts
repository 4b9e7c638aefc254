import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { privilegeOf } from '../../../src/core/definitions/privilege.ts';
import { openConnection } from '../../../src/targets/oracle/connection.ts';
import { oracleFixture, type StandInFixture } from '../../conformance/target/oracle-fixture.ts';
import { Stand } from '../../conformance/target/stand.ts';

describe('what check finds on oracle', () => {
  let fixture: StandInFixture;
  let stand: Stand;

  beforeAll(async () => {
    fixture = await oracleFixture();
  });
  beforeEach(() => {
    stand = new Stand(fixture);
  });
  afterEach(async () => {
    fixture.standIn.inject(() => undefined);
    await stand.close();
  });
  afterAll(() => fixture.drop());

  async function troubles(): Promise<string[]> {
    const findings = await (await stand.connect()).check([fixture.package], []);
    return findings.filter(({ ok }) => !ok).map(({ what, text }) => `${what}: ${text}`);
  }

  test('a privilege that is missing, with what needs it', async () => {
    const { admin } = fixture.standIn;
    for (const view of ['session_privs', 'user_sys_privs'])
      await admin.query(
        `CREATE OR REPLACE VIEW ${view} AS SELECT 'CREATE SESSION' AS privilege FROM dual`,
      );
    const found = await troubles();
    expect(found).toHaveLength(3);
    expect(found.join('\n')).toMatch(/CREATE TABLE is missing: the record of what has been done/);
    await allAsBefore();
    expect(await troubles()).toEqual([]);
  });

  async function allAsBefore(): Promise<void> {
    const all = ['CREATE SESSION', 'CREATE TABLE', 'CREATE SEQUENCE', 'CREATE PROCEDURE'];
    const rows = all.map((name) => `SELECT '${name}' AS privilege FROM dual`).join(' UNION ALL ');
    for (const view of ['session_privs', 'user_sys_privs'])
      await fixture.standIn.admin.query(`CREATE OR REPLACE VIEW ${view} AS ${rows}`);
    await fixture.standIn.admin.query(`CREATE OR REPLACE VIEW all_tab_privs AS
      SELECT '' AS grantee, '' AS table_schema, '' AS table_name, '' AS privilege FROM dual WHERE 1 = 0`);
  }

  test('a privilege that comes by a role is there for an install, and not within packages', async () => {
    const { admin } = fixture.standIn;
    await admin.query(
      "CREATE OR REPLACE VIEW user_sys_privs AS SELECT 'CREATE TABLE' AS privilege FROM dual",
    );
    expect(await troubles()).toEqual([]);
    const findings = await (await stand.connect()).check([fixture.package], []);
    const byRole = findings.flatMap(({ text }) => /^(.*) comes by a role/.exec(text)?.[1] ?? []);
    expect(byRole).toEqual(['CREATE SEQUENCE', 'CREATE PROCEDURE']);
    await admin.query(`CREATE OR REPLACE VIEW all_tab_privs AS
      SELECT 'SELECT_CATALOG_ROLE' AS grantee, 'SYS' AS table_schema, 'V_$SESSION' AS table_name,
        'SELECT' AS privilege FROM dual`);
    const again = await (await stand.connect()).check([fixture.package], []);
    const view = again.find(({ text }) => text.startsWith('without SELECT ON sys.v_$session'));
    expect(view?.text).toMatch(/by a role/);
    await allAsBefore();
  });

  test('a privilege that a task needs: missing, by a role alone, and then there', async () => {
    const { admin } = fixture.standIn;
    const needed = ['DROP TABLESPACE', 'SELECT ON sys.v$session', 'DELETE ON app.orders'];
    const because = 'is missing: task purge of operation night needs it';
    expect(await said(needed)).toEqual(needed.map((text) => `${text} ${because}`));
    const system = "SELECT 'DROP TABLESPACE' AS privilege FROM dual";
    await admin.query(`CREATE OR REPLACE VIEW session_privs AS ${system}`);
    await admin.query(`CREATE OR REPLACE VIEW all_tab_privs AS
      SELECT 'READERS' AS grantee, 'SYS' AS table_schema, 'V_$SESSION' AS table_name, 'SELECT' AS privilege
      FROM dual`);
    const byRole =
      '(the user has it by a role, and within packages that does not count: grant it directly)';
    expect(await said(needed)).toEqual([
      `DROP TABLESPACE ${because} ${byRole}`,
      `SELECT ON sys.v$session ${because} ${byRole}`,
      `DELETE ON app.orders ${because}`,
    ]);
    await admin.query(`CREATE OR REPLACE VIEW user_sys_privs AS ${system}`);
    await admin.query(`CREATE OR REPLACE VIEW all_tab_privs AS
      SELECT 'PUBLIC' AS grantee, 'SYS' AS table_schema, 'V_$SESSION' AS table_name, 'SELECT' AS privilege
      FROM dual UNION ALL SELECT USER_NAME.me, 'APP', 'ORDERS', 'DELETE'
      FROM (SELECT sys_context('USERENV', 'CURRENT_USER') AS me FROM dual) user_name`);
    expect(await said(needed)).toEqual(['tasks have the privileges that they need']);
    expect(await said(['DROP ON app.orders'])).toEqual([`DROP ON app.orders ${because}`]);
    await admin.query(
      "CREATE VIEW user_schema_privs AS SELECT 'DROP ANY TABLE' AS privilege, 'APP' AS schema FROM dual",
    );
    expect(await said(['DROP ON app.orders'])).toEqual([
      'tasks have the privileges that they need',
    ]);
    await admin.query('DROP VIEW user_schema_privs');
    await allAsBefore();
  });

  /** What is said of these privileges. */
  async function said(needed: readonly string[]): Promise<string[]> {
    const needs = needed.map((text) => ({
      operation: 'night',
      task: 'purge',
      privilege: privilegeOf(text),
    }));
    const findings = await (await stand.connect()).check([], needs);
    return findings.filter(({ text }) => text.includes('task')).map(({ text }) => text);
  }

  test('a view that may not be read is no trouble, and what is missed is said', async () => {
    const findings = await (await stand.connect()).check([], []);
    const texts = findings.filter(({ what }) => what === 'privilege').map(({ text }) => text);
    expect(texts.join('\n')).toMatch(/without SELECT ON sys\.v_\$session/);
  });

  test('what is invalid, by its name', async () => {
    const { admin } = fixture.standIn;
    await admin.query("INSERT INTO ora$object VALUES ('OLD_ONE', 'PACKAGE BODY', 'INVALID')");
    expect(await troubles()).toEqual(['invalid: invalid: package body OLD_ONE; see user_errors']);
    await admin.query("DELETE FROM ora$object WHERE object_name = 'OLD_ONE'");
  });

  test('a standby database, to which nothing can be written', async () => {
    const { admin } = fixture.standIn;
    await admin.query(`CREATE OR REPLACE FUNCTION sys_context (p_namespace VARCHAR2(30), p_name VARCHAR2(30))
      RETURN VARCHAR2(256) AS BEGIN RETURN 'PHYSICAL STANDBY'; END`);
    expect(await troubles()).toEqual([
      'connect: the database is a physical standby: nothing can be written',
    ]);
  });

  test('what cannot be looked at is a finding as well', async () => {
    fixture.standIn.inject(({ sql }) =>
      sql?.includes('session_privs')
        ? { kind: 'error', error: { code: 1555, message: 'snapshot too old' } }
        : undefined,
    );
    expect((await troubles()).join('\n')).toMatch(/connect: .*snapshot too old/);
  });

  test('a statement that the stand-in does not know is an error that names it', async () => {
    const { instance, secret } = fixture;
    const options = { instance, secret, connectTimeoutMs: 5_000 };
    const connection = await openConnection(options, { label: 'odtm test', autocommit: false });
    const statement = 'ALTER TABLE written ADD (more NUMBER)';
    await expect(connection.execute(statement)).rejects.toMatchObject({
      failure: { code: 'ORA-00900', message: expect.stringContaining(statement) },
    });
    await connection.close();
  });
});
