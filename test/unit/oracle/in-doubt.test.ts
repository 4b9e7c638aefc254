import { beforeEach, describe, expect, test } from 'vitest';
import { ddlPackage, doubtPackage, recordOf } from '../../support/plsql-model/framework.ts';
import { PlsqlRecord, type Value } from '../../support/plsql-model/values.ts';

/**
 * There is no Oracle here to run dom$doubt. Its source is run by a model of PL/SQL over a catalogue made of
 * a map: what these rules decide is tested, not that Oracle compiles them, nor what its views show.
 */
const ddl = ddlPackage();
const doubt = doubtPackage(ddl);

interface Thing {
  readonly id: number;
  readonly data: number;
}
type Catalogue = Readonly<Record<string, Thing>>;

let catalogue: Catalogue = {};
let constraints: string | null = null;

function objectNamed(type: Value, owner: Value, name: Value, part: Value = null): PlsqlRecord {
  const place = `${String(owner)}.${String(name)}${part === null ? '' : `.${String(part)}`}`;
  const found = catalogue[`${String(type)} ${place}`];
  const object = new PlsqlRecord({
    kind: 'record',
    fields: new Map(
      ['id', 'data_id', 'ddl'].map((field) => [field, { kind: 'scalar', length: 40 }]),
    ),
  });
  object.set('id', found?.id ?? null);
  object.set('data_id', found?.data ?? null);
  return object;
}

beforeEach(() => {
  catalogue = {};
  constraints = null;
  doubt.replace('object_named', objectNamed).replace('constraints_of', () => constraints);
  doubt.replace('probed', (answer) => answer ?? 'doubt');
});

function facts(sql: string, before: Catalogue): Value {
  catalogue = before;
  return doubt.call('facts', ddl.call('read', sql));
}

function resolve(sql: string, intent: Value, after: Catalogue, doneWhen: Value = null): Value {
  catalogue = after;
  return doubt.call('resolve', ddl.call('read', sql), intent, doneWhen);
}

const T = { id: 7, data: 70 };
const OTHER = { id: 8, data: 80 };
const NEW_ONE = { id: 9, data: 90 };

/** The statement, the catalogue before it, then one state after the crash, and what is decided by it. */
type Case = readonly [
  what: string,
  sql: string,
  before: Catalogue,
  after: Catalogue,
  answer: string,
];

const CREATE = 'CREATE TABLE app.t (a NUMBER)';
const DROP = 'DROP TABLE app.t';
const ADD = 'ALTER TABLE app.t ADD PARTITION p VALUES LESS THAN (7)';
const DROP_PARTITION = 'ALTER TABLE app.t DROP PARTITION p';
const RENAME = 'ALTER TABLE app.t RENAME TO u';
const RENAME_ANY = 'RENAME t TO u';
const EXCHANGE = 'ALTER TABLE app.t EXCHANGE PARTITION p WITH TABLE app.x';
const [P, X] = ['TABLE PARTITION APP.T.P', 'TABLE APP.X'];

const CASES: readonly Case[] = [
  ['created', CREATE, {}, { 'TABLE APP.T': T }, 'done'],
  ['not created', CREATE, {}, {}, 'again'],
  ['there before, so not its work', CREATE, { 'TABLE APP.T': T }, { 'TABLE APP.T': T }, 'again'],
  ['another owner has one', CREATE, {}, { 'TABLE ODTM.T': T }, 'again'],
  ['dropped', DROP, { 'TABLE APP.T': T }, {}, 'done'],
  ['not dropped', DROP, { 'TABLE APP.T': T }, { 'TABLE APP.T': T }, 'again'],
  ['dropped, and made anew', DROP, { 'TABLE APP.T': T }, { 'TABLE APP.T': NEW_ONE }, 'done'],
  ['nothing to drop', DROP, {}, {}, 'again'],
  ['partition added', ADD, {}, { [P]: T }, 'done'],
  ['partition not added', ADD, {}, {}, 'again'],
  ['partition dropped', DROP_PARTITION, { [P]: T }, {}, 'done'],
  ['partition not dropped', DROP_PARTITION, { [P]: T }, { [P]: T }, 'again'],
  ['renamed', RENAME, { 'TABLE APP.T': T }, { 'TABLE APP.U': T }, 'done'],
  ['not renamed', RENAME, { 'TABLE APP.T': T }, { 'TABLE APP.T': T }, 'again'],
  ['renamed and gone', RENAME, { 'TABLE APP.T': T }, { 'TABLE APP.U': OTHER }, 'doubt'],
  ['any renamed', RENAME_ANY, { 'OBJECT ODTM.T': T }, { 'OBJECT ODTM.U': T }, 'done'],
  ['exchanged', EXCHANGE, { [P]: T, [X]: OTHER }, { [P]: OTHER, [X]: T }, 'done'],
  ['not exchanged', EXCHANGE, { [P]: T, [X]: OTHER }, { [P]: T, [X]: OTHER }, 'again'],
  ['half is another', EXCHANGE, { [P]: T, [X]: OTHER }, { [P]: OTHER, [X]: NEW_ONE }, 'doubt'],
  ['both are gone', EXCHANGE, { [P]: T, [X]: OTHER }, {}, 'doubt'],
  ['harmless to repeat', 'TRUNCATE TABLE app.t', {}, {}, 'again'],
  ['its own error tells', 'ALTER TABLE app.t DROP COLUMN c', {}, {}, 'again'],
  ['nothing tells', 'ALTER TABLE app.t COALESCE PARTITION', {}, {}, 'doubt'],
  ['of a type that is not looked up', 'CREATE MATERIALIZED VIEW LOG ON app.t', {}, {}, 'again'],
];

