import { odtmError } from '../../core/errors/catalogue.ts';
import type { StatementRecord, UnitRecord } from '../../core/run/log-records.ts';
import type { ObjectRecord } from '../../core/run/position.ts';
import type { RecordedOutcome, UnitKey } from '../../core/run/unit.ts';
import {
  type Attachment,
  type Chunk,
  type ConnectOptions,
  type StreamIdentity,
  TargetError,
  type UnitDecision,
  type UnitSession,
} from '../../ports/target.ts';
import { kindOf } from '../protocol/unit-words.ts';
import { untilGone } from '../protocol/until-gone.ts';
import type { EngineParts, LineMap } from './engine-parts.ts';
import type { Monitor } from './monitor.ts';
import type { PlsqlConnection, Querier } from './querier.ts';
import * as record from './record-sql.ts';
import { PlsqlSession } from './session.ts';
import type { StreamRef } from './unit-block.ts';

/** How long sessions of earlier attempts may take to end after they were told to. */
const SESSIONS_END = { withinMs: 60_000, code: 'ODTM' };
/** Known events of a session are removed when there are so many. */
const EVENTS_TO_DROP = 500;

/** What an attachment works with. */
export interface AttachmentParts {
  readonly engine: EngineParts;
  readonly options: ConnectOptions;
  readonly identity: StreamIdentity;
  readonly monitorSession: PlsqlConnection;
  readonly monitor: Monitor;
  readonly lines: LineMap;
}

/**
 * Takes a stream over.
 * @throws OdtmError STREAM_FENCED
 */
export async function attachTo(parts: AttachmentParts): Promise<PlsqlAttachment> {
  const { identity, monitorSession, options, engine } = parts;
  const connection = await engine.open(options, { label: 'odtm attach', autocommit: false });
  try {
    await record.attachStream(connection, identity);
    await connection.commit();
  } catch (error) {
    await connection.rollback().catch(() => undefined);
    throw asFenced(error, parts);
  } finally {
    await connection.close();
  }
  await endOtherSessions(engine, monitorSession, identity.handle);
  return new PlsqlAttachment(parts);
}

function asFenced(error: unknown, { options, identity }: AttachmentParts): unknown {
  if (!(error instanceof TargetError) || error.kind !== 'fenced') return error;
  const details = { instance: options.instance.name, attempt: identity.attempt };
  return odtmError('STREAM_FENCED', details, error);
}

/** Ends every session that older attempts have, and waits until none is left. */
async function endOtherSessions(
  engine: EngineParts,
  monitorSession: PlsqlConnection,
  handle: string,
): Promise<void> {
  await untilGone(async () => {
    const live = await engine.liveSessions(monitorSession, handle);
    for (const { serverSession } of live) await engine.kill(monitorSession, serverSession);
    if (live.length === 0) return null;
    return `session ${live.map(({ serverSession }) => serverSession).join(', ')} of an earlier attempt`;
  }, SESSIONS_END);
}

interface OpenSession {
  readonly connection: PlsqlConnection;
  readonly sessionNo: number;
  droppedEvent: number;
}

export class PlsqlAttachment implements Attachment {
  private readonly parts: AttachmentParts;
  private readonly querier: Querier;
  private readonly ref: StreamRef;
  private readonly sessions = new Map<PlsqlConnection, OpenSession>();

  constructor(parts: AttachmentParts) {
    this.parts = parts;
    this.querier = parts.monitorSession;
    const { handle, attempt, runId, plan } = parts.identity;
    this.ref = { handle, attempt, runId, operationId: plan.operation.id };
  }

  record(): Promise<readonly ObjectRecord[]> {
    return record.readRecord(this.querier, this.ref.handle);
  }

  async session(replaces?: UnitSession): Promise<UnitSession> {
    if (replaces instanceof PlsqlSession) await this.endLost(replaces.parts.connection);
    const { engine, options, identity, monitorSession, monitor, lines } = this.parts;
    const open = await this.openSession();
    const { connection, sessionNo } = open;
    return new PlsqlSession({
      engine,
      connection,
      sessionNo,
      cursor: { lastEvent: 0 },
      monitorSession,
      monitor,
      stream: this.ref,
      instance: options.instance.name,
      packageName: identity.plan.package.name,
      lines,
      preview: null,
      around: (work) => work(),
      undo: () => connection.rollback(),
      eventsKnown: (lastEvent) => this.dropEvents(open, lastEvent),
      close: () => this.endSession(connection),
    });
  }

