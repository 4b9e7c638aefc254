import type { Task } from '../core/definitions/model.ts';
import { advance, type Step, unitKey } from '../core/run/plan.ts';
import type { Position } from '../core/run/position.ts';
import type { UnitResult } from '../ports/target.ts';
import { runChunkedTask } from './chunked-task.ts';
import type { AttachedDrive } from './drive.ts';
import { runTogether } from './together.ts';
import { type PlannedUnit, runUnit } from './unit-runner.ts';

/** Runs one step and gives the position after it; each finished unit moves `onPosition` at once. */
export async function runStep(
  drive: AttachedDrive,
  position: Position,
  step: Exclude<Step, { do: 'end' }>,
  onPosition: (position: Position) => void,
): Promise<Position> {
  let at = position;
  const moved = (next: Position): void => {
    at = next;
    onPosition(next);
  };
  const { plan } = drive.stream;
  switch (step.do) {
    case 'iterator': {
      const { recordedOutcome } = await runAlone(drive, iteratorUnit(step));
      moved(advance(plan, at, { of: 'iterator', complete: recordedOutcome === 'complete' }));
      break;
    }
    case 'initial':
      // What initial switches off may be off as soon as it has been sent: a final is due from here on.
      moved({ ...at, finalDue: true });
      await runAlone(drive, attemptUnit(drive, step, 'initial'));
      moved(advance(plan, at, { of: 'initial' }));
      break;
    case 'final':
      await runAlone(drive, attemptUnit(drive, step, 'final'));
      moved(advance(plan, at, { of: 'final' }));
      break;
    case 'tasks':
      await runTogether(
        drive,
        step.tasks.map((task) => async () => {
          await runTask(drive, step, task);
          moved(advance(plan, at, { of: 'task', task: task.name }));
        }),
      );
  }
  return at;
}

type Place = Pick<Exclude<Step, { do: 'end' }>, 'object' | 'iteration'>;

async function runAlone(drive: AttachedDrive, unit: PlannedUnit): Promise<UnitResult> {
  let result: UnitResult | undefined;
  await runTogether(drive, [
    async () => {
      result = await drive.sessions.use((slot) => runUnit(drive, slot, unit));
    },
  ]);
  if (result === undefined) throw new Error('a unit ended without a result');
  return result;
}

function iteratorUnit({ object, iteration }: Place): PlannedUnit {
  return {
    kind: 'iterator',
    unit: unitKey(object, iteration, 'iterator'),
    object,
    work: { call: 'procedure', procedure: 'iterator' },
  };
}

/** `initial`, `final` and `final_error`: they repeat on purpose, so their key carries the attempt. */
export function attemptUnit(
  drive: AttachedDrive,
  { object, iteration }: Place,
  task: 'initial' | 'final' | 'final_error',
): PlannedUnit {
  return {
    kind: task === 'initial' ? 'initial' : 'final',
    unit: unitKey(object, iteration, task, { attempt: drive.stream.attempt }),
    object,
    work: { call: 'procedure', procedure: task === 'initial' ? 'initial' : 'final' },
  };
}

async function runTask(drive: AttachedDrive, place: Place, task: Task): Promise<void> {
  if (task.chunks !== null) return runChunkedTask(drive, place, task, task.chunks);
  const unit: PlannedUnit = {
    kind: 'task',
    unit: unitKey(place.object, place.iteration, task.name),
    object: place.object,
    work:
      task.sql === null
        ? { call: 'procedure', procedure: task.procedure ?? task.name }
        : { call: 'sql', sql: task.sql, doneWhen: task.doneWhen },
  };
  await drive.sessions.use((slot) => runUnit(drive, slot, unit));
}