describe('a statement of oracle whose end nobody has seen', () => {
  test.each(CASES)('%s: %s', (_what, sql, before, after, answer) => {
    const intent = facts(sql, before);
    expect(resolve(sql, intent, after)).toBe(answer);
  });

  test('without facts a rename and an exchange are doubts', () => {
    expect(resolve(RENAME, null, { 'TABLE APP.T': T })).toBe('doubt');
    expect(resolve(EXCHANGE, null, { [P]: T, [X]: OTHER })).toBe('doubt');
  });

  test.each([
    ['the same constraints as before', '1/5', '1/5', 'again'],
    ['one more', '1/5', '2/9', 'doubt'],
    ['they cannot be seen', null, null, 'doubt'],
  ])('a constraint without a name, %s', (_what, before, after, answer) => {
    const sql = 'ALTER TABLE app.t ADD CHECK (a > 0)';
    constraints = before;
    const intent = facts(sql, {});
    constraints = after;
    expect(resolve(sql, intent, {})).toBe(answer);
  });

  test('the author decides what the catalogue leaves open, and nothing else', () => {
    const coalesce = 'ALTER TABLE app.t COALESCE PARTITION';
    expect(resolve(coalesce, null, {}, 'done')).toBe('done');
    expect(resolve(coalesce, null, {}, 'again')).toBe('again');
    expect(resolve('ALTER TABLE app.t DROP COLUMN c', null, {}, 'done')).toBe('done');
    const intent = facts(CREATE, {});
    expect(resolve(CREATE, intent, {}, 'done')).toBe('again');
  });
});

/** What a number means to Oracle, and the statements whose second execution it says to be done. */
type Code = readonly [
  code: number,
  meaning: string,
  ...kinds: readonly ('create' | 'drop' | 'tell')[],
];

const CODES: readonly Code[] = [
  [904, 'invalid identifier: DROP COLUMN, RENAME COLUMN', 'tell'],
  [942, 'table or view does not exist: DROP TABLE, DROP VIEW', 'drop'],
  [955, 'name is already used by an existing object', 'create'],
  [957, 'duplicate column name: RENAME COLUMN', 'tell'],
  [959, 'tablespace does not exist', 'drop'],
  [1418, 'specified index does not exist', 'drop'],
  [1430, 'column being added already exists in table', 'tell'],
  [1432, 'public synonym to be dropped does not exist', 'drop'],
  [1434, 'private synonym to be dropped does not exist', 'drop'],
  [1442, 'column to be modified to NOT NULL is already NOT NULL', 'tell'],
  [1451, 'column to be modified to NULL cannot be modified to NULL', 'tell'],
  [1543, 'tablespace already exists', 'create'],
  [1644, 'tablespace is already read only', 'tell'],
  [1646, 'tablespace is not read only - cannot make read write', 'tell'],
  [1918, 'user does not exist', 'drop'],
  [1919, 'role does not exist', 'drop'],
  [1920, 'user name conflicts with another user or role name', 'create'],
  [1921, 'role name conflicts with another user or role name', 'create'],
  [1927, 'cannot REVOKE privileges you did not grant', 'tell'],
  [1951, 'ROLE not granted: REVOKE of a role', 'tell'],
  [1952, 'system privileges not granted: REVOKE', 'tell'],
  [2011, 'duplicate database link name', 'create'],
  // No CREATE raises it: it does no harm there.
  [2024, 'database link not found', 'create', 'drop'],
  [2149, 'specified partition does not exist', 'drop', 'tell'],
  [2260, 'table can have only one primary key', 'tell'],
  [2261, 'such unique or primary key already exists in the table', 'tell'],
  [2264, 'name already used by an existing constraint', 'tell'],
  [2275, 'such a referential constraint already exists in the table', 'tell'],
  [2289, 'sequence does not exist', 'drop'],
  [2441, 'cannot drop nonexistent primary key', 'tell'],
  [2442, 'cannot drop nonexistent unique key', 'tell'],
  [2443, 'cannot drop constraint - nonexistent constraint', 'tell'],
  [4043, 'object does not exist: packages, types, directories', 'drop'],
  [4080, 'trigger does not exist', 'drop'],
  [4081, 'trigger already exists', 'create'],
  [12_000, 'a materialized view log already exists on table', 'create'],
  [12_002, 'there is no materialized view log on table', 'drop'],
  [12_003, 'materialized view does not exist', 'drop'],
  [12_006, 'a materialized view with the same user.name already exists', 'create'],
  [14_011, 'names assigned to resulting partitions must be distinct: SPLIT', 'tell'],
  [14_012, 'resulting partition name conflicts with that of an existing partition: SPLIT', 'tell'],
  [14_013, 'duplicate partition name: ADD PARTITION, MERGE', 'create', 'tell'],
  [14_080, 'partition cannot be split along the specified high bound', 'tell'],
  [14_081, 'new partition name must differ from the old partition name', 'tell'],
  [14_082, 'new partition name must differ from that of any other partition', 'tell'],
  [14_139, 'table is already in read-only mode', 'tell'],
  [14_140, 'table is not in read-only mode', 'tell'],
  [14_312, 'value already exists in partition: MODIFY PARTITION … ADD VALUES', 'tell'],
  [14_313, 'value does not exist in partition: MODIFY PARTITION … DROP VALUES', 'tell'],
  [14_622, 'value already exists in subpartition', 'tell'],
  [23_292, 'the constraint does not exist: RENAME CONSTRAINT', 'tell'],
  [32_588, 'supplemental logging attribute exists', 'tell'],
  [32_589, 'unable to drop minimal supplemental logging', 'tell'],
  [38_302, 'invalid PURGE option', 'tell'],
  [38_307, 'object not in RECYCLE BIN', 'tell'],
  // Somebody else's work, or none of these: never taken for done.
  [1408, 'such column list already indexed: by an index of another name'],
  [54, 'resource busy'],
  [1031, 'insufficient privileges'],
  [2292, 'integrity constraint violated - child record found'],
  [14_400, 'inserted partition key does not map to any partition'],
];

