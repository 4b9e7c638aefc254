import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ParameterValue } from '../../../src/core/definitions/model.ts';
import {
  effectiveParameters,
  type ParameterScope,
} from '../../../src/core/definitions/parameters.ts';
import type { ParameterSource } from '../../../src/core/run/stream-plan.ts';
import { operation, parameter } from './fixtures.ts';

const scope = { environment: 'PROD', instance: 'shop', object: 'app.orders', variant: 'light' };

function winner(
  values: readonly ParameterValue[],
  asked: ParameterScope = scope,
): string | undefined {
  return effectiveParameters(operation({ parameters: values }), asked)[0]?.value;
}

const LEVELS = ['operation', 'environment', 'instance', 'object'] as const;

/** The rule as the documentation says it, one sentence after the other. */
function level(value: ParameterValue): ParameterSource['level'] {
  if (value.object !== null) return 'object';
  if (value.instance !== null) return 'instance';
  return value.environment !== null ? 'environment' : 'operation';
}

function scopesNamed(value: ParameterValue): number {
  return [value.environment, value.instance, value.object].filter((each) => each !== null).length;
}

function beats(a: ParameterValue, b: ParameterValue): boolean {
  if (level(a) !== level(b)) return LEVELS.indexOf(level(a)) > LEVELS.indexOf(level(b));
  if (scopesNamed(a) !== scopesNamed(b)) return scopesNamed(a) > scopesNamed(b);
  if (a.instance !== b.instance) return a.instance !== null;
  return a.variant !== null;
}

function naiveWinner(values: readonly ParameterValue[], name: string, asked: ParameterScope) {
  const taking = values.filter(
    (value) =>
      value.name === name &&
      value.enabled &&
      [null, asked.environment].includes(value.environment) &&
      [null, asked.instance].includes(value.instance) &&
      (value.object === null || value.object === asked.object) &&
      (value.variant === null || value.variant === asked.variant),
  );
  return taking.find((value) => taking.every((other) => other === value || beats(value, other)));
}

const maybe = (...texts: string[]) => fc.constantFrom(null, ...texts);

const anyValues = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom('months', 'limit'),
      enabled: fc.boolean(),
      environment: maybe('PROD', 'TEST'),
      instance: maybe('shop', 'other'),
      object: maybe('app.orders', 'app.lines'),
      variant: maybe('light', 'heavy'),
    }),
    { selector: ({ enabled: _, ...scopes }) => JSON.stringify(scopes), maxLength: 60 },
  )
  .map((list) => list.map((value, index) => parameter(String(index), value)));

const anyScope = fc.record({
  environment: fc.constantFrom('PROD', 'TEST'),
  instance: fc.constantFrom('shop', 'other'),
  object: maybe('app.orders', 'app.lines'),
  variant: maybe('light', 'heavy'),
});

describe('effective parameters', () => {
  test('agree with the rule as it is documented, whatever the order of the values', () => {
    fc.assert(
      fc.property(anyValues, anyScope, fc.boolean(), (values, asked, reversed) => {
        const given = reversed ? values.toReversed() : values;
        const found = effectiveParameters(operation({ parameters: given }), asked);
        const expected = ['limit', 'months'].flatMap(
          (name) => naiveWinner(values, name, asked) ?? [],
        );
        expect(found.map(({ name, value }) => [name, value])).toEqual(
          expected.map(({ name, value }) => [name, value]),
        );
        expect(found.map(({ source }) => source)).toEqual(
          expected.map((value) => ({
            level: level(value),
            environment: value.environment,
            instance: value.instance,
            object: value.object,
            variant: value.variant,
          })),
        );
      }),
      { numRuns: 2000 },
    );
  });

  test('operation < environment < instance < object', () => {
    const values = [
      parameter('1'),
      parameter('2', { environment: 'PROD' }),
      parameter('3', { instance: 'shop' }),
      parameter('4', { object: 'app.orders' }),
    ];
    for (let count = 1; count <= values.length; count += 1) {
      expect(winner(values.slice(0, count))).toBe(String(count));
    }
  });

  test('an object alone beats an instance with its environment', () => {
    const both = parameter('both', { environment: 'PROD', instance: 'shop' });
    expect(winner([both, parameter('object', { object: 'app.orders' })])).toBe('object');
  });

  test('within a level more scopes win, and the instance before the environment', () => {
    const object = { object: 'app.orders' };
    const inEnvironment = parameter('environment', { ...object, environment: 'PROD' });
    const onInstance = parameter('instance', { ...object, instance: 'shop' });
    expect(winner([inEnvironment, parameter('plain', object)])).toBe('environment');
    expect(winner([onInstance, inEnvironment])).toBe('instance');
  });

  test('a value of the variant wins in its own level only', () => {
    const ofVariant = parameter('variant', { variant: 'light' });
    expect(winner([ofVariant, parameter('plain')])).toBe('variant');
    expect(winner([ofVariant, parameter('environment', { environment: 'PROD' })])).toBe(
      'environment',
    );
    expect(winner([ofVariant, parameter('plain')], { ...scope, variant: null })).toBe('plain');
  });

  test('a disabled value takes no part, and another scope neither', () => {
    expect(winner([parameter('1'), parameter('2', { object: 'app.orders', enabled: false })])).toBe(
      '1',
    );
    expect(winner([parameter('1'), parameter('2', { environment: 'TEST' })])).toBe('1');
    expect(
      winner([parameter('2', { object: 'app.orders' })], { ...scope, object: null }),
    ).toBeUndefined();
  });
});
