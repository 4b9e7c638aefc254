import { describe, expect, test } from 'vitest';
import type { Instance } from '../../../src/core/definitions/model.ts';
import { connectPlan } from '../../../src/targets/oracle/connect-string.ts';

function instance(changes: Partial<Instance>): Instance {
  return {
    name: 'shop',
    engine: 'oracle',
    host: 'db1',
    port: 1521,
    database: 'shop.example',
    user: 'odtm',
    credential: 'env:X',
    options: {},
    environments: [],
    labels: {},
    enabled: true,
    maxStreams: 1,
    ...changes,
  };
}

const RAC =
  '(DESCRIPTION=(ADDRESS_LIST=(ADDRESS=(PROTOCOL=TCP)(HOST=a)(PORT=1521))' +
  '(ADDRESS=(PROTOCOL=TCP)(HOST=b)(PORT=1521)))(CONNECT_DATA=(SERVICE_NAME=shop)))';

describe('how an instance says where its Oracle is:', () => {
  test.each<[string, Partial<Instance>, object]>([
    ['host, port and service', {}, { connectString: 'db1:1521/shop.example', user: 'odtm' }],
    ['an IPv6 address', { host: 'fd00::7' }, { connectString: '[fd00::7]:1521/shop.example' }],
    [
      'TLS with the certificates of the system',
      { port: 2484, options: { protocol: 'tcps', server_dn: 'CN=db1' } },
      { connectString: 'tcps://db1:2484/shop.example', sslServerCertDN: 'CN=db1' },
    ],
    [
      'TLS with a wallet, without the check of the name',
      { options: { protocol: 'tcps', wallet: '/etc/wallet', dn_match: 'off', use_sni: 'on' } },
      { walletLocation: '/etc/wallet', sslServerDNMatch: false, useSNI: true },
    ],
    [
      'several hosts by EZConnect Plus',
      { options: { connect_string: 'tcp://scan1,scan2:1521/shop?failover=on' } },
      { connectString: 'tcp://scan1,scan2:1521/shop?failover=on' },
    ],
    ['a descriptor', { options: { connect_string: RAC } }, { connectString: RAC }],
    [
      'an alias of tnsnames.ora',
      { options: { connect_string: 'SHOP', tns_admin: '/etc/tns' } },
      { connectString: 'SHOP', configDir: '/etc/tns' },
    ],
    ['a proxy user', { options: { proxy_user: 'deploy' } }, { user: 'deploy[odtm]' }],
    [
      'numbers',
      { options: { expire_time: '5', sdu: '32767', retry_count: '2', retry_delay: '1' } },
      { expireTime: 5, sdu: 32767, retryCount: 2, retryDelay: 1 },
    ],
    [
      'a proxy of the network and an edition',
      { options: { https_proxy: 'p', https_proxy_port: '80', edition: 'E2' } },
      { httpsProxy: 'p', httpsProxyPort: 80, edition: 'E2' },
    ],
    ['a keep-alive in any case', {}, { expireTime: 2 }],
  ])('%s', (_what, changes, expected) => {
    expect(connectPlan(instance(changes)).attributes).toMatchObject(expected);
  });

  test('what opens a wallet stands in a file, whose path is an option', () => {
    const options = { wallet: '/w', wallet_key_file: '/run/wallet.key' };
    expect(connectPlan(instance({ options })).walletKeyFile).toBe('/run/wallet.key');
    expect(connectPlan(instance({})).walletKeyFile).toBeNull();
  });
});

describe('what makes no sense is refused:', () => {
  test.each<[Record<string, string>, RegExp]>([
    [{ sslmode: 'require' }, /"sslmode" is none .* knows .*protocol/],
    [{ toString: 'x' }, /"toString" is none/],
    [{ protocol: 'ssh' }, /"protocol" is tcp or tcps, not "ssh"/],
    [{ protocol: 'tcps', connect_string: 'SHOP' }, /"protocol" belongs into the connect string/],
    [{ expire_time: '1h' }, /"expire_time" is a whole number/],
    [{ dn_match: 'maybe' }, /"dn_match" is on or off/],
  ])('%j', (options, message) => {
    expect(() => connectPlan(instance({ options }))).toThrow(message);
  });
});
