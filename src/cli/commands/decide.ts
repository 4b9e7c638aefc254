import { resolveUnit } from '../../control/resolve-unit.ts';
import { skipTask } from '../../control/skip-task.ts';
import type { UnitKey } from '../../core/run/unit.ts';
import {
  argument,
  type CommandSpec,
  EXIT,
  type Invocation,
  JSON_OPTION,
  type OptionSpec,
  REPOSITORY_OPTIONS,
  RUN_ARGUMENT,
} from '../command.ts';
import { unitKeyDocument } from '../render/documents.ts';
import { unitText } from '../render/words.ts';

const INSTANCE_OPTION: OptionSpec = {
  flags: '--instance <name>',
  description: 'on which instance',
};
const REASON_OPTION: OptionSpec = { flags: '--reason <text>', description: 'why, for the record' };

export const skipCommand: CommandSpec = {
  name: 'skip',
  summary: 'Skip the failed task of a stream, with a reason; "odtm run" then goes on behind it',
  arguments: [RUN_ARGUMENT],
  options: [INSTANCE_OPTION, REASON_OPTION, JSON_OPTION, ...REPOSITORY_OPTIONS],
  examples: ['odtm skip 17 --instance shop_eu --reason "index is rebuilt by hand, ticket 4711"'],
  async run(invocation) {
    const wanted = subject(invocation);
    const { runId, unit } = await skipTask(await invocation.session(), wanted);
    answer(invocation, runId, wanted.instance, unit, 'skipped');
    return EXIT.completed;
  },
};

export const resolveCommand: CommandSpec = {
  name: 'resolve',
  summary: 'Say whether a doubtful unit took effect; "odtm run" then goes on',
  arguments: [RUN_ARGUMENT],
  options: [
    INSTANCE_OPTION,
    { flags: '--as <outcome>', description: 'done: it took effect; again: it did not, repeat it' },
    REASON_OPTION,
    JSON_OPTION,
    ...REPOSITORY_OPTIONS,
  ],
  examples: ['odtm resolve 17 --instance shop_eu --as done --reason "the partition is swapped"'],
  async run(invocation) {
    const { options } = invocation;
    const wanted = subject(invocation);
    options.required('as', 'say done (it took effect) or again (it did not)');
    const as = options.choice('as', ['done', 'again']) ?? 'again';
    const { runId, unit } = await resolveUnit(await invocation.session(), { ...wanted, as });
    const outcome = as === 'done' ? 'taken as done' : 'repeated';
    answer(invocation, runId, wanted.instance, unit, outcome);
    return EXIT.completed;
  },
};

function subject(invocation: Invocation): {
  readonly run: string;
  readonly instance: string;
  readonly reason: string;
  readonly by: string;
} {
  const { options, services } = invocation;
  return {
    run: argument(invocation, 0),
    instance: options.required('instance', 'name the instance'),
    reason: options.required('reason', 'say why, for the record'),
    by: services.user,
  };
}

function answer(
  { output }: Invocation,
  runId: string,
  instance: string,
  unit: UnitKey,
  outcome: string,
): void {
  output.either(
    () => ({ run_id: runId, instance, unit: unitKeyDocument(unit), outcome }),
    () =>
      `${instance}: ${unitText(unit)} will be ${outcome} when run ${runId} goes on with "odtm run".`,
  );
}
