import { unitId } from '../../core/run/unit.ts';
import {
  type PreviewMode,
  TargetError,
  type UnitCall,
  type UnitEvents,
  type UnitResult,
  type UnitSession,
} from '../../ports/target.ts';
import { type CommittedStatement, StatementFeed } from '../protocol/statement-feed.ts';
import { inDoubt } from '../protocol/unit-words.ts';
import { blockNames, type EngineParts, type LineMap } from './engine-parts.ts';
import { type ErrorScene, RAISED } from './error-scene.ts';
import { LogEvents } from './log-events.ts';
import { type Monitor, readEvents } from './monitor.ts';
import type { PlsqlConnection, UnitAnswer } from './querier.ts';
import { readStatementsOfTry, readUnitRow, type UnitRow } from './record-sql.ts';
import { recordUnit } from './record-unit.ts';
import { type StreamRef, unitBlock } from './unit-block.ts';
import { UnitCancel } from './unit-cancel.ts';

/** How long the log of a lost session is waited for. */
const LOST_LOG_MS = 2_000;

/** What a session of a stream works with. */
export interface SessionParts {
  readonly engine: EngineParts;
  readonly connection: PlsqlConnection;
  readonly sessionNo: number;
  /** How far the session's log has been read; shared where several work in one session. */
  readonly cursor: { lastEvent: number };
  /** Another session of the instance, for cancelling. */
  readonly monitorSession: PlsqlConnection;
  readonly monitor: Monitor;
  readonly stream: StreamRef;
  readonly instance: string;
  readonly packageName: string;
  readonly lines: LineMap;
  readonly preview: PreviewMode | null;
  /** In a preview: one unit after the other, each in its savepoint. */
  readonly around: <T>(work: () => Promise<T>) => Promise<T>;
  /** Takes back what a failed unit has done and not committed. */
  readonly undo: () => Promise<void>;
  /** Events up to this number are known and may go. */
  readonly eventsKnown: (lastEvent: number) => void;
  readonly close: () => Promise<void>;
}

/** A session of a stream: runs one unit at a time. */
export class PlsqlSession implements UnitSession {
  readonly parts: SessionParts;
  private readonly canceller: UnitCancel;

  constructor(parts: SessionParts) {
    this.parts = parts;
    this.canceller = new UnitCancel(parts);
  }

  async run(call: UnitCall, events: UnitEvents): Promise<UnitResult> {
    const earlier = this.canceller.settled();
    this.canceller.began();
    await earlier;
    return this.parts.around(() => this.runNow(call, events));
  }

  cancel(): Promise<void> {
    return this.canceller.cancel();
  }

  close(): Promise<void> {
    return this.parts.close();
  }

  private async runNow(call: UnitCall, events: UnitEvents): Promise<UnitResult> {
    const { connection, sessionNo, monitor, preview, engine } = this.parts;
    const feed = new StatementFeed(call, events, preview !== null);
    const log = new LogEvents(feed, this.parts.cursor.lastEvent, engine.eventFailure);
    const unwatch = monitor.watch({
      connection,
      sessionNo,
      lastEvent: () => log.lastEvent,
      take: (rows) => log.take(rows),
    });
    try {
      return await this.runUnit(call, feed, log);
    } catch (error) {
      return await this.afterError(call, feed, log, error);
    } finally {
      unwatch();
      this.canceller.ended();
      this.parts.cursor.lastEvent = log.lastEvent;
      this.parts.eventsKnown(log.lastEvent);
    }
  }

  private async runUnit(call: UnitCall, feed: StatementFeed, log: LogEvents): Promise<UnitResult> {
    const { connection, stream, engine, packageName } = this.parts;
    const block = unitBlock(stream, call, blockNames(engine, packageName));
    const { answer, events } = await connection.runUnit(block, log.lastEvent, () => this.scene());
    await this.canceller.over();
    log.take(events);
    if (answer.outcome === 'done') await this.settle(call, feed, answer);
    return {
      outcome: answer.outcome as UnitResult['outcome'],
      recordedOutcome: answer.status as UnitResult['recordedOutcome'],
      message: answer.message,
      elapsedMs: answer.elapsed_ms,
      rows: answer.row_count,
      statements: answer.statements,
    };
  }

