import { resolve } from 'node:path';
import { odtmError } from '../core/errors/catalogue.ts';
import { defaultDataDir } from '../repository/embedded/location.ts';
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from './journal.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type RepositoryPlace =
  | { readonly kind: 'url'; readonly url: string; readonly address: string }
  | { readonly kind: 'embedded'; readonly dataDir: string };

/** What the command line says; it counts more than the environment. */
export interface Flags {
  readonly repository?: string;
  readonly dataDir?: string;
}

export interface Configuration {
  readonly repository: RepositoryPlace;
  /** How many streams a controller drives at once. */
  readonly slots: number;
  /** Null: the command decides. */
  readonly logLevel: LogLevel | null;
  readonly logFormat: LogFormat;
}

const DEFAULT_SLOTS = 32;
const MOST_SLOTS = 1_000;

/**
 * Flags, then environment, then defaults.
 * @throws OdtmError CONFIGURATION_INVALID, USAGE
 */
export function configurationOf(flags: Flags, env: Environment, cwd: string): Configuration {
  return {
    repository: repositoryOf(flags, env, cwd),
    slots: slotsOf(env),
    logLevel: oneOf(env, 'ODTM_LOG_LEVEL', LOG_LEVELS),
    logFormat: oneOf(env, 'ODTM_LOG_FORMAT', LOG_FORMATS) ?? 'text',
  };
}

function repositoryOf(flags: Flags, env: Environment, cwd: string): RepositoryPlace {
  if (flags.repository !== undefined && flags.dataDir !== undefined) {
    const problem = '--repository and --data-dir exclude each other';
    throw odtmError('USAGE', { problem, help: 'odtm --help' });
  }
  if (flags.repository !== undefined) return atUrl('--repository', flags.repository);
  if (flags.dataDir !== undefined) return embeddedIn('--data-dir', flags.dataDir, cwd);
  const url = given(env, 'ODTM_REPOSITORY');
  if (url !== null) return atUrl('ODTM_REPOSITORY', url);
  const dataDir = given(env, 'ODTM_DATA_DIR');
  if (dataDir !== null) return embeddedIn('ODTM_DATA_DIR', dataDir, cwd);
  return { kind: 'embedded', dataDir: defaultDataDir('repository') };
}

function embeddedIn(name: string, value: string, cwd: string): RepositoryPlace {
  if (value.trim() !== '') return { kind: 'embedded', dataDir: resolve(cwd, value) };
  throw odtmError('CONFIGURATION_INVALID', { name, value, reason: 'it must name a folder' });
}

function atUrl(name: string, value: string): RepositoryPlace {
  const address = addressOf(value);
  if (address !== null) return { kind: 'url', url: value, address };
  const reason = 'it must be a URL such as postgresql://user@host:5432/database';
  // A text that is no URL may still hold a password.
  throw odtmError('CONFIGURATION_INVALID', { name, value: '…', reason });
}

/** Host, port and database of a URL, for people; null where it is none. */
export function addressOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, host, pathname } = new URL(url);
  if (!['postgres:', 'postgresql:'].includes(protocol) || pathname.length < 2) return null;
  return `${host === '' ? 'localhost' : host}${pathname}`;
}

function slotsOf(env: Environment): number {
  const value = given(env, 'ODTM_SLOTS');
  if (value === null) return DEFAULT_SLOTS;
  const slots = Number(value);
  if (/^\d+$/.test(value) && slots >= 1 && slots <= MOST_SLOTS) return slots;
  const reason = `it must be a whole number from 1 to ${MOST_SLOTS}`;
  throw odtmError('CONFIGURATION_INVALID', { name: 'ODTM_SLOTS', value, reason });
}

function oneOf<const T extends string>(
  env: Environment,
  name: string,
  known: readonly T[],
): T | null {
  const value = given(env, name);
  const found = known.find((one) => one === value);
  if (value === null || found !== undefined) return found ?? null;
  const reason = `it must be one of ${known.join(', ')}`;
  throw odtmError('CONFIGURATION_INVALID', { name, value, reason });
}

/** An empty variable counts as one that is not set. */
function given(env: Environment, name: string): string | null {
  const value = env[name];
  return value === undefined || value === '' ? null : value;
}
