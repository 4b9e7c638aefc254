import { cancelRun } from '../../control/cancel-run.ts';
import { haltRun } from '../../control/halt-run.ts';
import { awaitStop } from '../../control/stop-run.ts';
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
import { runDocument } from '../render/documents.ts';
import { tally } from '../render/run-text.ts';
import type { CliSession } from '../services.ts';

const NO_WAIT_OPTION: OptionSpec = {
  flags: '--no-wait',
  description: 'only ask; do not wait until nothing runs any more',
};

export const haltCommand: CommandSpec = {
  name: 'halt',
  summary: 'Stop a run after its running units; the same "odtm run" goes on later',
  arguments: [RUN_ARGUMENT],
  options: [
    { flags: '--now', description: 'cancel the running statements; they are rolled back' },
    NO_WAIT_OPTION,
    JSON_OPTION,
    ...REPOSITORY_OPTIONS,
  ],
  examples: ['odtm halt 17', 'odtm halt last --now'],
  async run(invocation) {
    const session = await invocation.session();
    const wanted = {
      now: invocation.options.flag('now'),
      by: invocation.services.user,
    };
    const runId = await haltRun(session, { ...wanted, run: argument(invocation, 0) });
    // Of a controller that was killed just now the leases lived on; without them the run halts at once.
    return acknowledge(invocation, session, runId, () =>
      haltRun(session, { ...wanted, run: runId }),
    );
  },
};

export const cancelCommand: CommandSpec = {
  name: 'cancel',
  summary: 'End a run for good; what it still owes of final is done first',
  arguments: [RUN_ARGUMENT],
  options: [
    {
      flags: '--without-final',
      description: 'give up the finals that are due, for instances that are gone for good',
    },
    NO_WAIT_OPTION,
    JSON_OPTION,
    ...REPOSITORY_OPTIONS,
  ],
  examples: ['odtm cancel 17', 'odtm cancel 17 --without-final'],
  async run(invocation) {
    const session = await invocation.session();
    const runId = await cancelRun(session, {
      run: argument(invocation, 0),
      withoutFinal: invocation.options.flag('without-final'),
      by: invocation.services.user,
    });
    // A final that is still due needs a controller; where none is alive this process is it.
    if (invocation.options.flag('wait')) await session.ensureController();
    return acknowledge(invocation, session, runId, () => session.ensureController());
  },
};

/** Waits for the acknowledgement unless told not to; its absence is a failure. */
async function acknowledge(
  { services, options, output }: Invocation,
  session: CliSession,
  runId: string,
  whenUnattended: () => Promise<unknown>,
): Promise<number> {
  if (!options.flag('wait')) {
    output.either(
      () => ({ run_id: runId, acknowledged: false }),
      () => `Asked of run ${runId}. See "odtm show ${runId}".`,
    );
    return EXIT.completed;
  }
  const leaving = new AbortController();
  const stopListening = services.onSignal(() => leaving.abort());
  const { detail, acknowledged } = await awaitStop(session, runId, {
    signal: leaving.signal,
    whenUnattended,
  }).finally(stopListening);
  output.either(
    () => ({ ...runDocument(detail.run), acknowledged }),
    () =>
      acknowledged
        ? `Run ${runId} is ${output.paint.status(detail.run.status)}: ${tally(detail.run.streams)}.`
        : `Run ${runId} has not acknowledged it: ${tally(detail.run.streams)}. ` +
          `See "odtm status" for controllers and "odtm show ${runId}".`,
  );
  return acknowledged ? EXIT.completed : EXIT.failed;
}