  /** Where the events say otherwise than the record, for instance after a savepoint, the record counts. */
  private async settle(call: UnitCall, feed: StatementFeed, answer: UnitAnswer): Promise<void> {
    if (this.parts.preview !== null || answer.statements === feed.executedCount) return;
    const { streamAttempt } = call;
    const kept = readStatementsOfTry(
      this.parts.connection,
      answer.unit_id,
      streamAttempt,
      call.try,
    );
    feed.settle(await kept);
    await this.parts.connection.rollback();
  }

  private scene(): ErrorScene {
    return { cancelAsked: this.canceller.asked };
  }

  private async afterError(
    call: UnitCall,
    feed: StatementFeed,
    log: LogEvents,
    error: unknown,
  ): Promise<UnitResult> {
    const { engine, lines } = this.parts;
    const first = engine.targetError(error, this.scene(), lines);
    if (first.kind === 'lost') {
      // What became of a unit whose connection is lost is not known yet: its statements stay open.
      await this.readLostEvents(log);
      throw first;
    }
    await this.canceller.over();
    const place = await engine.placeOf(this.parts.connection);
    await this.parts.undo();
    await this.readMissedEvents(log);
    const own = await this.ownRow(call);
    if (own !== null && own.status !== 'started') return this.doneAllTheSame(call, feed, own);
    const committed = await this.committedSeqs(call, own);
    const number = engine.errorNumber(error);
    const said = outcomeSaid(number, call);
    if (said !== null) {
      feed.takenBack((seq) => committed.has(seq));
      return recordUnit(this.parts.connection, this.parts.stream, call, said, messageOf(first));
    }
    const statement = log.failedText(number);
    const failure = { ...first.failure, statement: first.failure.statement ?? statement };
    const placed = failure.file !== null || place === null ? failure : { ...failure, ...place };
    feed.failed(placed, (seq) => committed.has(seq));
    throw number === RAISED.inDoubt
      ? inDoubt(unitId(call.unit), this.parts.instance, first.failure.message)
      : new TargetError(first.kind, placed, error);
  }

  /** The live log outlives the session: another one reads what it had to tell, if the server answers. */
  private async readLostEvents(log: LogEvents): Promise<void> {
    const { monitorSession, sessionNo } = this.parts;
    const late = new Promise<never[]>((resolve) => setTimeout(resolve, LOST_LOG_MS, []).unref());
    const events = readEvents(monitorSession, sessionNo, log.lastEvent).catch(() => []);
    log.take(await Promise.race([events, late]));
  }

  private async readMissedEvents(log: LogEvents): Promise<void> {
    const { connection, sessionNo } = this.parts;
    log.take(await readEvents(connection, sessionNo, log.lastEvent));
  }

  /** The unit's row, if this very try has written it. */
  private async ownRow(call: UnitCall): Promise<UnitRow | null> {
    const { connection, stream, preview } = this.parts;
    if (preview !== null) return null;
    const row = await readUnitRow(connection, stream.handle, call.unit);
    return row?.stream_attempt === call.streamAttempt && row.try_no === call.try ? row : null;
  }

  /** A cancel may come when the unit has committed and its answer is on its way: then it is done. */
  private async doneAllTheSame(
    call: UnitCall,
    feed: StatementFeed,
    row: UnitRow,
  ): Promise<UnitResult> {
    const kept = await this.statementsOf(call, row);
    feed.settle(kept);
    return {
      outcome: row.status === 'complete' ? 'complete' : 'done',
      recordedOutcome: row.status,
      message: row.message,
      elapsedMs: row.elapsed_ms,
      rows: kept.reduce((sum, { rows }) => sum + (rows ?? 0), 0),
      statements: kept.length,
    };
  }

  /** What a failed unit has committed by itself. */
  private async committedSeqs(call: UnitCall, row: UnitRow | null): Promise<ReadonlySet<number>> {
    if (row === null) return new Set();
    return new Set((await this.statementsOf(call, row)).map(({ seq }) => seq));
  }

  private statementsOf(
    call: UnitCall,
    { unit_id }: UnitRow,
  ): Promise<readonly CommittedStatement[]> {
    return readStatementsOfTry(this.parts.connection, unit_id, call.streamAttempt, call.try);
  }
}

function messageOf({ failure }: TargetError): string {
  return failure.message;
}

/** What the package said by raising; null: it is an error. */
function outcomeSaid(number: number | null, { kind }: UnitCall): 'done' | 'complete' | null {
  if (kind === 'iterator' && (number === RAISED.complete || number === RAISED.nothingToPerform))
    return 'complete';
  return number === RAISED.nothingToPerform ? 'done' : null;
}
