import { expect, test } from 'vitest';
import { isNewerThanTested, isServed, versionOf } from '../../../src/targets/mariadb/version.ts';

test.each([
  ['10.5.27-MariaDB', [10, 5], false, false],
  ['10.6.0-MariaDB-log', [10, 6], true, false],
  ['10.6.12-8-MariaDB-enterprise-log', [10, 6], true, false],
  ['5.5.5-10.11.6-MariaDB-0+deb12u1', [10, 11], true, false],
  ['11.4.2-MariaDB-ubu2404', [11, 4], true, true],
  ['12.0.1-MariaDB', [12, 0], true, true],
  ['8.0.36-0ubuntu0.22.04.1', null, false, false],
  ['5.7.44-log', null, false, false],
  ['', null, false, false],
] as const)('%s', (text, version, served, newer) => {
  expect(versionOf(text)).toEqual(version);
  expect(isServed(text)).toBe(served);
  expect(isNewerThanTested(text)).toBe(newer);
});
