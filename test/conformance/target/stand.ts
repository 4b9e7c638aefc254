import { randomUUID } from 'node:crypto';
import type { PackageVersion } from '../../../src/core/definitions/model.ts';
import type { StatementRecord } from '../../../src/core/run/log-records.ts';
import type { EffectiveParameter, PlannedObject } from '../../../src/core/run/stream-plan.ts';
import type { UnitKey, UnitKind } from '../../../src/core/run/unit.ts';
import {
  type Attachment,
  type PreviewMode,
  type StreamIdentity,
  type Target,
  TargetError,
  type UnitCall,
  type UnitResult,
  type UnitSession,
  type UnitWork,
} from '../../../src/ports/target.ts';
import type { TargetFixture } from './fixture.ts';

export const NO_OBJECT: PlannedObject = { id: '', owner: null, name: null, parameters: [] };

/** A parameter of the operation, or with an object's id one of that object. */
export function parameter(
  name: string,
  type: EffectiveParameter['type'],
  value: string,
  object: string | null = null,
): EffectiveParameter {
  const level = object === null ? 'operation' : 'object';
  return {
    name,
    type,
    value,
    source: { level, environment: null, instance: null, object, variant: null },
  };
}

/** What a test does with a target: connects, attaches a stream to it, runs units. */
export class Stand {
  readonly fixture: TargetFixture;
  readonly handle = randomUUID();
  private readonly open: { close(): Promise<void> }[] = [];

  constructor(fixture: TargetFixture) {
    this.fixture = fixture;
  }

  async connect(): Promise<Target> {
    const { engine, instance, secret } = this.fixture;
    const target = await engine.connect({ instance, secret, connectTimeoutMs: 10_000 });
    this.open.push(target);
    return target;
  }

  /** Connects, installs and attaches. */
  async attach(attempt = 1, options: AttachOptions = {}): Promise<Attachment> {
    const target = await this.connect();
    if (options.preview === undefined)
      await target.install({ package: this.fixture.package, acceptDrift: false });
    return this.attachTo(target, attempt, options);
  }

  async attachTo(target: Target, attempt = 1, options: AttachOptions = {}): Promise<Attachment> {
    const attachment = await target.attach(this.identity(attempt, options));
    this.open.push(attachment);
    return attachment;
  }

  identity(attempt: number, options: AttachOptions): StreamIdentity {
    const { instance, package: version } = this.fixture;
    const rounds = [parameter('rounds', 'number', '2')];
    return {
      handle: this.handle,
      runId: options.runId ?? '7',
      attempt,
      plan: {
        operation: { id: 12, name: 'conformance' },
        environment: { id: 1, code: 'TEST' },
        variant: null,
        instance: instance.name,
        engine: instance.engine,
        package: { name: version.name, sha256: version.sha256 },
        tasks: [],
        objects: options.objects ?? [{ ...NO_OBJECT, parameters: rounds }],
        maxDurationMs: null,
      },
      preview: options.preview ?? null,
      package: options.package ?? version,
    };
  }

  /** Closes everything; rows of the stream stay. */
  async close(): Promise<void> {
    for (const each of this.open.reverse()) await each.close();
  }
}

export interface AttachOptions {
  readonly objects?: readonly PlannedObject[];
  readonly preview?: PreviewMode;
  readonly runId?: string;
  readonly package?: PackageVersion;
}

/** A unit that calls a procedure named as the task. */
export function callOf(
  task: string,
  changes: Partial<UnitCall> & { key?: Partial<UnitKey> } = {},
): UnitCall {
  const { key, ...rest } = changes;
  const streamAttempt = rest.streamAttempt ?? 1;
  const kind = kindOf(task);
  const repeats = kind === 'initial' || kind === 'final';
  const procedure = task === 'final_error' ? 'final' : task;
  return {
    kind,
    unit: {
      object: '',
      iteration: 1,
      task,
      chunk: 0,
      attempt: repeats ? streamAttempt : 0,
      ...key,
    },
    streamAttempt,
    try: 1,
    object: NO_OBJECT,
    work: { call: 'procedure', procedure },
    ...rest,
  };
}

function kindOf(task: string): UnitKind {
  if (task === 'iterator' || task === 'initial') return task;
  return task === 'final' || task === 'final_error' ? 'final' : 'task';
}

/** A plain-SQL unit. */
export function sqlCall(
  sql: string,
  changes: Parameters<typeof callOf>[1] & { doneWhen?: string } = {},
): UnitCall {
  const { doneWhen = null, ...rest } = changes;
  const work: UnitWork = { call: 'sql', sql, doneWhen };
  return callOf('plain', { ...rest, work });
}

/** What came of running a unit. */
export interface Ran {
  readonly result: UnitResult | null;
  readonly error: TargetError | null;
  readonly events: readonly StatementRecord[];
  /** The last event of each statement, by seq. */
  readonly statements: readonly StatementRecord[];
}

/** Runs a unit and collects what happened in it. `live` sees each event as it comes. */
export async function run(
  session: UnitSession,
  call: UnitCall,
  live: (record: StatementRecord) => void = () => {},
): Promise<Ran> {
  const events: StatementRecord[] = [];
  const last = new Map<number, StatementRecord>();
  const statement = (record: StatementRecord): void => {
    events.push(record);
    last.set(record.seq, record);
    live(record);
  };
  const outcome = await session.run(call, { statement }).then(
    (result) => ({ result, error: null }),
    (error: unknown) => {
      if (error instanceof TargetError) return { result: null, error };
      throw error;
    },
  );
  const statements = [...last.values()].sort((a, b) => a.seq - b.seq);
  return { ...outcome, events, statements };
}
