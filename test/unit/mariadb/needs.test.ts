import { describe, expect, test } from 'vitest';
import { privilegeOf } from '../../../src/core/definitions/privilege.ts';
import { answerOf, grantOf } from '../../../src/targets/mariadb/needs.ts';

/** Whether a privilege is held with these grants, given as SHOW GRANTS tells them, without the grantee. */
function held(privilege: string, grants: readonly string[], foldsNames = false): boolean {
  const lines = grants.map((grant) => (grant.includes(' TO ') ? grant : `${grant} TO "me"@"%"`));
  const all = lines.flatMap((line) => grantOf(`GRANT ${line}`) ?? []);
  return answerOf(all, privilegeOf(privilege), foldsNames).held;
}

describe('a line of SHOW GRANTS', () => {
  test.each([
    ['GRANT "a_role" TO "me"@"%"', null],
    ['SET DEFAULT ROLE "a_role" FOR "me"@"%"', null],
    [`GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION`, null],
    [
      `GRANT FILE, PROCESS ON *.* TO "me"@"%" IDENTIFIED BY PASSWORD '*05' WITH GRANT OPTION`,
      { grantee: '"me"@"%"', rights: ['FILE', 'PROCESS'], schema: null, name: null },
    ],
    [
      'GRANT ALL PRIVILEGES ON `app``s\\_%`.* TO `me`@`%`',
      { grantee: '`me`@`%`', rights: ['ALL PRIVILEGES'], schema: 'app`s\\_%', name: null },
    ],
    [
      'GRANT SELECT (a, b), DELETE, UPDATE (c) ON "app"."t.x" TO PUBLIC',
      { grantee: 'PUBLIC', rights: ['DELETE'], schema: 'app', name: 't.x' },
    ],
    [
      'GRANT EXECUTE, ALTER ROUTINE ON PACKAGE BODY "app"."tools" TO "a_role"',
      { grantee: '"a_role"', rights: ['EXECUTE', 'ALTER ROUTINE'], schema: 'app', name: 'tools' },
    ],
  ])('%s', (line, grant) => {
    const read = grantOf(line);
    expect(read === null ? null : { ...read, rights: [...read.rights] }).toEqual(grant);
  });
});

describe('grants of MariaDB', () => {
  test('everywhere, on the schema, on the table', () => {
    expect(held('FILE', ['FILE ON *.*'])).toBe(true);
    expect(held('FILE', ['FILE ON "app".*'])).toBe(false);
    expect(held('DROP ON app.t', ['DROP ON *.*'])).toBe(true);
    expect(held('DROP ON app.t', ['ALL PRIVILEGES ON *.*'])).toBe(true);
    expect(held('DROP ON app.t', ['DROP ON "app".*'])).toBe(true);
    expect(held('DROP ON app.t', ['SELECT ON "app".*'])).toBe(false);
    expect(held('DROP ON app.t', ['DROP ON "app"."t"'])).toBe(true);
    expect(held('DROP ON app.u', ['DROP ON "app"."t"'])).toBe(false);
    expect(held('SELECT ON app.t', ['SELECT (a) ON "app"."t"'])).toBe(false);
    expect(held('EXECUTE ON app.tidy', ['EXECUTE ON PROCEDURE "app"."tidy"'])).toBe(true);
  });

  test.each([
    ['%', true],
    ['app_one', true],
    ['app\\_one', true],
    ['app%', true],
    ['___\\_one', true],
    ['app.one', false],
    ['app\\%', false],
    ['app', false],
    ['pp_one', false],
  ])('the pattern %s is of app_one: %s', (pattern, fits) => {
    expect(held('DROP ON app_one.t', [`DROP ON "${pattern}".*`])).toBe(fits);
  });

  test('of several patterns only the one that says most counts, for each grantee', () => {
    const both = ['DROP ON "app%".*', 'SELECT ON "app\\_one".*'];
    expect(held('DROP ON app_one.t', both)).toBe(false);
    expect(held('SELECT ON app_one.t', both)).toBe(true);
    expect(held('DROP ON app_two.t', both)).toBe(true);
    expect(held('DROP ON app_one.t', ['DROP ON "a%".*', 'SELECT ON "app%".*'])).toBe(false);
    expect(held('DROP ON app_one.t', [...both, 'DROP ON "a%".* TO "a_role"'])).toBe(true);
    expect(held('DROP ON app_one.t', [...both, 'DROP ON "a%".* TO PUBLIC'])).toBe(true);
  });

  test('capitals count where the server keeps them apart', () => {
    expect(held('DROP ON App.t', ['DROP ON "app".*'])).toBe(false);
    expect(held('DROP ON App.t', ['DROP ON "app".*'], true)).toBe(true);
  });

  test('an older name of a privilege', () => {
    expect(held('REPLICATION CLIENT', ['BINLOG MONITOR ON *.*'])).toBe(true);
  });
});
