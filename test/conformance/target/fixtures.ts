import type { TargetFixture } from './fixture.ts';
import { mariadbFixture } from './mariadb-fixture.ts';
import { oracleFixture } from './oracle-fixture.ts';
import { postgresFixture } from './postgres-fixture.ts';

/** What an engine, or what stands in for it here, cannot do: the tests of it are skipped, with the reason. */
export const LACKS: Readonly<Record<string, { readonly preview?: string }>> = {
  oracle: { preview: 'its DDL commits: previews are refused' },
};

/** Every engine that has an adapter; each test file of the suite runs on each of them. */
export const FIXTURES: readonly [engine: string, fixture: () => Promise<TargetFixture>][] = [
  ['postgres', postgresFixture],
  ['mariadb', mariadbFixture],
  ['oracle', () => oracleFixture()],
];
