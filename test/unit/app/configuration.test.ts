import { describe, expect, test } from 'vitest';
import { addressOf, configurationOf, type Flags } from '../../../src/app/configuration.ts';
import { OdtmError } from '../../../src/core/errors/catalogue.ts';

const URL_A = 'postgresql://odtm:geheim@db.example:5433/odtm';

function repository(flags: Flags, env: Record<string, string> = {}) {
  return configurationOf(flags, env, '/home/dba').repository;
}

function failure(flags: Flags, env: Record<string, string> = {}): OdtmError {
  try {
    configurationOf(flags, env, '/home/dba');
  } catch (error) {
    if (error instanceof OdtmError) return error;
  }
  throw new Error('it was accepted');
}

describe('the place of the repository', () => {
  test('a URL, with an address that holds no password', () => {
    expect(repository({ repository: URL_A })).toEqual({
      kind: 'url',
      url: URL_A,
      address: 'db.example:5433/odtm',
    });
  });

  test.each([
    ['a flag beats the variable of the same name', { repository: URL_A }, 'url'],
    ['a flag beats the variable of the other place', { dataDir: 'data' }, 'embedded'],
  ])('%s', (_, flags, kind) => {
    const env = { ODTM_REPOSITORY: 'postgresql://other/other', ODTM_DATA_DIR: '/elsewhere' };
    expect(repository(flags, env)).toMatchObject(
      kind === 'url' ? { url: URL_A } : { dataDir: '/home/dba/data' },
    );
  });

  test('of the variables the URL counts; an empty one does not', () => {
    const env = { ODTM_REPOSITORY: URL_A, ODTM_DATA_DIR: '/elsewhere' };
    expect(repository({}, env)).toMatchObject({ url: URL_A });
    expect(repository({}, { ...env, ODTM_REPOSITORY: '' })).toEqual({
      kind: 'embedded',
      dataDir: '/elsewhere',
    });
  });

  test('without anything: embedded, in a folder of its own', () => {
    expect(repository({})).toMatchObject({ kind: 'embedded' });
  });
});

describe('refused', () => {
  test('both flags at once', () => {
    expect(failure({ repository: URL_A, dataDir: 'data' }).message).toContain('exclude each other');
  });

  test.each(['geheim', 'mysql://u:geheim@h/d', 'postgresql://u:geheim@h', 'postgres://h/'])(
    '%s, without repeating it',
    (url) => {
      const error = failure({ repository: url });
      expect(error.errorName).toBe('CONFIGURATION_INVALID');
      expect(error.message).toContain('--repository');
      expect(error.message).not.toContain('geheim');
    },
  );

  test.each([
    ['ODTM_SLOTS', '0', 'from 1 to 1000'],
    ['ODTM_SLOTS', 'many', 'from 1 to 1000'],
    ['ODTM_SLOTS', '1001', 'from 1 to 1000'],
    ['ODTM_LOG_LEVEL', 'loud', 'info, warn, error, silent'],
    ['ODTM_LOG_FORMAT', 'xml', 'text, json'],
  ])('%s=%s', (name, value, reason) => {
    const error = failure({}, { [name]: value });
    expect(error.errorName).toBe('CONFIGURATION_INVALID');
    expect(error.message).toContain(`${name} is "${value}"`);
    expect(error.message).toContain(reason);
  });

  test('an empty folder', () => {
    expect(failure({ dataDir: ' ' }).message).toContain('must name a folder');
  });
});

test('the other settings, and their defaults', () => {
  expect(configurationOf({}, {}, '/')).toMatchObject({
    slots: 32,
    logLevel: null,
    logFormat: 'text',
  });
  const env = { ODTM_SLOTS: '4', ODTM_LOG_LEVEL: 'warn', ODTM_LOG_FORMAT: 'json' };
  expect(configurationOf({}, env, '/')).toMatchObject({
    slots: 4,
    logLevel: 'warn',
    logFormat: 'json',
  });
});

test('an address names host, port and database', () => {
  expect(addressOf('postgres:///odtm')).toBe('localhost/odtm');
  expect(addressOf('postgresql://u:p@[::1]:5432/a')).toBe('[::1]:5432/a');
  expect(addressOf('no url')).toBeNull();
});
