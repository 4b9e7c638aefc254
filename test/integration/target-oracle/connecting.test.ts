import { createPrivateKey } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isOdtmError } from '../../../src/core/errors/catalogue.ts';
import { Connection, openConnection } from '../../../src/targets/oracle/connection.ts';
import { oracleFixture, type StandInFixture } from '../../conformance/target/oracle-fixture.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';

describe('connecting to oracle', () => {
  let fixture: StandInFixture;

  beforeAll(async () => {
    fixture = await oracleFixture({ profile: '23' });
  });
  afterEach(() => fixture.standIn.inject(() => undefined));
  afterAll(() => fixture.drop());

  async function failure(changes: object, instance: object = {}): Promise<unknown> {
    const { secret } = fixture;
    const options = { secret, connectTimeoutMs: 5_000, ...changes };
    const connecting = fixture.engine.connect({
      ...options,
      instance: { ...fixture.instance, ...instance },
    });
    return connecting.then(
      (target) => target.close().then(() => 'it connected'),
      (error: unknown) => error,
    );
  }

  test('names the session for the DBA, and tells the version', async () => {
    const { instance, secret } = fixture;
    const how = { label: 'odtm run 7 purge', autocommit: false };
    const connection = await openConnection({ instance, secret, connectTimeoutMs: 5_000 }, how);
    expect(connection).toBeInstanceOf(Connection);
    expect(connection.serverVersion).toMatch(/^Oracle 23\./);
    expect(connection.serverSession).toMatch(/^[0-9A-F]+ \d+,\d+,@1$/);
    await connection.query('SELECT 1 AS one FROM dual');
    const [session] = fixture.standIn.server.sessions;
    expect(session).toMatchObject({ module: 'odtm run 7 purge', clientInfo: 'odtm run 7 purge' });
    await connection.close();
    await expect(connection.query('SELECT 1 AS one FROM dual')).rejects.toMatchObject({
      kind: 'lost',
    });
  });

  test('a wrong secret is a refused login', async () => {
    expect(await failure({ secret: 'wrong' })).toSatisfy((error) =>
      isOdtmError(error, 'LOGIN_REFUSED'),
    );
  });

  test('a server that accepts and says nothing is given up', async () => {
    fixture.standIn.inject(({ name }) => (name === 'auth' ? { kind: 'hang' } : undefined));
    const error = await failure({ connectTimeoutMs: 300 });
    expect(error).toMatchObject({ errorName: 'TARGET_UNREACHABLE' });
    expect(String(error)).toMatch(/within 0\.3 s/);
  });

  test('an option that nobody knows is named', async () => {
    const error = await failure({}, { options: { sslmode: 'require' } });
    expect(String(error)).toMatch(/option "sslmode" is none of this engine/);
  });

  test('an old server is refused with its version', async () => {
    const old = await oracleFixture({ fieldVersion: 8, version: [12, 2, 0, 1, 0] });
    const { engine, instance, secret } = old;
    const connecting = engine.connect({ instance, secret, connectTimeoutMs: 5_000 });
    await expect(connecting).rejects.toMatchObject({ errorName: 'VERSION_UNSUPPORTED' });
    await old.drop();
  });

  test('several addresses: the first that answers; also by an alias of tnsnames.ora', async () => {
    await using dir = await tempDir();
    const { port, database } = fixture.instance;
    const address = (at: number): string => `(ADDRESS=(PROTOCOL=TCP)(HOST=127.0.0.1)(PORT=${at}))`;
    const list = `(ADDRESS_LIST=(LOAD_BALANCE=OFF)(FAILOVER=ON)${address(1)}${address(port)})`;
    const descriptor = `(DESCRIPTION=${list}(CONNECT_DATA=(SERVICE_NAME=${database})))`;
    await writeFile(join(dir.path, 'tnsnames.ora'), `SHOP =\n  ${descriptor}\n`);
    const places = [
      { connect_string: descriptor },
      { connect_string: 'SHOP', tns_admin: dir.path },
      { connect_string: `127.0.0.1:${port}/${database}?retry_count=1` },
    ];
    for (const options of places) expect(await failure({}, { options })).toBe('it connected');
    const unknown = await failure({}, { options: { connect_string: 'X', tns_admin: dir.path } });
    expect(unknown).toMatchObject({ errorName: 'TARGET_UNREACHABLE' });
  });
});

