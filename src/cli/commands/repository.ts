import {
  type CommandSpec,
  EXIT,
  type Invocation,
  JSON_OPTION,
  type OptionSpec,
  REPOSITORY_OPTIONS,
} from '../command.ts';
import { connectionOptions } from '../connection-options.ts';
import type { EmbeddedStatus } from '../services.ts';

const OPTIONS: readonly OptionSpec[] = [JSON_OPTION, ...REPOSITORY_OPTIONS];

export const repositoryStartCommand: CommandSpec = {
  name: 'repository start',
  summary: 'Start the embedded repository; it stays when this command ends',
  options: OPTIONS,
  examples: ['odtm repository start --data-dir ./odtm-data'],
  async run(invocation) {
    const status = await invocation.services.embedded.start(connectionOptions(invocation.options));
    return answer(invocation, status);
  },
};

export const repositoryStopCommand: CommandSpec = {
  name: 'repository stop',
  summary: 'Stop the embedded repository',
  options: OPTIONS,
  examples: ['odtm repository stop'],
  async run({ services, options, output }) {
    const stopped = await services.embedded.stop(connectionOptions(options));
    output.either(
      () => ({ stopped }),
      () => (stopped ? 'The embedded repository is stopped.' : 'It did not run.'),
    );
    return EXIT.completed;
  },
};

export const repositoryStatusCommand: CommandSpec = {
  name: 'repository status',
  summary: 'Show whether the embedded repository runs, and where',
  options: OPTIONS,
  examples: ['odtm repository status --json'],
  async run(invocation) {
    const status = await invocation.services.embedded.status(connectionOptions(invocation.options));
    return answer(invocation, status);
  },
};

function answer({ output }: Invocation, status: EmbeddedStatus): number {
  output.either(
    () => ({
      running: status.running,
      data_dir: status.dataDir,
      port: status.port,
      pid: status.pid,
      version: status.version,
    }),
    () =>
      status.running
        ? `Running in ${status.dataDir}, port ${status.port}, version ${status.version}.`
        : `Not running; its folder is ${status.dataDir}.`,
  );
  return EXIT.completed;
}
