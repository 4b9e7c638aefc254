import { describe, expect, test } from 'vitest';
import { needsOn } from '../../../src/core/definitions/needs.ts';
import {
  PRIVILEGE_PATTERN,
  privilegeOf,
  privilegeText,
} from '../../../src/core/definitions/privilege.ts';
import { definitions, instance, operation, task } from './fixtures.ts';

describe('privileges', () => {
  test.each([
    ['drop tablespace', 'DROP TABLESPACE', null],
    ['Select On sys.v_$session', 'SELECT ON sys.v_$session', { owner: 'sys', name: 'v_$session' }],
    ['pg_signal_backend', 'PG_SIGNAL_BACKEND', null],
    ['ON COMMIT REFRESH', 'ON COMMIT REFRESH', null],
    ['ON COMMIT REFRESH ON app.Mv', 'ON COMMIT REFRESH ON app.Mv', { owner: 'app', name: 'Mv' }],
  ])('%s', (text, normal, on) => {
    expect(text).toMatch(PRIVILEGE_PATTERN);
    expect(privilegeText(text)).toBe(normal);
    expect(privilegeOf(text)).toEqual({ right: normal.replace(/ ON \S+\.\S+$/, ''), on });
  });

  test.each(['', 'SELECT ON', 'SELECT ON t', 'SELECT ON a.b.c', 'SELECT  ON a.b', 'ON a.b', 'X;Y'])(
    '"%s" is none',
    (text) => {
      expect(text).not.toMatch(PRIVILEGE_PATTERN);
    },
  );
});

describe('what tasks need on an instance', () => {
  const needs = { postgres: ['CREATEDB', 'DELETE ON @object'], oracle: ['DROP TABLESPACE'] };
  const object = { owner: 'app', order: 1, enabled: true, instances: null };
  const objects = [
    { ...object, name: 'orders' },
    { ...object, name: 'lines', instances: ['shop_us'] },
    { ...object, name: 'old', enabled: false },
  ];

  function needed(change: Parameters<typeof operation>[0], on: string): string[] {
    const all = definitions({ operations: [operation(change)] });
    const place = all.instances.find(({ name }) => name === on) ?? instance(on);
    return needsOn(all, place).map(
      (need) =>
        `${need.operation}/${need.task} ${need.privilege.right} ${need.privilege.on?.name ?? ''}`,
    );
  }

  test('is that of its engine, with the objects that are worked on there', () => {
    const tasks = [task('a', 1, { needs }), task('b', 2)];
    expect(needed({ tasks, objects }, 'shop_eu')).toEqual([
      'purge_orders/a CREATEDB ',
      'purge_orders/a DELETE orders',
    ]);
    expect(needed({ tasks, objects }, 'shop_us')).toHaveLength(3);
  });

  test('leaves out tasks and operations that do not run there', () => {
    const tasks = [task('a', 1, { needs, enabled: false }), task('b', 2)];
    expect(needed({ tasks, objects }, 'shop_eu')).toEqual([]);
    const there = { tasks: [task('a', 1, { needs })], objects };
    expect(needed({ ...there, enabled: false }, 'shop_eu')).toEqual([]);
    const instances = [{ instance: 'shop_us', enabled: true }];
    expect(needed({ ...there, instances }, 'shop_eu')).toEqual([]);
  });
});
