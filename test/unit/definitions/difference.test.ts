import { describe, expect, test } from 'vitest';
import { type Difference, differenceOf } from '../../../src/core/definitions/difference.ts';
import type { Operation } from '../../../src/core/definitions/model.ts';
import { packageFile, packageVersion } from '../../../src/definition-files/package-files.ts';
import {
  definitions,
  environment,
  instance,
  nothing,
  operation,
  parameter,
  task,
} from './fixtures.ts';

function changes(before: Partial<Operation>, after: Partial<Operation>): Record<string, unknown> {
  const difference = differenceOf(
    definitions({ operations: [operation(before)] }),
    definitions({ operations: [operation(after)] }),
  );
  const fields = difference.flatMap((change) => change.fields);
  return Object.fromEntries(fields.map((field) => [field.path, [field.before, field.after]]));
}

function summary(difference: Difference): string[] {
  return difference.map(({ kind, what, name }) => `${kind} ${what} ${name}`);
}

describe('the difference of definitions', () => {
  test('is empty between equal ones', () => {
    expect(differenceOf(definitions(), definitions())).toEqual([]);
  });

  test('names what was added and removed', () => {
    const names = [
      'environment 1 PROD',
      'instance shop_eu',
      'instance shop_us',
      'operation 12 purge_orders',
    ];
    const all = [...names, 'package purge_orders/postgres'];
    expect(summary(differenceOf(nothing, definitions()))).toEqual(
      all.map((name) => `added ${name}`),
    );
    expect(summary(differenceOf(definitions(), nothing))).toEqual(
      all.map((name) => `removed ${name}`),
    );
  });

  test('an added one has its fields, without those that are left out', () => {
    const [added] = differenceOf(nothing, {
      ...nothing,
      environments: [environment({ maxStreams: 3 })],
    });
    expect(added?.fields).toEqual([
      { path: 'code', before: null, after: 'PROD' },
      { path: 'max_streams', before: null, after: 3 },
      { path: 'enabled', before: null, after: true },
    ]);
  });

  test('fields are in the words of the files, parts of lists by their natural keys', () => {
    const before = { maxDurationMs: 14_400_000, tasks: [task('purge_rows', 10), task('old', 20)] };
    const chunks = {
      by: 'key',
      table: 'app.orders',
      column: 'id',
      size: '10',
      parallel: 2,
    } as const;
    const after = {
      maxDurationMs: null,
      tasks: [task('new', 5), task('purge_rows', 15, { chunks })],
    };
    expect(changes(before, after)).toEqual({
      max_duration: ['4h', null],
      'tasks.new.order': [null, 5],
      'tasks.new.enabled': [null, true],
      'tasks.new.procedure': [null, 'new'],
      'tasks.old.order': [20, null],
      'tasks.old.enabled': [true, null],
      'tasks.old.procedure': ['old', null],
      'tasks.purge_rows.order': [10, 15],
      'tasks.purge_rows.chunks.table': [null, 'app.orders'],
      'tasks.purge_rows.chunks.column': [null, 'id'],
      'tasks.purge_rows.chunks.size': [null, '10'],
      'tasks.purge_rows.chunks.parallel': [null, 2],
    });
  });

  test('error codes are one text, of a task without any that of the operation counts', () => {
    const before = { tasks: [task('own', 10), task('none', 20)] };
    const tasks = [task('own', 10, { retryOn: ['1412', 'ORA-01555'] }), task('none', 20)];
    expect(changes(before, { tasks, retryOn: ['40P01'] })).toEqual({
      retry_on: [null, '40P01'],
      'tasks.own.retry_on': [null, '1412, ORA-01555'],
    });
    expect(
      changes(before, { tasks: [task('own', 10), task('none', 20, { retryOn: [] })] }),
    ).toEqual({
      'tasks.none.retry_on': [null, ''],
    });
  });

  test('the privileges of a task are one text an engine', () => {
    const before = { tasks: [task('a', 10, { needs: { oracle: ['DROP TABLESPACE'] } })] };
    const needs = { oracle: ['DROP TABLESPACE', 'SELECT ON a.b'], postgres: ['CREATEDB'] };
    expect(changes(before, { tasks: [task('a', 10, { needs })] })).toEqual({
      'tasks.a.needs.oracle': ['DROP TABLESPACE', 'DROP TABLESPACE, SELECT ON a.b'],
      'tasks.a.needs.postgres': [null, 'CREATEDB'],
    });
  });

  test('a parameter is known by its name and its scope', () => {
    const scope = { environment: 'PROD', object: 'app.orders' };
    const before = { parameters: [parameter('24'), parameter('6', scope)] };
    const after = { parameters: [parameter('24'), parameter('3', scope)] };
    expect(changes(before, after)).toEqual({
      'parameters.months_kept[environment=PROD,object=app.orders].value': ['6', '3'],
    });
  });

  test('the places of an operation: from all instances to a list, disabled in an environment', () => {
    const environments = [{ environment: 'PROD', enabled: false, maxDurationMs: 60_000 }];
    const after = { environments, instances: [{ instance: 'shop_eu', enabled: true }] };
    expect(changes({}, after)).toEqual({
      'environments.PROD.enabled': [true, false],
      'environments.PROD.max_duration': [null, '1m'],
      instances: ['all of the environment', null],
      'instances.shop_eu.enabled': [null, true],
    });
  });

  test('an operation keeps its identity when it is renamed: its id', () => {
    expect(changes({}, { name: 'purge', package: 'purge' })).toEqual({
      name: ['purge_orders', 'purge'],
      package: ['purge_orders', 'purge'],
    });
  });

  test('instances and objects', () => {
    const changed = instance('shop_eu', { labels: { region: 'eu' }, port: 5433 });
    const next = definitions({ instances: [changed, instance('shop_us')] });
    expect(differenceOf(definitions(), next)).toEqual([
      {
        kind: 'changed',
        what: 'instance',
        name: 'shop_eu',
        fields: [
          { path: 'port', before: 5432, after: 5433 },
          { path: 'labels.region', before: null, after: 'eu' },
        ],
      },
    ]);
    const object = { owner: 'app', name: 'orders', order: 1, enabled: true, instances: ['b', 'c'] };
    expect(changes({ objects: [{ ...object, instances: null }] }, { objects: [object] })).toEqual({
      'objects.app.orders.instances': [null, 'b, c'],
    });
  });

  test('of a package: the files that changed', () => {
    const version = (text: string) =>
      packageVersion('p', 'postgres', [packageFile('a.sql', 'same'), packageFile('b.sql', text)]);
    const [change] = differenceOf(
      { ...nothing, packages: [version('one')] },
      { ...nothing, packages: [version('two')] },
    );
    expect(change).toMatchObject({ kind: 'changed', what: 'package', name: 'p/postgres' });
    expect(change?.fields.map(({ path }) => path)).toEqual(['files.b.sql']);
    expect(change?.fields[0]?.before).toMatch(/^code [0-9a-f]{12}$/);
  });
});
