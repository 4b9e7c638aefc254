import { expect, test } from 'vitest';
import { checkInstance } from '../../../src/targets/mariadb/check.ts';
import type { Connection } from '../../../src/targets/mariadb/connection.ts';

/** A session on a server where nothing is installed, and which answers with one row about itself. */
function sessionOn(server: { readonly read_only: number; readonly rollback_on_timeout: number }) {
  const query = (text: string): Promise<object[]> =>
    Promise.resolve(
      text.includes('innodb_rollback_on_timeout')
        ? [{ me: 'odtm@%', lower_case: 1, ...server }]
        : [],
    );
  const session = { query, database: 'odtm', serverVersion: '10.11.6-MariaDB' };
  return session as unknown as Connection;
}

async function told(server: Parameters<typeof sessionOn>[0]) {
  const findings = await checkInstance(sessionOn(server), []);
  return findings.filter(({ what }) => what === 'connect');
}

test('a lock timeout that rolls everything back is told', async () => {
  const text = expect.stringMatching(/innodb_rollback_on_timeout = 1/);
  const usual = await told({ read_only: 0, rollback_on_timeout: 0 });
  expect(usual).not.toContainEqual({ what: 'connect', ok: true, text });
  const other = await told({ read_only: 0, rollback_on_timeout: 1 });
  expect(other).toContainEqual({ what: 'connect', ok: true, text });
});

test('a server that is read-only is told', async () => {
  const text = expect.stringMatching(/^the server is read-only/);
  const findings = await told({ read_only: 1, rollback_on_timeout: 0 });
  expect(findings).toContainEqual({ what: 'connect', ok: false, text });
});
