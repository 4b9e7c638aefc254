import type { TargetFixture } from './fixture.ts';
import { mariadbFixture } from './mariadb-fixture.ts';
import { postgresFixture } from './postgres-fixture.ts';

/** Every engine that has an adapter; each test file of the suite runs on each of them. */
export const FIXTURES: readonly [engine: string, fixture: () => Promise<TargetFixture>][] = [
  ['postgres', postgresFixture],
  ['mariadb', mariadbFixture],
];
