import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';

/** How to connect: ways to try one after the other, and the options that are settings of the session. */
export interface ReadOptions {
  /** False: without encryption; else what the driver hands to Node's TLS. */
  readonly modes: readonly (false | ConnectionOptions)[];
  readonly settings: Readonly<Record<string, string>>;
}

const FILE_OPTIONS = { sslrootcert: 'ca', sslcert: 'cert', sslkey: 'key' } as const;

/** A value of a session variable: a number, a word, or a quoted text without quotes inside. */
const SETTING_VALUE = /^(?:[\w.-]+|'[^'\\]*')$/;

/**
 * Reads an instance's options: `sslmode` (disable, prefer, require, verify-ca, verify-full; by default
 * prefer) with `sslrootcert`, `sslcert` and `sslkey` as files; every other one is a session variable.
 */
export async function readSsl(options: Readonly<Record<string, string>>): Promise<ReadOptions> {
  const { sslmode = 'prefer', ...rest } = options;
  const settings: Record<string, string> = {};
  const files: Partial<Record<'ca' | 'cert' | 'key', string>> = {};
  for (const [name, value] of Object.entries(rest)) {
    const file = FILE_OPTIONS[name as keyof typeof FILE_OPTIONS];
    if (file !== undefined) files[file] = await readFile(value, 'utf8');
    else if (SETTING_VALUE.test(value)) settings[name] = value;
    else
      throw new Error(`option "${name}" has a value that is none of a session variable: ${value}`);
  }
  return { modes: modesOf(sslmode, files), settings };
}

function modesOf(sslmode: string, files: object): ReadOptions['modes'] {
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
