import { pruneLogs } from '../../control/prune-logs.ts';
import { type CommandSpec, EXIT, JSON_OPTION, REPOSITORY_OPTIONS } from '../command.ts';
import { counted, moment } from '../render/words.ts';

export const pruneLogsCommand: CommandSpec = {
  name: 'prune-logs',
  summary: 'Delete the logs of runs that ended long ago',
  options: [
    { flags: '--older-than <duration>', description: 'ended longer ago than this, such as 90d' },
    JSON_OPTION,
    ...REPOSITORY_OPTIONS,
  ],
  examples: ['odtm prune-logs --older-than 90d'],
  async run({ options, output, session }) {
    options.required('older-than', 'give a duration such as 90d');
    const pruned = await pruneLogs(await session(), options.durationMs('older-than') ?? 0);
    const { endedBefore, runs, units, statements } = pruned;
    output.either(
      () => ({ ended_before: endedBefore, runs, tasks: units, statements }),
      () =>
        `Deleted the logs of ${counted(runs, 'run')} that ended before ${moment(endedBefore)}: ` +
        `${counted(units, 'task')}, ${counted(statements, 'statement')}.`,
    );
    return EXIT.completed;
  },
};
