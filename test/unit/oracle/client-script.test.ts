import { describe, expect, test } from 'vitest';
import type { ClientScriptOptions } from '../../../src/ports/target.ts';
import { clientScript } from '../../../src/targets/oracle/client-script.ts';
import { OWNER_GRANTS, SYSTEM_GRANTS, VIEW_GRANTS } from '../../../src/targets/oracle/grants.ts';

function scriptOf(changes: Partial<ClientScriptOptions> = {}): string {
  return clientScript({
    user: 'odtm',
    database: 'shop.example.com',
    packages: null,
    owners: [],
    ...changes,
  });
}

/** What is executed, without what only a person reads. */
function executed(script: string): string[] {
  return script.split('\n').filter((line) => line !== '' && !line.startsWith('--'));
}

describe('the client script for Oracle', () => {
  test('every grant stands below its reason', () => {
    const lines = scriptOf().split('\n');
    const grants = lines.filter((line) => line.startsWith('GRANT '));
    expect(grants).toHaveLength(SYSTEM_GRANTS.length + VIEW_GRANTS.length);
    for (const [i, line] of lines.entries())
      if (line.startsWith('GRANT ')) expect(lines[i - 1], line).toMatch(/^-- Reason: .{15,}/);
  });

  test('without owners there is no ANY privilege, but a template of grants on objects', () => {
    const script = scriptOf();
    expect(executed(script).join('\n')).not.toMatch(/\bANY\b|ALTER SYSTEM|DROP TABLESPACE|\bDBA\b/);
    expect(script).toContain('--   GRANT INSERT, UPDATE, DELETE ON owner.table_name TO ODTM;');
  });

  test('with owners each ANY privilege has its reason, and holds in the schemas alone from 23ai on', () => {
    const script = scriptOf({ owners: ['app', 'Web Shop'] });
    for (const { privilege, reason } of OWNER_GRANTS) {
      expect(script).toContain(`-- Reason for ${privilege}: ${reason}`);
      expect(script).toContain(`'GRANT ${privilege}' || CASE WHEN dbms_db_version.version >= 23`);
    }
    expect(script).toContain(`SELECT 'APP' AS owner FROM dual`);
    expect(script).toContain(`UNION ALL SELECT '"Web Shop"' AS owner FROM dual`);
    expect(script).not.toContain('owner.table_name');
  });

  test('goes into the pluggable database before anything may fail', () => {
    const lines = executed(scriptOf());
    expect(lines.slice(0, 2)).toEqual([
      'ALTER SESSION SET CONTAINER = SHOP;',
      'WHENEVER SQLERROR EXIT FAILURE',
    ]);
    expect(executed(scriptOf({ database: 'pdb-1' }))[0]).toBe(
      'ALTER SESSION SET CONTAINER = "pdb-1";',
    );
  });

  test('what only SYS may grant comes last, and stops nothing', () => {
    const lines = executed(scriptOf({ owners: ['app'] }));
    const goesOn = lines.indexOf('WHENEVER SQLERROR CONTINUE');
    const views = VIEW_GRANTS.map(({ privilege }) => lines.indexOf(`GRANT ${privilege} TO ODTM;`));
    expect(Math.min(...views)).toBeGreaterThan(goesOn);
    expect(goesOn).toBeGreaterThan(lines.lastIndexOf('/'));
  });

  test('asks for the password, hides it and forgets it', () => {
    const script = scriptOf();
    expect(script).toMatch(/^ACCEPT odtm_password CHAR PROMPT '.*' HIDE$/m);
    expect(script.match(/IDENTIFIED BY.*/g)).toEqual([`IDENTIFIED BY ' || q'~"&&odtm_password"~'`]);
    expect(script.trimEnd()).toMatch(/\nUNDEFINE odtm_password$/);
  });

  test('a user is made where there is none, with a quota, and names that need it are quoted', () => {
    expect(scriptOf()).toContain("FROM dba_users WHERE username = 'ODTM';");
    expect(scriptOf()).toContain('ALTER USER ODTM QUOTA 1G ON &&odtm_tablespace;');
    const quoted = scriptOf({ user: 'odtm-2' });
    expect(quoted).toContain("WHERE username = 'odtm-2';");
    expect(quoted).toContain('GRANT CREATE SESSION TO "odtm-2";');
  });

  test('what only some operations need is left to the DBA', () => {
    const script = scriptOf({ owners: ['app'] });
    for (const privilege of ['ALTER SYSTEM', 'ANALYZE ANY', 'DROP TABLESPACE']) {
      expect(script).toContain(`--   GRANT ${privilege} TO ODTM;`);
      expect(executed(script).join('\n')).not.toContain(privilege);
    }
  });
});
