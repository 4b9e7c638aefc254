import pg from 'pg';
import { LineJournal } from '../../../src/app/journal.ts';
import { systemClock, systemIds } from '../../../src/app/system-clock.ts';
import type { StreamStatus } from '../../../src/core/run/stream-status.ts';
import { PgBossDispatcher } from '../../../src/dispatch/pg-boss-dispatcher.ts';
import { startController } from '../../../src/executor/controller.ts';
import type { StreamControl } from '../../../src/executor/stream-control.ts';
import type { AcquiredStream } from '../../../src/ports/repository.ts';
import { admitStreams } from '../../../src/repository/admission.ts';
import { openRepository } from '../../../src/repository/repository.ts';

/*
 * A real controller process whose streams only pass time, as long as the table fleet.work says for their
 * instance, and note in fleet.drive_log when they began and ended. A second attempt has nothing left to do.
 */

const { FLEET_URL: url = '', FLEET_ID: id = '', FLEET_SLOTS: slots = '1' } = process.env;
const journal = new LineJournal({
  level: 'info',
  format: 'text',
  write: (line) => process.stderr.write(line),
  now: () => new Date(),
});
const repository = await openRepository({ url, journal });
const dispatcher = new PgBossDispatcher({
  url,
  clock: systemClock,
  ids: systemIds,
  journal,
  admitStreams: (send) => admitStreams(repository, send),
});
const pool = new pg.Pool({ connectionString: url, max: 4 });
pool.on('error', () => undefined);

/** Again and again while the repository is away. */
async function stubbornly<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch {
      await systemClock.sleep(50);
    }
  }
}

async function note(stream: AcquiredStream, what: string): Promise<void> {
  const at = Date.now();
  const values = [
    stream.streamId,
    stream.runId,
    stream.plan.instance,
    stream.attempt,
    id,
    what,
    at,
  ];
  await stubbornly(() =>
    pool.query('insert into fleet.drive_log values ($1, $2, $3, $4, $5, $6, $7)', values),
  );
}

async function workMs(stream: AcquiredStream): Promise<number> {
  if (stream.attempt > 1) return 0;
  const { rows } = await stubbornly(() =>
    pool.query('select ms from fleet.work where instance = $1', [stream.plan.instance]),
  );
  return rows[0].ms;
}

async function end(stream: AcquiredStream, status: StreamStatus): Promise<void> {
  await note(stream, status);
  await stubbornly(() =>
    repository.streams.end(stream, {
      status: status as 'waiting' | 'completed' | 'halted',
      message: null,
      failedUnit: null,
      failure: null,
      finalFailure: null,
      finalDue: false,
    }),
  );
}

async function drive(stream: AcquiredStream, control: StreamControl): Promise<void> {
  await note(stream, 'begin');
  const untilMs = performance.now() + (await workMs(stream));
  for (;;) {
    if (control.lease() === 'lost') return note(stream, 'lost');
    if (control.wish() !== 'none') return end(stream, 'halted');
    if (control.shutdown.aborted) return end(stream, 'waiting');
    if (performance.now() >= untilMs) return end(stream, 'completed');
    await systemClock.sleep(10, control.shutdown);
  }
}

const ports = {
  streams: repository.streams,
  controllers: repository.controllers,
  dispatcher,
  clock: systemClock,
  journal,
  drive,
};
const info = { id, host: 'test', pid: process.pid, slots: Number(slots) };
const controller = await startController(ports, info);
process.once('SIGTERM', async () => {
  await controller.stop();
  await Promise.all([dispatcher.stop(), repository.close(), pool.end()]);
});
process.stdout.write('ready\n');
