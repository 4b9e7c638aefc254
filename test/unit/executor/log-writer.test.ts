import { describe, expect, it } from 'vitest';
import { odtmError } from '../../../src/core/errors/catalogue.ts';
import type { UnitRecord } from '../../../src/core/run/log-records.ts';
import { LogWriter } from '../../../src/executor/log-writer.ts';
import { DEFAULT_SETTINGS } from '../../../src/executor/ports.ts';
import { StreamLog } from '../../../src/executor/stream-log.ts';
import { NO_FAULTS } from '../../../src/ports/fault-points.ts';
import type { AcquiredStream, LogBatch } from '../../../src/ports/repository.ts';
import { SimClock } from '../../simulation/sim-clock.ts';
import { SILENT } from '../../simulation/world.ts';
import { planOf } from '../run/stream-model.ts';

function stream(streamId: string): AcquiredStream {
  return {
    ...{ streamId, runId: '1', handle: streamId, token: streamId, attempt: 1, decisions: [] },
    ...{ plan: planOf({ objects: [{ id: '', iterations: 1 }], orders: [1] }), preview: null },
    ...{ acceptDrift: false, wish: 'none', finalDue: false, workedMs: 0, awayMs: 0, rowsBefore: 0 },
  };
}

function done(task: string): UnitRecord {
  const at = new Date(0);
  return {
    ...{ unit: { object: '', iteration: 1, task, chunk: 0, attempt: 0 }, streamAttempt: 1, try: 1 },
    ...{ kind: 'task', status: 'done', startedAt: at, endedAt: at, elapsedMs: 1, rows: 1 },
    ...{ statements: 1, message: null, failure: null },
  };
}

/** A writer on a repository that refuses or loses what the test says. */
function writerOn(refuse: (batches: readonly LogBatch[]) => Error | null) {
  const written: string[] = [];
  const streams = {
    write: (batches: readonly LogBatch[]) => {
      const error = refuse(batches);
      if (error !== null) return Promise.reject(error);
      for (const { lease, units } of batches) {
        written.push(...units.map(({ unit }) => `${lease.streamId} ${unit.task}`));
      }
      return Promise.resolve(new Set(batches.map(({ lease }) => lease.streamId)));
    },
  };
  const settings = DEFAULT_SETTINGS;
  const writer = new LogWriter({
    ...{ streams, clock: new SimClock(), journal: SILENT, faults: NO_FAULTS, settings },
  });
  return { writer, written };
}

describe('the writer of the central log', () => {
  it('does not wait for a target that does not answer', async () => {
    const { writer, written } = writerOn(() => null);
    const silent = new StreamLog(writer, stream('silent'));
    const lively = new StreamLog(writer, stream('lively'));
    silent.onWritten = () => new Promise(() => undefined);
    silent.acknowledgeAfterWrite(done('one').unit);
    silent.record(done('one'));
    expect(await silent.flush()).toBe(true);
    lively.record(done('two'));
    expect(await lively.flush()).toBe(true);
    expect(written).toEqual(['silent one', 'lively two']);
  });

  it('keeps only the log of a stream whose records are refused', async () => {
    const isPoisoned = (batches: readonly LogBatch[]): boolean =>
      batches.some(({ units }) => units.some(({ unit }) => unit.task === 'poison'));
    const { writer, written } = writerOn((batches) =>
      isPoisoned(batches) ? new Error('value out of range') : null,
    );
    const bad = new StreamLog(writer, stream('bad'));
    const good = new StreamLog(writer, stream('good'));
    bad.record(done('poison'));
    good.record(done('one'));
    expect(await good.flush()).toBe(true);
    expect(written).toEqual(['good one']);
    expect(bad.unwritten).toBe(1);
    expect(await bad.flush()).toBe(false);
  });

  it('keeps everything while the repository is away, and loses nothing', async () => {
    let away = true;
    const address = 'db1:5432/odtm';
    const { writer, written } = writerOn(() =>
      away ? odtmError('REPOSITORY_UNREACHABLE', { address, reason: 'refused' }) : null,
    );
    const first = new StreamLog(writer, stream('first'));
    const second = new StreamLog(writer, stream('second'));
    first.record(done('one'));
    second.record(done('two'));
    expect(await first.flush()).toBe(false);
    away = false;
    expect(await second.flush()).toBe(true);
    expect(written).toEqual(['first one', 'second two']);
  });
});
