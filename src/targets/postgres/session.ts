import { unitId } from '../../core/run/unit.ts';
import type { UnitCall, UnitEvents, UnitResult, UnitSession } from '../../ports/target.ts';
import { type PreviewMode, TargetError } from '../../ports/target.ts';
import { StatementFeed } from '../protocol/statement-feed.ts';
import { inDoubt } from '../protocol/unit-words.ts';
import { BACKEND_START, type Connection } from './connection.ts';
import {
  COMPLETE,
  type ErrorScene,
  NEEDS_NO_TRANSACTION,
  NOTHING_TO_PERFORM,
  sqlState,
  targetError,
} from './errors.ts';
import type { Monitor } from './monitor.ts';
import { tellNotice } from './notices.ts';
import type { PackageLines } from './package-lines.ts';
import { runPlain } from './plain-run.ts';
import { type PlainStatement, plainStatement } from './plain-sql.ts';
import { withoutSemicolon } from './sql-tokens.ts';
import {
  type RecordUnitRow,
  type RunUnitRow,
  recordUnit,
  runUnit,
  type ServerWork,
  type StreamRef,
  statementsOfUnit,
} from './unit-sql.ts';

/** What a session of a stream works with. */
export interface SessionParts {
  readonly connection: Connection;
  /** Another session of the instance, for cancelling. */
  readonly monitorSession: Connection;
  readonly monitor: Monitor;
  readonly stream: StreamRef;
  readonly instance: string;
  readonly packageName: string;
  readonly lines: PackageLines;
  readonly preview: PreviewMode | null;
  /** In a preview: one unit after the other, each in its savepoint. */
  readonly around: <T>(work: () => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

interface Active {
  cancelAsked: boolean;
  /** What a cancel was meant for has ended. */
  ended: boolean;
}

const CANCEL_EVERY_MS = 200;

/** A session of a stream: runs one unit at a time. */
export class PostgresSession implements UnitSession {
  readonly parts: SessionParts;
  private active: Active | null = null;
  /** Requests to cancel that the server has not answered yet. */
  private readonly cancelRequests = new Set<Promise<void>>();

  constructor(parts: SessionParts) {
    this.parts = parts;
  }

  async run(call: UnitCall, events: UnitEvents): Promise<UnitResult> {
    // A request that was meant for the unit before must not arrive in this one.
    if (this.cancelRequests.size > 0) await Promise.allSettled(this.cancelRequests);
    const { connection, monitor, preview } = this.parts;
    const feed = new StatementFeed(call, events, preview !== null);
    const active: Active = { cancelAsked: false, ended: false };
    this.active = active;
    const unwatch = monitor.watch({
      connection,
      statementSinceMs: () => feed.runningSinceMs,
      sawWorkers: (count) => feed.sawWorkers(count),
    });
    try {
      return await this.runUnit(call, feed, active);
    } catch (error) {
      const failure = targetError(error, this.scene(feed, active));
      // What became of a unit whose connection is lost is not known yet: its statements stay open.
      if (failure.kind !== 'lost') feed.failed(failure.failure);
      throw failure;
    } finally {
      active.ended = true;
      unwatch();
    }
  }

  cancel(): Promise<void> {
    const { active } = this;
    if (active === null || active.ended) return Promise.resolve();
    active.cancelAsked = true;
    return this.askToCancel(active);
  }

  close(): Promise<void> {
    return this.parts.close();
  }

  /** A request that arrives before the server has begun is lost, so it is made until the unit has ended. */
  private async askToCancel(active: Active): Promise<void> {
    if (active.ended) return;
    const { monitorSession, connection } = this.parts;
    const request = cancelBackend(monitorSession, connection);
    this.cancelRequests.add(request);
    await request.finally(() => this.cancelRequests.delete(request));
    setTimeout(() => {
      this.askToCancel(active).catch(() => undefined);
    }, CANCEL_EVERY_MS).unref();
  }

  private scene(feed: StatementFeed, active: Active): ErrorScene {
    return {
      cancelAsked: active.cancelAsked,
      statement: feed.runningText,
      lines: this.parts.lines,
    };
  }

  private async runUnit(call: UnitCall, feed: StatementFeed, active: Active): Promise<UnitResult> {
    const statement = call.work.call === 'sql' ? plainStatement(call.work.sql) : null;
    if (statement !== null) return this.runPlain(call, feed, active, statement);
    try {
      const row = await this.listening(feed, () => this.callServer(call, feed, active));
      // An intent of an earlier try, which only trying had shown to be unfit for a transaction.
      if (row.recorded === 'started' && call.work.call === 'sql')
        return await this.runPlain(call, feed, active, { kind: 'other' });
      return await this.resultOf(call, feed, row);
    } catch (error) {
      const state = sqlState(error);
      if (NEEDS_NO_TRANSACTION.has(state) && call.work.call === 'sql') {
        feed.takenBack();
        return this.runPlain(call, feed, active, { kind: 'other' });
      }
      const said = error instanceof TargetError ? outcomeSaid(state, call) : null;
      if (said === null || !(error instanceof TargetError)) throw error;
      feed.takenBack();
      return this.recordSaid(call, said, error.message);
    }
  }

  private callServer(call: UnitCall, feed: StatementFeed, active: Active): Promise<RunUnitRow> {
    const { connection, stream, packageName } = this.parts;
    return runUnit(connection, stream, call, packageName, serverWork(call), () =>
      this.scene(feed, active),
    );
  }

  private listening<T>(feed: StatementFeed, work: () => Promise<T>): Promise<T> {
    const { connection, around } = this.parts;
    return around(async () => {
      connection.onNotice = (notice) => tellNotice(feed, notice);
      try {
        return await work();
      } finally {
        connection.onNotice = null;
      }
    });
  }

  private async resultOf(
    call: UnitCall,
    feed: StatementFeed,
    row: RunUnitRow,
  ): Promise<UnitResult> {
    const { connection, preview, instance } = this.parts;
    if (row.recorded === 'started') {
      const reason =
        'an earlier form of this task was begun, commits by itself, and has no end recorded';
      throw inDoubt(unitId(call.unit), instance, reason);
    }
    if (preview === null && row.outcome === 'done' && row.statements !== feed.executedCount)
      feed.settle(await statementsOfUnit(connection, row.unit_id));
    return {
      outcome: row.outcome,
      recordedOutcome: row.recorded,
      message: row.message,
      elapsedMs: row.elapsed_ms,
      rows: row.row_count === null ? null : Number(row.row_count),
      statements: row.statements,
    };
  }

  private async recordSaid(
    call: UnitCall,
    outcome: 'done' | 'complete',
    message: string,
  ): Promise<UnitResult> {
    const { connection, stream, around } = this.parts;
    const row: RecordUnitRow = await around(() =>
      recordUnit(connection, stream, call, outcome, message),
    );
    return {
      outcome: row.outcome,
      recordedOutcome: row.recorded,
      message: row.message,
      elapsedMs: null,
      rows: null,
      statements: 0,
    };
  }

  private async runPlain(
    call: UnitCall,
    feed: StatementFeed,
    active: Active,
    statement: PlainStatement,
  ): Promise<UnitResult> {
    const { work } = call;
    if (work.call !== 'sql') throw new Error('only plain SQL can run outside of a transaction');
    if (this.parts.preview !== null) {
      feed.beganPlain(work.sql);
      feed.endedPlain(null);
      return this.recordSaid(call, 'done', 'Not executed: it cannot run in a transaction.');
    }
    return runPlain({
      session: this.parts.connection,
      stream: this.parts.stream,
      instance: this.parts.instance,
      call,
      sql: work.sql,
      doneWhen: work.doneWhen,
      statement,
      feed,
      scene: () => this.scene(feed, active),
      statementEnded: () => {
        active.ended = true;
      },
    });
  }
}

/** What the package said by raising; null: it is an error. */
function outcomeSaid(state: string | null, { kind }: UnitCall): 'done' | 'complete' | null {
  if (kind === 'iterator' && (state === COMPLETE || state === NOTHING_TO_PERFORM))
    return 'complete';
  return state === NOTHING_TO_PERFORM ? 'done' : null;
}

function serverWork({ work, unit, kind, object }: UnitCall): ServerWork {
  switch (work.call) {
    case 'sql':
      return { work: 'sql', name: '', arguments: [withoutSemicolon(work.sql)] };
    case 'split':
      return splitWork(work.chunks, object);
    case 'procedure': {
      const name = work.procedure;
      if (kind === 'iterator')
        return { work: 'iterator', name, arguments: [object.owner, object.name] };
      if (kind === 'final')
        return { work: 'final', name, arguments: [unit.task === 'final_error' ? 'Y' : 'N'] };
      return { work: 'task', name, arguments: [] };
    }
  }
}

function splitWork(
  chunks: (UnitCall['work'] & { call: 'split' })['chunks'],
  object: UnitCall['object'],
): ServerWork {
  if (chunks.by === 'sql')
    return { work: 'split by sql', name: '', arguments: [withoutSemicolon(chunks.sql)] };
  const [owner, table] =
    chunks.table === '@object' ? [object.owner, object.name] : chunks.table.split('.', 2);
  return {
    work: 'split by key',
    name: '',
    arguments: [owner ?? null, table ?? null, chunks.column, chunks.size],
  };
}

async function cancelBackend(monitorSession: Connection, session: Connection): Promise<void> {
  await monitorSession.query(
    `SELECT pg_catalog.pg_cancel_backend(a.pid) FROM pg_catalog.pg_stat_activity a
     WHERE a.pid = $1 AND ${BACKEND_START} = $2`,
    [session.pid, session.backendStart],
  );
}
