import type { Instance } from '../../core/definitions/model.ts';

/** Attributes of a connection as the driver names them; no secret is among them. */
export interface ConnectAttributes {
  readonly user: string;
  readonly connectString: string;
  readonly configDir?: string;
  readonly walletLocation?: string;
  readonly sslServerCertDN?: string;
  readonly sslServerDNMatch?: boolean;
  readonly useSNI?: boolean;
  readonly httpsProxy?: string;
  readonly httpsProxyPort?: number;
  readonly expireTime?: number;
  readonly sdu?: number;
  readonly retryCount?: number;
  readonly retryDelay?: number;
  readonly edition?: string;
}

/** How to connect to an instance. */
export interface ConnectPlan {
  readonly attributes: ConnectAttributes;
  /** A file that holds what the wallet was locked with; null: it opens by itself, or there is none. */
  readonly walletKeyFile: string | null;
}

type Options = Readonly<Record<string, string>>;
type Reader = (value: string, name: string) => Partial<ConnectAttributes>;

/** Options that stand for one attribute of the driver. */
const READERS: Readonly<Record<string, Reader>> = {
  tns_admin: (configDir) => ({ configDir }),
  wallet: (walletLocation) => ({ walletLocation }),
  server_dn: (sslServerCertDN) => ({ sslServerCertDN }),
  dn_match: (value, name) => ({ sslServerDNMatch: switched(value, name) }),
  use_sni: (value, name) => ({ useSNI: switched(value, name) }),
  https_proxy: (httpsProxy) => ({ httpsProxy }),
  https_proxy_port: (value, name) => ({ httpsProxyPort: whole(value, name) }),
  expire_time: (value, name) => ({ expireTime: whole(value, name) }),
  sdu: (value, name) => ({ sdu: whole(value, name) }),
  retry_count: (value, name) => ({ retryCount: whole(value, name) }),
  retry_delay: (value, name) => ({ retryDelay: whole(value, name) }),
  edition: (edition) => ({ edition }),
};

/** Options that are read together with the address. */
const OF_ADDRESS = ['connect_string', 'protocol', 'proxy_user', 'wallet_key_file'];

/** A dead peer is noticed after so many minutes, where the instance says nothing else. */
const EXPIRE_MINUTES = 2;

/**
 * What an instance says about its connection. Its database is a service name; with option `connect_string`
 * (EZConnect Plus, a descriptor, or an alias of the tnsnames.ora in `tns_admin`) the address is a label only.
 * @throws Error that names an option which nobody knows, or whose value makes no sense
 */
export function connectPlan(instance: Instance): ConnectPlan {
  const { options, user } = instance;
  let attributes: ConnectAttributes = {
    user: options.proxy_user === undefined ? user : `${options.proxy_user}[${user}]`,
    connectString: options.connect_string ?? easyConnect(instance),
    expireTime: EXPIRE_MINUTES,
  };
  if (options.connect_string !== undefined && options.protocol !== undefined)
    throw new Error('option "protocol" belongs into the connect string where one is given');
  for (const [name, value] of Object.entries(options)) {
    const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
    if (read !== undefined) attributes = { ...attributes, ...read(value, name) };
    else if (!OF_ADDRESS.includes(name)) throw unknownOption(name);
  }
  return { attributes, walletKeyFile: options.wallet_key_file ?? null };
}

function unknownOption(name: string): Error {
  const known = [...OF_ADDRESS, ...Object.keys(READERS)].sort().join(', ');
  return new Error(`option "${name}" is none of this engine; it knows ${known}`);
}

function easyConnect({ host, port, database, options }: Instance): string {
  const named = host.includes(':') ? `[${host}]` : host;
  return `${protocolOf(options)}${named}:${port}/${database}`;
}

function protocolOf({ protocol = 'tcp' }: Options): string {
  if (protocol === 'tcp') return '';
  if (protocol === 'tcps') return 'tcps://';
  throw new Error(`option "protocol" is tcp or tcps, not "${protocol}"`);
}

function whole(value: string, name: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new Error(`option "${name}" is a whole number, not "${value}"`);
}

function switched(value: string, name: string): boolean {
  if (/^(?:on|true|yes)$/i.test(value)) return true;
  if (/^(?:off|false|no)$/i.test(value)) return false;
  throw new Error(`option "${name}" is on or off, not "${value}"`);
}
