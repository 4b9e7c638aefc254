import type { CommanderError } from 'commander';
import { odtmError } from '../core/errors/catalogue.ts';
import { type CommandSpec, EXIT, type Invocation } from './command.ts';
import { connectionOptions } from './connection-options.ts';
import { OptionReader } from './option-reader.ts';
import { Output } from './output.ts';
import { buildProgram, COMMANDS } from './program.ts';
import { asOdtmError, errorDocument, errorText } from './render/errors.ts';
import { Paint } from './render/paint.ts';
import type { CliServices, CliSession } from './services.ts';

/**
 * Runs one command line (without the program's own name) and returns its exit code. What goes wrong is
 * written to the error stream, as JSON where `--json` was asked for; nothing is thrown.
 */
export async function runCli(argv: readonly string[], services: CliServices): Promise<number> {
  try {
    return await parseAndRun(argv, services);
  } catch (error) {
    const known = asOdtmError(error);
    const paint = new Paint(Paint.wanted(services.err, services.env));
    services.err.write(
      argv.includes('--json')
        ? `${JSON.stringify(errorDocument(known), null, 2)}\n`
        : `${errorText(known, paint)}\n`,
    );
    return known.entry.exitCode;
  }
}

async function parseAndRun(argv: readonly string[], services: CliServices): Promise<number> {
  let exitCode: number = EXIT.completed;
  const io = {
    out: (text: string) => services.out.write(text),
    err: (text: string) => services.err.write(text),
    columns: services.out.columns,
  };
  const program = buildProgram(services.version, io, async (spec, args, options) => {
    exitCode = await runCommand(spec, args, options, services);
  });
  if (argv.length === 0) {
    program.outputHelp({ error: true });
    return EXIT.usage;
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!isCommanderError(error)) throw error;
    if (error.exitCode === 0) return EXIT.completed;
    throw usageError(error, argv);
  }
  return exitCode;
}

async function runCommand(
  spec: CommandSpec,
  args: readonly string[],
  values: Readonly<Record<string, unknown>>,
  services: CliServices,
): Promise<number> {
  const options = new OptionReader(spec.name, values);
  const output = new Output(services, services.env, options.flag('json'));
  let opening: Promise<CliSession> | undefined;
  const session = (): Promise<CliSession> => {
    opening ??= services.connect(connectionOptions(options));
    return opening;
  };
  const invocation: Invocation = { services, args, options, output, session };
  try {
    return await spec.run(invocation);
  } finally {
    // An opening that failed has been reported by the command that waited for it.
    const open = await opening?.catch(() => undefined);
    await open?.close();
  }
}

function isCommanderError(error: unknown): error is CommanderError {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}

/** What the parser found wrong, as an error of the catalogue. */
function usageError(error: CommanderError, argv: readonly string[]): Error {
  const words = argv.filter((word) => !word.startsWith('-'));
  if (error.code === 'commander.help') {
    return words[0] === 'help'
      ? odtmError('USAGE', { problem: `Unknown command '${words[1]}'.`, help: 'odtm --help' })
      : odtmError('USAGE', { problem: 'A command is missing.', help: `odtm ${words[0]} --help` });
  }
  const text = error.message.replace(/^error: /, '').replace(/\n/g, ' ');
  const problem = `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?)]$/.test(text) ? '' : '.'}`;
  return odtmError('USAGE', { problem, help: helpFor(words[0]) });
}

/** The help of a command, or of the program where no such command is. */
function helpFor(word: string | undefined): string {
  const names = COMMANDS.flatMap(({ commands }) => commands.map(({ name }) => name.split(' ')[0]));
  return word !== undefined && names.includes(word) ? `odtm ${word} --help` : 'odtm --help';
}
