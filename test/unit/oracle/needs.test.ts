import { describe, expect, test } from 'vitest';
import {
  type Holder,
  type ObjectGrants,
  objectAnswer,
  systemAnswer,
} from '../../../src/targets/oracle/needs.ts';

function holder(direct: readonly string[], byRole: readonly string[] = []): Holder {
  return { me: 'ODTM', direct: new Set(direct), session: new Set([...direct, ...byRole]) };
}

function object(change: Partial<ObjectGrants> = {}): ObjectGrants {
  return { owner: 'APP', type: 'TABLE', grants: [], ...change };
}

function grant(grantee: string, privilege: string): Partial<ObjectGrants> {
  return { grants: [{ grantee, privilege }] };
}

const HELD = { held: true };
const MISSING = { held: false, remark: null };
const BY_ROLE = { held: false, remark: expect.stringContaining('by a role') };

describe('a system privilege', () => {
  test('counts where it is granted directly; by a role it is told apart from none', () => {
    const me = holder(['CREATE TABLE'], ['DROP TABLESPACE']);
    expect(systemAnswer(me, 'CREATE TABLE')).toEqual(HELD);
    expect(systemAnswer(me, 'DROP TABLESPACE')).toEqual(BY_ROLE);
    expect(systemAnswer(me, 'ALTER SYSTEM')).toEqual(MISSING);
  });
});

describe('a privilege on an object', () => {
  test('counts where it is granted to the user or to PUBLIC, and on what is its own', () => {
    const me = holder([]);
    expect(objectAnswer(me, 'SELECT', object(grant('ODTM', 'SELECT')))).toEqual(HELD);
    expect(objectAnswer(me, 'SELECT', object(grant('PUBLIC', 'SELECT')))).toEqual(HELD);
    expect(objectAnswer(me, 'DELETE', object({ owner: 'ODTM', type: null }))).toEqual(HELD);
    expect(objectAnswer(me, 'DELETE', object(grant('ODTM', 'SELECT')))).toEqual(MISSING);
    expect(objectAnswer(me, 'SELECT', object(grant('READERS', 'SELECT')))).toEqual(BY_ROLE);
  });

  test('READ is also what SELECT gives, and not the other way round', () => {
    expect(objectAnswer(holder([]), 'READ', object(grant('ODTM', 'SELECT')))).toEqual(HELD);
    expect(objectAnswer(holder(['SELECT ANY TABLE']), 'READ', object())).toEqual(HELD);
    expect(objectAnswer(holder([]), 'SELECT', object(grant('ODTM', 'READ')))).toEqual(MISSING);
  });

  test.each([
    ['DROP', 'TABLE', 'DROP ANY TABLE'],
    ['SELECT', 'VIEW', 'SELECT ANY TABLE'],
    ['SELECT', 'SEQUENCE', 'SELECT ANY SEQUENCE'],
    ['EXECUTE', 'PACKAGE', 'EXECUTE ANY PROCEDURE'],
    ['INDEX', 'TABLE', 'CREATE ANY INDEX'],
    ['DELETE', null, 'DELETE ANY TABLE'],
  ])('%s on a %s is there with %3$s', (right, type, privilege) => {
    expect(objectAnswer(holder([privilege]), right, object({ type }))).toEqual(HELD);
    expect(objectAnswer(holder([], [privilege]), right, object({ type }))).toEqual(BY_ROLE);
  });

  test('is there with one on all of its kind in its schema, and in no other', () => {
    const me = holder(['DROP ANY TABLE ON SCHEMA APP']);
    expect(objectAnswer(me, 'DROP', object())).toEqual(HELD);
    expect(objectAnswer(me, 'DROP', object({ owner: 'OTHER' }))).toEqual(MISSING);
    expect(systemAnswer(me, 'DROP ANY TABLE')).toEqual(MISSING);
  });

  test('of SYS is not among all tables, but in the dictionary', () => {
    const sys = object({ owner: 'SYS', type: 'VIEW' });
    expect(objectAnswer(holder(['SELECT ANY TABLE']), 'SELECT', sys)).toEqual(MISSING);
    expect(objectAnswer(holder(['SELECT ANY DICTIONARY']), 'SELECT', sys)).toEqual(HELD);
    expect(objectAnswer(holder(['SELECT ANY DICTIONARY']), 'DELETE', sys)).toEqual(MISSING);
  });
});