  chunks(unit: UnitKey): Promise<readonly Chunk[]> {
    return record.readChunks(this.querier, this.ref.handle, unit);
  }

  outcome(unit: UnitKey): Promise<RecordedOutcome | null> {
    return record.readOutcome(this.querier, this.ref.handle, unit);
  }

  async decide(unit: UnitKey, { outcome, reason }: UnitDecision): Promise<void> {
    await this.querier.execute(
      'BEGIN dom$control.decide(:1, :2, :3, :4, :5, :6, :7, :8, :9, :10); END;',
      [this.ref.handle, this.ref.attempt, kindOf(unit), ...record.keyValues(unit), outcome, reason],
    );
  }

  unacknowledged(limit: number, unit?: UnitKey): Promise<readonly StatementRecord[]> {
    return record.readUnacknowledged(this.querier, this.ref.handle, limit, unit);
  }

  recordedUnits(): Promise<readonly UnitRecord[]> {
    return record.readUnits(this.querier, this.ref.handle);
  }

  acknowledge(units: readonly UnitKey[]): Promise<void> {
    return record.deleteStatements(this.querier, this.ref.handle, units);
  }

  async fold(object: string, iteration: number): Promise<void> {
    const { handle, attempt } = this.ref;
    await this.querier.execute('BEGIN dom$control.fold(:1, :2, :3, :4); END;', [
      handle,
      attempt,
      record.objectKey(object),
      iteration,
    ]);
  }

  forget(): Promise<void> {
    return record.forgetStreams(this.querier, [this.ref.handle]);
  }

  async close(): Promise<void> {
    const open = [...this.sessions.keys()];
    await Promise.allSettled(open.map((connection) => this.endSession(connection)));
  }

  private async openSession(): Promise<OpenSession> {
    const { options, identity, engine } = this.parts;
    const label = `odtm run ${identity.runId} ${identity.plan.operation.name}`;
    const connection = await engine.open(options, { label, autocommit: false });
    try {
      const sessionNo = await engine.enter(connection, this.ref.handle, this.ref.attempt);
      const open: OpenSession = { connection, sessionNo, droppedEvent: 0 };
      this.sessions.set(connection, open);
      return open;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** What is known of a session's live log need not stay on the target. */
  private dropEvents(open: OpenSession, lastEvent: number): void {
    if (lastEvent - open.droppedEvent < EVENTS_TO_DROP) return;
    open.droppedEvent = lastEvent;
    this.deleteEvents(open.sessionNo, lastEvent).catch(() => undefined);
  }

  private async deleteEvents(sessionNo: number, upTo: number): Promise<void> {
    await this.querier.execute('DELETE FROM dom$log WHERE session_no = :1 AND event_no <= :2', [
      sessionNo,
      upTo,
    ]);
  }

  private async endSession(connection: PlsqlConnection): Promise<void> {
    const open = this.sessions.get(connection);
    this.sessions.delete(connection);
    await connection.close();
    if (open === undefined) return;
    await this.querier
      .execute('DELETE FROM dom$session WHERE session_no = :1', [open.sessionNo])
      .catch(() => undefined);
    await this.deleteEvents(open.sessionNo, Number.MAX_SAFE_INTEGER).catch(() => undefined);
  }

  /** Ends a session that this side has lost and waits until the server has none of it any more. */
  private async endLost(connection: PlsqlConnection): Promise<void> {
    this.sessions.delete(connection);
    connection.destroy('replaced by another session');
    const { engine, monitorSession } = this.parts;
    const { serverSession } = connection;
    await untilGone(async () => {
      const alive = await engine.alive(monitorSession, [serverSession]);
      if (!alive.has(serverSession)) return null;
      await engine.kill(monitorSession, serverSession);
      return `session ${serverSession}`;
    }, SESSIONS_END);
  }
}
