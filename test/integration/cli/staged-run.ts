import { engineFor } from '../../../src/app/engines.ts';
import { systemClock } from '../../../src/app/system-clock.ts';
import { startRun } from '../../../src/control/start-run.ts';
import type { Definitions } from '../../../src/core/definitions/model.ts';
import type { StreamProgress } from '../../../src/core/run/log-records.ts';
import type { AcquiredStream, StreamEnd } from '../../../src/ports/repository.ts';
import { admitStreams } from '../../../src/repository/admission.ts';
import { openRepository, type Repository } from '../../../src/repository/repository.ts';
import { aFailure, anInstance, aUnit, sampleDefinitions } from '../../unit/cli/samples.ts';

const CONTROLLER = 'ab6a3cf6-6f4b-4c4e-9d5e-0d6f2c1b8a11';
const LEASE_MS = 60_000;

/** A run in a real repository whose streams move only when a test says so. */
export class StagedRun {
  readonly repository: Repository;
  readonly runId: string;
  private readonly streams: ReadonlyMap<string, AcquiredStream>;

  private constructor(
    repository: Repository,
    runId: string,
    streams: ReadonlyMap<string, AcquiredStream>,
  ) {
    this.repository = repository;
    this.runId = runId;
    this.streams = streams;
  }

  /** A run of operation 12 on db_00, db_01, …, all running under one controller. */
  static async create(url: string, instances: number): Promise<StagedRun> {
    const repository = await openRepository({ url });
    await repository.migrate();
    await repository.definitions.replace(definitionsOf(instances), 0, 'test');
    const controller = { id: CONTROLLER, host: 'test', pid: process.pid, slots: instances };
    await repository.controllers.register(controller);
    const streamIds: string[] = [];
    const dispatcher = {
      admit: () =>
        admitStreams(repository, async (_, jobs) => {
          streamIds.push(...jobs.map(({ streamId }) => streamId));
        }),
    };
    const ports = { ...repository, dispatcher, clock: systemClock, engine: engineFor };
    const { runId } = await startRun(ports, WANTED);
    const streams = new Map<string, AcquiredStream>();
    for (const streamId of streamIds) {
      const stream = await repository.streams.acquire(streamId, CONTROLLER, LEASE_MS);
      if (stream !== null) streams.set(stream.plan.instance, stream);
    }
    return new StagedRun(repository, runId, streams);
  }

  /** The controller still lives. */
  beat(): Promise<void> {
    return this.repository.controllers.beat(CONTROLLER);
  }

  async progress(instance: string, progress: StreamProgress): Promise<void> {
    const { streamId, token } = this.stream(instance);
    await this.repository.streams.write([
      { lease: { streamId, token }, units: [], statements: [], progress, closed: [] },
    ]);
  }

  async fail(instance: string): Promise<void> {
    await this.end(instance, {
      ...COMPLETED,
      status: 'failed',
      failedUnit: aUnit({ task: 'rebuild' }),
      failure: aFailure(),
    });
  }

  async complete(instance: string): Promise<void> {
    await this.end(instance, COMPLETED);
  }

  async completeOthers(): Promise<void> {
    const { streams } = (await this.repository.queries.run(this.runId)) ?? { streams: [] };
    for (const { instance, status } of streams) {
      if (status === 'running') await this.complete(instance);
    }
  }

  private async end(instance: string, end: StreamEnd): Promise<void> {
    const { streamId, token } = this.stream(instance);
    await this.repository.streams.end({ streamId, token }, end);
  }

  private stream(instance: string): AcquiredStream {
    const stream = this.streams.get(instance);
    if (stream === undefined) throw new Error(`The run has no stream on ${instance}.`);
    return stream;
  }
}

const WANTED = {
  operation: '12',
  environment: 'PROD',
  variant: null,
  onlyInstances: null,
  preview: null,
  keepPackage: false,
  acceptDrift: false,
  maxStreams: 1000,
  by: 'test',
} as const;

const COMPLETED: StreamEnd = {
  status: 'completed',
  message: null,
  failedUnit: null,
  failure: null,
  finalFailure: null,
  finalDue: false,
};

function definitionsOf(instances: number): Definitions {
  const names = Array.from({ length: instances }, (_, i) => `db_${String(i).padStart(2, '0')}`);
  return { ...sampleDefinitions, instances: names.map((name) => anInstance(name)) };
}