const KINDS = {
  create: ['CREATE TABLE app.t (a NUMBER)', ADD],
  drop: [DROP, DROP_PARTITION],
  tell: ['ALTER TABLE app.t DROP COLUMN c', 'ALTER TABLE app.t MODIFY a NOT NULL'],
} as const;

function isAlreadyDone(sql: string, code: number, intent: Value = null): Value {
  return doubt.call('is_already_done', ddl.call('read', sql), intent, -code);
}

describe('the error of the second execution, for oracle,', () => {
  test.each(CODES.map(([code, meaning, ...kinds]) => ({ code, meaning, kinds })))(
    'ORA $code, $meaning: done for $kinds',
    ({ code, kinds }) => {
      for (const [kind, statements] of Object.entries(KINDS))
        for (const sql of statements)
          expect(isAlreadyDone(sql, code), `${kind}: ${sql}`).toBe(kinds.some((k) => k === kind));
      for (const sql of [EXCHANGE, RENAME, 'TRUNCATE TABLE app.t', 'INSERT INTO app.t VALUES (1)'])
        expect(isAlreadyDone(sql, code) ?? false, sql).toBe(false);
    },
  );

  test.each([
    ['says_created', 'create'],
    ['says_dropped', 'drop'],
    ['says_changed', 'tell'],
  ] as const)('every number of %s stands in this table', (routine, kind) => {
    const told = CODES.filter(([, , ...kinds]) => kinds.includes(kind)).map(([code]) => code);
    const codes = Array.from({ length: 66_000 }, (_, code) => code);
    expect(codes.filter((code) => doubt.call(routine, -code) === true)).toEqual(told);
  });

  test('what was there before a CREATE is not its work', () => {
    const intent = facts(CREATE, { 'TABLE APP.T': T });
    expect(isAlreadyDone(CREATE, 955, intent)).toBe(false);
    expect(isAlreadyDone(CREATE, 955, facts(CREATE, {}))).toBe(true);
  });
});

const INTERRUPTIONS = [
  28, 40, 600, 603, 1012, 1013, 1089, 1090, 1092, 2396, 2399, 3113, 3114, 3135, 7445,
];

describe('a statement of oracle that failed', () => {
  function isWithoutEffect(sql: string, stack: string, after: Catalogue): Value {
    const intent = facts(sql, {});
    catalogue = after;
    doubt.replace('dbms_utility.format_error_stack', () => stack);
    return doubt.call('is_without_effect', recordOf(ddl.call('read', sql)), intent);
  }

  test.each(INTERRUPTIONS)('by ORA %i may have taken effect: the catalogue tells', (code) => {
    const own = `ORA-${String(code).padStart(5, '0')}: x`;
    const stack = `ORA-00604: error occurred at recursive SQL level 1\n${own}`;
    expect(isWithoutEffect(CREATE, stack, { 'TABLE APP.T': T })).toBe(false);
    expect(isWithoutEffect(CREATE, stack, {})).toBe(true);
    expect(isWithoutEffect('TRUNCATE TABLE app.t', stack, {})).toBe(true);
    expect(isWithoutEffect('ALTER TABLE app.t DROP COLUMN c', stack, {})).toBe(false);
  });

  test('by any other error has had no effect', () => {
    expect(isWithoutEffect(CREATE, 'ORA-01031: x', { 'TABLE APP.T': T })).toBe(true);
    const all = Array.from({ length: 66_000 }, (_, code) => code);
    const told = all.filter((code) => {
      const stack = `ORA-${String(code).padStart(5, '0')}: x`;
      return doubt.call('is_interruption', stack) === true;
    });
    expect(told).toEqual(INTERRUPTIONS);
  });
});
