import { showRun } from '../../control/show-run.ts';
import { attach } from '../attach.ts';
import {
  argument,
  type CommandSpec,
  EXIT,
  JSON_OPTION,
  REPOSITORY_OPTIONS,
  RUN_ARGUMENT,
} from '../command.ts';
import { detailDocument } from '../render/documents.ts';
import { detailText } from '../render/run-text.ts';

export const showCommand: CommandSpec = {
  name: 'show',
  summary: 'Show a run: its streams, what failed, and what people did to it',
  arguments: [RUN_ARGUMENT],
  options: [
    { flags: '--follow', description: 'watch it; the exit code is then that of the run' },
    { flags: '--plain', description: 'a line a change instead of the live view' },
    JSON_OPTION,
    ...REPOSITORY_OPTIONS,
  ],
  examples: ['odtm show 17', 'odtm show last --follow'],
  async run(invocation) {
    const { output, options, services } = invocation;
    const session = await invocation.session();
    const detail = await showRun(session, argument(invocation, 0));
    if (options.flag('follow')) {
      return attach(invocation, session, detail.run.runId, { drive: false });
    }
    const now = services.clock.now();
    output.either(
      () => detailDocument(detail, now),
      () => detailText(detail, output.paint, now),
    );
    return EXIT.completed;
  },
};
