import { Command } from 'commander';
import type { CommandSpec } from './command.ts';
import { schemaCommand, versionCommand } from './commands/about.ts';
import { applyCommand } from './commands/apply.ts';
import { checkCommand } from './commands/check.ts';
import { clientScriptCommand } from './commands/client-script.ts';
import { controllerCommand } from './commands/controller.ts';
import { resolveCommand, skipCommand } from './commands/decide.ts';
import { environmentsCommand, instancesCommand, operationsCommand } from './commands/lists.ts';
import { logCommand } from './commands/log.ts';
import { paramsCommand } from './commands/params.ts';
import { planCommand } from './commands/plan.ts';
import { pruneLogsCommand } from './commands/prune-logs.ts';
import {
  repositoryStartCommand,
  repositoryStatusCommand,
  repositoryStopCommand,
} from './commands/repository.ts';
import { runCommand } from './commands/run.ts';
import { runsCommand } from './commands/runs.ts';
import { showCommand } from './commands/show.ts';
import { statusCommand } from './commands/status.ts';
import { cancelCommand, haltCommand } from './commands/stop.ts';
import { uninstallCommand } from './commands/uninstall.ts';

/** The commands in groups, as the help shows them. */
export const COMMANDS: readonly {
  readonly group: string;
  readonly commands: readonly CommandSpec[];
}[] = [
  { group: 'Definitions:', commands: [planCommand, applyCommand, paramsCommand, schemaCommand] },
  {
    group: 'What is defined:',
    commands: [operationsCommand, environmentsCommand, instancesCommand],
  },
  {
    group: 'Runs:',
    commands: [runCommand, haltCommand, cancelCommand, skipCommand, resolveCommand],
  },
  { group: 'What happens:', commands: [statusCommand, runsCommand, showCommand, logCommand] },
  { group: 'Instances:', commands: [checkCommand, clientScriptCommand, uninstallCommand] },
  {
    group: 'The program:',
    commands: [
      controllerCommand,
      repositoryStartCommand,
      repositoryStopCommand,
      repositoryStatusCommand,
      pruneLogsCommand,
      versionCommand,
    ],
  },
];

const EXIT_CODES = `
Exit codes: 0 completed, 1 failed, 2 usage or definition error, 3 halted or expired or cancelled,
4 already running, 130 stopped watching while the run goes on.

Examples:
  odtm apply --project ./maintenance     put the definition files into the repository
  odtm check --env PROD                  look at every instance
  odtm run 12 --env PROD                 run operation 12, or go on with its unfinished run
  odtm log last --failed --statements    what failed, and in which statement`;

/** Where the parser writes help and errors. */
export interface ProgramIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly columns: number | undefined;
}

/** Called with the command that a command line names. */
export type Action = (
  spec: CommandSpec,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
) => Promise<void>;

/** The parser of command lines. It throws CommanderError instead of ending the process. */
export function buildProgram(version: string, io: ProgramIo, action: Action): Command {
  const program = new Command('odtm');
  program
    .description('Runs long, many-step database operations across a fleet, safely restartable.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureHelp({ subcommandTerm })
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      outputError: () => {},
      getOutHelpWidth: () => io.columns ?? 100,
      getErrHelpWidth: () => io.columns ?? 100,
    });
  for (const { group, commands } of COMMANDS) {
    program.commandsGroup(group);
    for (const spec of commands) add(program, spec, action);
  }
  return program.helpCommand('help [command]', 'Show the help of a command');
}

/** A command in a list of commands: its name and arguments; that it has options goes without saying. */
function subcommandTerm(command: Command): string {
  const names = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  return [command.name(), ...names].join(' ');
}

function add(program: Command, spec: CommandSpec, action: Action): void {
  const words = spec.name.split(' ');
  const name = words.at(-1) ?? '';
  const parent = words.length === 1 ? program : groupCommand(program, words[0] ?? '');
  const command = parent.command(name).description(spec.summary);
  command.copyInheritedSettings(parent).exitOverride().helpOption('-h, --help', 'show this help');
  for (const argument of spec.arguments ?? [])
    command.argument(argument.name, argument.description);
  for (const option of spec.options) command.option(option.flags, option.description);
  if (spec.examples.length > 0) {
    command.addHelpText('after', `\nExamples:\n${spec.examples.map((e) => `  ${e}`).join('\n')}`);
  }
  command.action(() => action(spec, command.args, command.optsWithGlobals()));
}

function groupCommand(program: Command, name: string): Command {
  const found = program.commands.find((command) => command.name() === name);
  if (found !== undefined) return found;
  return program
    .command(name)
    .description('Start, stop or look at the embedded repository')
    .exitOverride();
}
