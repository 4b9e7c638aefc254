import { readFile } from 'node:fs/promises';
import type { ClientConfig } from 'pg';

/** How to connect: ways to try one after the other, and the options that are settings of the server. */
export interface ReadOptions {
  readonly modes: readonly ClientConfig['ssl'][];
  readonly settings: Readonly<Record<string, string>>;
}

const FILE_OPTIONS = { sslrootcert: 'ca', sslcert: 'cert', sslkey: 'key' } as const;

/**
 * Reads an instance's options: `sslmode` (disable, prefer, require, verify-ca, verify-full; by default
 * prefer) with `sslrootcert`, `sslcert` and `sslkey` as files; every other one is a setting of the server.
 */
export async function readSsl(options: Readonly<Record<string, string>>): Promise<ReadOptions> {
  const { sslmode = 'prefer', ...rest } = options;
  const settings: Record<string, string> = {};
  const files: Partial<Record<'ca' | 'cert' | 'key', string>> = {};
  for (const [name, value] of Object.entries(rest)) {
    const file = FILE_OPTIONS[name as keyof typeof FILE_OPTIONS];
    if (file === undefined) settings[name] = value;
    else files[file] = await readFile(value, 'utf8');
  }
  return { modes: modesOf(sslmode, files), settings };
}

function modesOf(sslmode: string, files: object): readonly ClientConfig['ssl'][] {
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