function tlsFile(name: string): Promise<string> {
  return readFile(new URL(`../../support/orawire/tls/${name}`, import.meta.url), 'utf8');
}

describe('connecting to oracle over TLS', () => {
  let fixture: StandInFixture;
  let wallet: TempDir;

  beforeAll(async () => {
    const [cert, key] = await Promise.all(['cert.pem', 'key.pem'].map(tlsFile));
    fixture = await oracleFixture({ tls: { cert, key } });
    wallet = await tempDir();
    const passphrase = 'opens it';
    const cipher = { cipher: 'aes-256-cbc', passphrase, type: 'pkcs8', format: 'pem' } as const;
    const locked = createPrivateKey(key ?? '').export(cipher);
    await writeFile(join(wallet.path, 'ewallet.pem'), `${locked}${cert}`);
    await writeFile(join(wallet.path, 'key'), `${passphrase}\n`);
  });
  afterAll(async () => {
    await fixture.drop();
    await wallet.remove();
  });

  async function connect(options: Readonly<Record<string, string>>): Promise<string> {
    const { engine, secret, instance } = fixture;
    const place = { ...instance, host: 'localhost', options: { protocol: 'tcps', ...options } };
    const target = await engine.connect({ instance: place, secret, connectTimeoutMs: 5_000 });
    await target.close();
    return target.serverVersion;
  }

  test('with a wallet, which a file opens', async () => {
    const key = join(wallet.path, 'key');
    expect(await connect({ wallet: wallet.path, wallet_key_file: key })).toMatch(/^Oracle 19\./);
  });

  test('not with a certificate that nobody vouches for, nor with one of another server', async () => {
    await expect(connect({})).rejects.toMatchObject({ errorName: 'TARGET_UNREACHABLE' });
    const key = join(wallet.path, 'key');
    const other = { wallet: wallet.path, wallet_key_file: key, server_dn: 'CN=elsewhere' };
    await expect(connect(other)).rejects.toMatchObject({ errorName: 'TARGET_UNREACHABLE' });
  });

  test('a key file that is not there is named', async () => {
    const missing = join(wallet.path, 'nowhere');
    const connecting = connect({ wallet: wallet.path, wallet_key_file: missing });
    await expect(connecting).rejects.toThrow(/nowhere/);
  });
});

describe.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'connecting to oracle over %s that asks for a certificate',
  (version) => {
    let fixture: StandInFixture;

    beforeAll(async () => {
      const [cert, key, ca] = await Promise.all(['cert.pem', 'key.pem', 'client.pem'].map(tlsFile));
      fixture = await oracleFixture({
        tls: { cert, key, ca, requestCert: true, rejectUnauthorized: true, maxVersion: version },
      });
    });
    afterAll(() => fixture.drop());

    /** Connects with a wallet of these parts; without any, the wallet is none. */
    async function connect(...parts: readonly string[]): Promise<string> {
      await using folder = await tempDir();
      const texts = await Promise.all(parts.map(tlsFile));
      await writeFile(join(folder.path, 'ewallet.pem'), texts.join(''));
      const { engine, secret, instance } = fixture;
      const options = { protocol: 'tcps', ...(parts.length === 0 ? {} : { wallet: folder.path }) };
      const place = { ...instance, host: 'localhost', options };
      const target = await engine.connect({ instance: place, secret, connectTimeoutMs: 5_000 });
      await target.close();
      return target.serverVersion;
    }

    test('the certificate in the wallet lets in, and the server has verified it', async () => {
      expect(await connect('client-key.pem', 'client.pem', 'cert.pem')).toMatch(/^Oracle 19\./);
    });

    test.each([
      [
        'one that nobody vouches for',
        ['key.pem', 'cert.pem'],
        /may ask for a certificate, or not accept/,
      ],
      ['one whose key is another’s', ['key.pem', 'client.pem', 'cert.pem'], /wallet credentials/],
      ['a wallet without a key', ['cert.pem'], /wallet credentials/],
      ['no wallet', [], /self-signed certificate|may ask for a certificate/],
    ])('%s does not, and the error says where to look', async (_what, parts, reason) => {
      const error = await connect(...parts).catch((refusal: unknown) => refusal);
      expect(error).toMatchObject({ errorName: 'TARGET_UNREACHABLE' });
      expect(String(error)).toMatch(reason);
    });
  },
);
