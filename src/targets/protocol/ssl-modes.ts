import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';

/** How to connect: ways to try one after the other, and the options that are not about encryption. */
export interface SslOptions {
  /** False: without encryption; else what the driver hands to Node's TLS. */
  readonly modes: readonly (false | ConnectionOptions)[];
  readonly others: Readonly<Record<string, string>>;
}

const FILE_OPTIONS = { sslrootcert: 'ca', sslcert: 'cert', sslkey: 'key' } as const;

/**
 * Reads what an instance's options say about encryption: `sslmode` (disable, prefer, require, verify-ca,
 * verify-full; by default prefer) with `sslrootcert`, `sslcert` and `sslkey` as files.
 */
export async function readSslModes(options: Readonly<Record<string, string>>): Promise<SslOptions> {
  const { sslmode = 'prefer', ...rest } = options;
  const others: Record<string, string> = {};
  const files: Partial<Record<'ca' | 'cert' | 'key', string>> = {};
  for (const [name, value] of Object.entries(rest)) {
    const file = FILE_OPTIONS[name as keyof typeof FILE_OPTIONS];
    if (file === undefined) others[name] = value;
    else files[file] = await readFile(value, 'utf8');
  }
  return { modes: modesOf(sslmode, files), others };
}

function modesOf(sslmode: string, files: object): SslOptions['modes'] {
  switch (sslmode) {
    case 'disable':
      return [false];
    case 'prefer':
      return [{ rejectUnauthorized: false, ...files }, false];
    case 'require':
      return [{ rejectUnauthorized: false, ...files }];
    case 'verify-ca':
      return [{ rejectUnauthorized: true, checkServerIdentity: () => undefined, ...files }];
    case 'verify-full':
      return [{ rejectUnauthorized: true, ...files }];
    default:
      throw new Error(
        `sslmode "${sslmode}" is none of disable, prefer, require, verify-ca, verify-full`,
      );
  }
}
