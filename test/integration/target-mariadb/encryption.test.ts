import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Connection as Client } from 'mariadb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Instance } from '../../../src/core/definitions/model.ts';
import { openConnection } from '../../../src/targets/mariadb/connection.ts';
import { mariadbEngine } from '../../../src/targets/mariadb/engine.ts';
import { connectTo, hasMariadb } from '../../support/mariadb/database.ts';
import {
  type MariadbServer,
  type MariadbTls,
  startMariadb,
  writeTls,
} from '../../support/mariadb/server.ts';

const SECRET = 'opens it';

function tlsPath(name: string): string {
  return fileURLToPath(new URL(`../../support/orawire/tls/${name}`, import.meta.url));
}

async function certificates(cert: string, key: string, ca: string): Promise<MariadbTls> {
  const [one, two, three] = await Promise.all(
    [cert, key, ca].map((name) => readFile(tlsPath(name), 'utf8')),
  );
  return { cert: one ?? '', key: two ?? '', ca: three ?? '' };
}

const SERVER = { sslrootcert: tlsPath('cert.pem') };
const STRANGER = { sslrootcert: tlsPath('client.pem') };
const CLIENT = { sslcert: tlsPath('client.pem'), sslkey: tlsPath('client-key.pem') };
const NOT_ACCEPTED = { sslcert: tlsPath('cert.pem'), sslkey: tlsPath('key.pem') };

describe.skipIf(!hasMariadb())('encryption of connections to MariaDB', () => {
  let server: MariadbServer;
  let root: Client;

  beforeAll(async () => {
    server = await startMariadb({
      tls: await certificates('cert.pem', 'key.pem', 'client.pem'),
    });
    root = await connectTo(server.url);
    await root.query('CREATE DATABASE shop');
    for (const [name, needs] of Object.entries({ free: 'NONE', known: 'X509', safe: 'SSL' })) {
      await root.query(`CREATE USER ${name} IDENTIFIED BY '${SECRET}' REQUIRE ${needs}`);
      await root.query(`GRANT ALL ON shop.* TO ${name}`);
    }
  });
  afterAll(async () => {
    await root.end();
    await server.stop();
  });

  function instanceOf(
    user: string,
    options: Readonly<Record<string, string>>,
    host: string,
  ): Instance {
    const { port } = new URL(server.url);
    return {
      name: 'shop',
      engine: 'mariadb',
      host,
      port: Number(port),
      database: 'shop',
      user,
      credential: 'env:SECRET',
      options,
      environments: [],
      labels: {},
      enabled: true,
      maxStreams: 1,
    };
  }

  /** The cipher of the session; empty: it is not encrypted. Or why there is no session. */
  async function cipher(
    user: string,
    options: Readonly<Record<string, string>>,
    host = '127.0.0.1',
  ): Promise<string> {
    const instance = instanceOf(user, options, host);
    const login = { instance, secret: SECRET, connectTimeoutMs: 10_000 };
    try {
      // As the controller does it, from the outside.
      await (await mariadbEngine.connect(login)).close();
      const how = { label: 'odtm', autocommit: true, database: 'shop' };
      const connection = await openConnection(login, how);
      const rows = await connection.query<{ Value: string }>("SHOW STATUS LIKE 'Ssl_cipher'");
      await connection.close();
      return rows[0]?.Value ?? '?';
    } catch (error) {
      return String(error);
    }
  }

  const ENCRYPTED = /^(?:TLS_|ECDHE|DHE)/;

  test.each([
    ['disable', {}, /^$/],
    ['prefer', {}, ENCRYPTED],
    ['require', {}, ENCRYPTED],
    ['require', STRANGER, ENCRYPTED],
    ['verify-ca', SERVER, ENCRYPTED],
    ['verify-ca', STRANGER, /cannot be reached.*self-signed certificate/s],
    ['verify-ca', {}, /cannot be reached.*self-signed certificate/s],
    ['verify-full', SERVER, ENCRYPTED],
    ['verify-full', STRANGER, /cannot be reached.*self-signed certificate/s],
    ['sometimes', {}, /sslmode "sometimes" is none of disable, prefer, require/],
    ['require', { sslcert: '/no/where.pem' }, /\/no\/where\.pem/],
  ])('sslmode %s with %j: %s', async (sslmode, files, answer) => {
    expect(await cipher('free', { sslmode, ...files })).toMatch(answer);
  });

  test('without an option a connection is encrypted where the server can', async () => {
    expect(await cipher('free', {})).toMatch(ENCRYPTED);
  });

  test('a user who may come encrypted only', async () => {
    expect(await cipher('safe', {})).toMatch(ENCRYPTED);
    expect(await cipher('safe', { sslmode: 'disable' })).toMatch(/login|Access denied/i);
  });

  test('a user who needs a certificate', async () => {
    const verified = { sslmode: 'verify-full', ...SERVER };
    expect(await cipher('known', { ...verified, ...CLIENT })).toMatch(ENCRYPTED);
    expect(await cipher('known', verified)).toMatch(/Access denied/);
    expect(await cipher('known', { ...verified, ...NOT_ACCEPTED })).toMatch(
      /cannot be reached.*alert unknown ca/s,
    );
  });

  describe('a certificate that names the address 127.0.0.1 and no host', () => {
    beforeAll(async () => {
      const folder = dirname(server.socketPath);
      await writeTls(folder, await certificates('client.pem', 'client-key.pem', 'client.pem'));
      await root.query('FLUSH SSL');
    });

    const full = { sslmode: 'verify-full', ...STRANGER };

    test('verify-ca does not ask for the name', async () => {
      expect(await cipher('free', { ...full, sslmode: 'verify-ca' }, 'localhost')).toMatch(
        ENCRYPTED,
      );
    });

    test('verify-full refuses it of the host localhost', async () => {
      const refused = await cipher('free', full, 'localhost');
      expect(refused).toMatch(/cannot be reached.*does not match certificate's altnames/s);
    });

    test('verify-full takes it of the address', async () => {
      expect(await cipher('free', full)).toMatch(ENCRYPTED);
    });
  });
});
