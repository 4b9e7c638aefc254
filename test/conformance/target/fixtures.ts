import type { TargetFixture } from './fixture.ts';
import { mariadbFixture } from './mariadb-fixture.ts';
import { oracleFixture } from './oracle-fixture.ts';
import { postgresFixture } from './postgres-fixture.ts';
import { realOracle, realOracleFixture } from './real-oracle-fixture.ts';

/** What an engine cannot do: the tests of it are skipped, with the reason in their name. */
export const LACKS: Readonly<Record<string, { readonly preview?: string }>> = {
  oracle: { preview: 'its DDL commits: previews are refused' },
};

const real = realOracle();

/** Every engine that has an adapter; each test file of the suite runs on each of them. */
export const FIXTURES: readonly [engine: string, fixture: () => Promise<TargetFixture>][] = [
  ['postgres', postgresFixture],
  ['mariadb', mariadbFixture],
  ['oracle', real === null ? () => oracleFixture() : () => realOracleFixture(real)],
];
