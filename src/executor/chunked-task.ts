import type { ChunkSpec, Task } from '../core/definitions/model.ts';
import { unitKey } from '../core/run/plan.ts';
import type { PlannedObject } from '../core/run/stream-plan.ts';
import type { Chunk } from '../ports/target.ts';
import type { AttachedDrive } from './drive.ts';
import { onTarget } from './on-target.ts';
import { runTogether } from './together.ts';
import { type PlannedUnit, runUnit } from './unit-runner.ts';

interface Place {
  readonly object: PlannedObject;
  readonly iteration: number;
}

/** Cuts a task into chunks (once, recorded on the target) and runs `parallel` of them at a time. */
export async function runChunkedTask(
  drive: AttachedDrive,
  place: Place,
  task: Task,
  chunks: ChunkSpec,
): Promise<void> {
  const split: PlannedUnit = {
    kind: 'split',
    unit: unitKey(place.object, place.iteration, task.name),
    object: place.object,
    work: { call: 'split', chunks },
  };
  if ((await onTarget(() => drive.attachment.outcome(split.unit))) === null) {
    await drive.sessions.use((slot) => runUnit(drive, slot, split));
  }
  const all = await onTarget(() => drive.attachment.chunks(split.unit));
  await runChunks(drive, place, task, all, chunks.parallel);
}

async function runChunks(
  drive: AttachedDrive,
  place: Place,
  task: Task,
  all: readonly Chunk[],
  parallel: number,
): Promise<void> {
  const open = all.filter((chunk) => !chunk.done);
  const { progress, ports } = drive;
  progress.chunksBegan(all.length - open.length, all.length, ports.clock.now());
  const queue = open[Symbol.iterator]();
  const worker = (): Promise<void> =>
    drive.sessions.use(async (slot) => {
      for (const { chunk } of queue) {
        await runUnit(drive, slot, chunkUnit(place, task, chunk));
        progress.chunkDone();
      }
    });
  await runTogether(
    drive,
    Array.from({ length: Math.min(parallel, open.length) }, () => worker),
  );
  progress.chunksEnded();
}

function chunkUnit({ object, iteration }: Place, task: Task, chunk: number): PlannedUnit {
  return {
    kind: 'task',
    unit: unitKey(object, iteration, task.name, { chunk }),
    object,
    work: { call: 'procedure', procedure: task.procedure ?? task.name },
  };
}
