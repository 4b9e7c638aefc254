import { listRuns } from '../../control/list-runs.ts';
import { type CommandSpec, EXIT, JSON_OPTION, REPOSITORY_OPTIONS } from '../command.ts';
import { runDocument } from '../render/documents.ts';
import { runsTable } from '../render/run-text.ts';
import { ENVIRONMENT_OPTION } from './params.ts';

export const runsCommand: CommandSpec = {
  name: 'runs',
  summary: 'List runs, the newest first',
  options: [
    { flags: '--operation <operation>', description: 'only of this operation (id or name)' },
    ENVIRONMENT_OPTION,
    { flags: '--unfinished', description: 'only runs that have not ended' },
    { flags: '--limit <number>', description: 'how many at most (default: 20)' },
    JSON_OPTION,
    ...REPOSITORY_OPTIONS,
  ],
  examples: ['odtm runs', 'odtm runs --operation 12 --env PROD --limit 5'],
  async run({ services, options, output, session }) {
    const filter = {
      operation: options.text('operation'),
      environment: options.text('env'),
      unfinishedOnly: options.flag('unfinished'),
      limit: options.integer('limit', 1, 100_000) ?? 20,
    };
    const runs = await listRuns(await session(), filter);
    output.either(
      () => ({ runs: runs.map(runDocument) }),
      () => runsTable(runs, output.paint, services.clock.now()),
    );
    return EXIT.completed;
  },
};
