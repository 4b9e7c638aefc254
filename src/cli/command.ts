import type { OptionReader } from './option-reader.ts';
import type { Output } from './output.ts';
import type { CliServices, CliSession } from './services.ts';

/** Exit codes of the command line; those of errors are in the error catalogue. */
export const EXIT = {
  completed: 0,
  failed: 1,
  usage: 2,
  halted: 3,
  alreadyRunning: 4,
  /** Left by Ctrl-C while the run goes on elsewhere. */
  detached: 130,
} as const;

export interface ArgumentSpec {
  /** As in a usage line: `<run>`, or `[run]` where it may be left out. */
  readonly name: string;
  readonly description: string;
}

export interface OptionSpec {
  /** As in a usage line: `--env <code>`, `--json`. */
  readonly flags: string;
  readonly description: string;
}

/** All that a command has to work with. */
export interface Invocation {
  readonly services: CliServices;
  readonly args: readonly string[];
  readonly options: OptionReader;
  readonly output: Output;
  /** The repository, opened at the first call and closed after the command. */
  session(): Promise<CliSession>;
}

/** One command: parse, call one use case, render. */
export interface CommandSpec {
  /** One word, or two for a command in a group: `repository start`. */
  readonly name: string;
  readonly summary: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  /** Each is a whole command line with a word on what it does. */
  readonly examples: readonly string[];
  /** Returns the exit code. @throws OdtmError */
  run(invocation: Invocation): Promise<number>;
}

/** Options that say which repository; a command that opens one has them. */
export const REPOSITORY_OPTIONS: readonly OptionSpec[] = [
  {
    flags: '--repository <url>',
    description: 'URL of the repository (default: ODTM_REPOSITORY, else the embedded one)',
  },
  {
    flags: '--data-dir <folder>',
    description: 'folder of the embedded repository (default: ODTM_DATA_DIR)',
  },
];

export const JSON_OPTION: OptionSpec = { flags: '--json', description: 'write JSON' };

export const RUN_ARGUMENT: ArgumentSpec = {
  name: '<run>',
  description: 'id of the run, or "last" for the newest',
};

/** The argument at that place; the command line has been checked for it. */
export function argument(invocation: Invocation, index: number): string {
  return invocation.args[index] ?? '';
}
