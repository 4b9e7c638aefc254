import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canTrustMore } from '../../../src/targets/oracle/system-certificates.ts';
import { oracleFixture, type StandInFixture } from '../../conformance/target/oracle-fixture.ts';

function tlsPath(name: string): string {
  return fileURLToPath(new URL(`../../support/orawire/tls/${name}`, import.meta.url));
}

/** What a process trusts is read once: this file, which is a process of its own, has a store of its own. */
describe.skipIf(!canTrustMore())('connecting to oracle over TLS without a wallet', () => {
  const before = process.env.SSL_CERT_FILE;
  let fixture: StandInFixture;

  beforeAll(async () => {
    process.env.SSL_CERT_FILE = tlsPath('cert.pem');
    const [cert, key] = await Promise.all(
      ['cert.pem', 'key.pem'].map((name) => readFile(tlsPath(name), 'utf8')),
    );
    fixture = await oracleFixture({ tls: { cert, key } });
  });
  afterAll(async () => {
    if (before === undefined) delete process.env.SSL_CERT_FILE;
    else process.env.SSL_CERT_FILE = before;
    await fixture.drop();
  });

  async function connect(host: string, options: Readonly<Record<string, string>>): Promise<string> {
    const { engine, secret, instance } = fixture;
    const place = { ...instance, host, options };
    const target = await engine.connect({ instance: place, secret, connectTimeoutMs: 5_000 });
    await target.close();
    return target.serverVersion;
  }

  test('a certificate that the system trusts is good', async () => {
    expect(await connect('localhost', { protocol: 'tcps' })).toMatch(/^Oracle 19\./);
    const { port, database } = fixture.instance;
    const place = `tcps://localhost:${port}/${database}`;
    expect(await connect('-', { connect_string: place })).toMatch(/^Oracle 19\./);
  });
});
