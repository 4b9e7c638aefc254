import { odtmError } from '../core/errors/catalogue.ts';
import { ACTIVE } from '../core/run/stream-status.ts';
import type {
  LogFilter,
  LoggedStatement,
  LoggedUnit,
  LogPage,
  RunDetail,
} from '../ports/run-queries.ts';
import type { ControlPorts } from './ports.ts';
import { showRun } from './show-run.ts';

const FOLLOW_EVERY_MS = 500;

/** Which rows of the central log; `run` may be `last`. */
export type LogQuery = Omit<LogFilter, 'runId' | 'after'> & { readonly run: string };

/** The tasks of a run: one row a try of a unit. @throws OdtmError RUN_UNKNOWN, INSTANCE_NOT_IN_RUN */
export function readTasks(
  ports: Pick<ControlPorts, 'queries'>,
  query: LogQuery,
): Promise<LogPage<LoggedUnit>> {
  return firstPage(ports, query, (filter) => ports.queries.units(filter));
}

/** The statements of a run or of one of its tasks. @throws OdtmError RUN_UNKNOWN, INSTANCE_NOT_IN_RUN */
export function readStatements(
  ports: Pick<ControlPorts, 'queries'>,
  query: LogQuery,
): Promise<LogPage<LoggedStatement>> {
  return firstPage(ports, query, (filter) => ports.queries.statements(filter));
}

/**
 * Rows of the log as they come and change, page by page, until no stream of the run is active.
 * @throws OdtmError RUN_UNKNOWN, INSTANCE_NOT_IN_RUN
 */
export async function* followLog<Row>(
  ports: Pick<ControlPorts, 'queries' | 'clock'>,
  query: LogQuery,
  read: (filter: LogFilter) => Promise<LogPage<Row>>,
  signal?: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  let after: string | undefined;
  for (;;) {
    // The status is read before the rows, so that what a stream wrote at its end is not missed.
    const { run, streams } = await runOf(ports, query);
    const { run: _, ...rest } = query;
    const page = await read({
      ...rest,
      runId: run.runId,
      ...(after === undefined ? {} : { after }),
    });
    if (page.rows.length > 0) yield page.rows;
    after = page.position;
    if (signal?.aborted) return;
    if (page.rows.length >= query.limit) continue;
    if (!streams.some(({ status }) => ACTIVE.includes(status))) return;
    await ports.clock.sleep(FOLLOW_EVERY_MS, signal);
  }
}

async function firstPage<Row>(
  ports: Pick<ControlPorts, 'queries'>,
  query: LogQuery,
  read: (filter: LogFilter) => Promise<LogPage<Row>>,
): Promise<LogPage<Row>> {
  const { run } = await runOf(ports, query);
  const { run: _, ...rest } = query;
  return read({ ...rest, runId: run.runId });
}

/** The run that is asked for. A name that is none of its instances is an error, never an empty log. */
async function runOf(
  ports: Pick<ControlPorts, 'queries'>,
  { run, instance }: LogQuery,
): Promise<RunDetail> {
  const detail = await showRun(ports, run);
  const names = detail.streams.map((stream) => stream.instance);
  if (instance === undefined || names.includes(instance)) return detail;
  const reason = `run ${detail.run.runId} has no stream there`;
  throw odtmError('INSTANCE_NOT_IN_RUN', { instance, reason, known: names.join(', ') });
}
