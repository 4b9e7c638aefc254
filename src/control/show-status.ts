import { CONTROLLER_ALIVE_MS } from '../core/run/controller-life.ts';
import type { ControllerInfo } from '../ports/repository.ts';
import type { RunSummary } from '../ports/run-queries.ts';
import type { ControlPorts } from './ports.ts';

export interface Status {
  readonly controllers: readonly ControllerInfo[];
  /** Unfinished runs, the newest first. */
  readonly runs: readonly RunSummary[];
}

/** What is under way: the controllers that are alive and the runs that have not ended. */
export async function showStatus(
  ports: Pick<ControlPorts, 'queries' | 'controllers'>,
): Promise<Status> {
  const [controllers, runs] = await Promise.all([
    ports.controllers.alive(CONTROLLER_ALIVE_MS),
    ports.queries.runs({ unfinishedOnly: true, limit: 1000 }),
  ]);
  return { controllers, runs };
}

/** Whether no run has a stream that is under way or waits for a controller. */
export async function nothingToDo(ports: Pick<ControlPorts, 'queries'>): Promise<boolean> {
  const runs = await ports.queries.runs({ unfinishedOnly: true, limit: 1000 });
  return runs.every(({ streams }) => !streams.waiting && !streams.admitted && !streams.running);
}
