import { showStatus } from '../../control/show-status.ts';
import { type CommandSpec, EXIT, JSON_OPTION, REPOSITORY_OPTIONS } from '../command.ts';
import { runDocument } from '../render/documents.ts';
import { runsTable } from '../render/run-text.ts';
import { table } from '../render/table.ts';

export const statusCommand: CommandSpec = {
  name: 'status',
  summary: 'Show the controllers that are alive and the runs that have not ended',
  options: [JSON_OPTION, ...REPOSITORY_OPTIONS],
  examples: ['odtm status'],
  async run({ services, output, session }) {
    const open = await session();
    const { controllers, runs } = await showStatus(open);
    output.either(
      () => ({
        repository: open.address,
        controllers: controllers.map(({ id, host, pid, slots }) => ({ id, host, pid, slots })),
        runs: runs.map(runDocument),
      }),
      () =>
        [
          `Repository: ${open.address}`,
          '',
          table(
            ['CONTROLLER', 'HOST', '>PROCESS', '>SLOTS'],
            controllers.map(({ id, host, pid, slots }) => [id, host, String(pid), String(slots)]),
            'No controller is alive.',
          ),
          '',
          runs.length === 0
            ? 'No unfinished runs.'
            : runsTable(runs, output.paint, services.clock.now()),
        ].join('\n'),
    );
    return EXIT.completed;
  },
};
