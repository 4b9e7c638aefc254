import { odtmError } from '../core/errors/catalogue.ts';
import type { LoggedStatement, RunDetail } from '../ports/run-queries.ts';
import type { ControlPorts } from './ports.ts';
import { hasActiveStream } from './stop-run.ts';

/** What a person sees of a run at one moment. */
export interface RunSnapshot {
  readonly at: Date;
  readonly detail: RunDetail;
  /** Statements in execution; some hundreds at most. */
  readonly running: readonly LoggedStatement[];
  /** No stream is active: the last snapshot. */
  readonly over: boolean;
}

/**
 * Snapshots of a run, one an interval, until no stream is active or the signal aborts. The last one is
 * always given.
 * @throws OdtmError RUN_UNKNOWN
 */
export async function* watchRun(
  ports: Pick<ControlPorts, 'queries' | 'clock'>,
  runId: string,
  options: { readonly intervalMs: number; readonly signal?: AbortSignal },
): AsyncGenerator<RunSnapshot> {
  for (;;) {
    const detail = await ports.queries.run(runId);
    if (detail === null) throw odtmError('RUN_UNKNOWN', { run: runId });
    const over = !hasActiveStream(detail);
    const running = over
      ? []
      : (await ports.queries.statements({ runId, runningOnly: true, limit: 200 })).rows;
    yield { at: ports.clock.now(), detail, running, over };
    if (over || options.signal?.aborted) return;
    await ports.clock.sleep(options.intervalMs, options.signal);
  }
}
