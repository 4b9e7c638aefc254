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
import { untilGone } from '../protocol/until-gone.ts';
import { BACKEND_START, type Connection, type Querier, reopenConnection } from './connection.ts';
import { readInstalled } from './installed.ts';
import type { Monitor } from './monitor.ts';
import type { PackageLines } from './package-lines.ts';
import type { PreviewTransaction } from './preview.ts';
import { packagePath } from './quoting.ts';
import * as record from './record-sql.ts';
import { PostgresSession } from './session.ts';
import { decideUnit, type StreamRef } from './unit-sql.ts';

/** How long sessions of earlier attempts may take to end after they were told to. */
const SESSIONS_END = { withinMs: 30_000, code: '57P01' };

/** What an attachment works with. */
export interface AttachmentParts {
  readonly options: ConnectOptions;
  readonly identity: StreamIdentity;
  readonly monitorSession: Connection;
  readonly monitor: Monitor;
  /** Null: work for real. */
  readonly preview: PreviewTransaction | null;
}

/**
 * Takes a stream over.
 * @throws OdtmError STREAM_FENCED
 */
export async function attachTo(parts: AttachmentParts): Promise<PostgresAttachment> {
  const { identity, monitorSession, preview, options } = parts;
  const querier: Querier = preview ?? monitorSession;
  try {
    await record.attachStream(querier, identity);
  } catch (error) {
    if (!(error instanceof TargetError) || error.kind !== 'fenced') throw error;
    const details = { instance: options.instance.name, attempt: identity.attempt };
    throw odtmError('STREAM_FENCED', details, error);
  }
  if (preview === null) await endOtherSessions(monitorSession, identity.handle);
  const installed = await readInstalled(querier, identity.plan.package.name);
  const lines = { schema: identity.plan.package.name, routines: installed?.lines ?? {} };
  return new PostgresAttachment(parts, lines);
}

/** Ends every session that older attempts have, and waits until none is left. */
async function endOtherSessions(monitorSession: Connection, handle: string): Promise<void> {
  await untilGone(async () => {
    const pids = await record.endSessions(monitorSession, handle);
    return pids.length === 0 ? null : `session ${pids.join(', ')} of an earlier attempt`;
  }, SESSIONS_END);
}

export class PostgresAttachment implements Attachment {
  private readonly parts: AttachmentParts;
  private readonly lines: PackageLines;
  private readonly querier: Querier;
  private readonly ref: StreamRef;
  private readonly sessions = new Set<Connection>();

  constructor(parts: AttachmentParts, lines: PackageLines) {
    this.parts = parts;
    this.lines = lines;
    this.querier = parts.preview ?? parts.monitorSession;
    const { handle, attempt, runId, plan } = parts.identity;
    this.ref = { handle, attempt, runId, operationId: plan.operation.id };
  }

  record(): Promise<readonly ObjectRecord[]> {
    return record.readRecord(this.querier, this.ref.handle);
  }

  async session(replaces?: UnitSession): Promise<UnitSession> {
    const { preview } = this.parts;
    if (preview !== null) {
      const around = <T>(work: () => Promise<T>): Promise<T> => preview.around(work);
      return this.sessionOn(preview.connection, around, () => Promise.resolve());
    }
    if (replaces instanceof PostgresSession) await this.endLost(replaces.parts.connection);
    const connection = await this.openSession();
    return this.sessionOn(
      connection,
      (work) => work(),
      () => this.endSession(connection),
    );
  }

  chunks(unit: UnitKey): Promise<readonly Chunk[]> {
    return record.readChunks(this.querier, this.ref.handle, unit);
  }

  outcome(unit: UnitKey): Promise<RecordedOutcome | null> {
    return record.readOutcome(this.querier, this.ref.handle, unit);
  }

  decide(unit: UnitKey, decision: UnitDecision): Promise<void> {
    return decideUnit(this.querier, this.ref, unit, decision);
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

  fold(object: string, iteration: number): Promise<void> {
    return record.foldIterations(this.querier, this.ref, object, iteration);
  }

  forget(): Promise<void> {
    return record.forgetStreams(this.querier, [this.ref.handle]);
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.sessions].map((connection) => this.endSession(connection)));
    await this.parts.preview?.close();
  }

  private async openSession(): Promise<Connection> {
    const { options, identity } = this.parts;
    const { name } = identity.plan.operation;
    const label = `odtm run ${identity.runId} ${name}`.slice(0, 63);
    const path = packagePath(identity.plan.package.name);
    const connection = await reopenConnection(options, label, path);
    try {
      await record.enterStream(connection, this.ref);
    } catch (error) {
      await connection.close();
      throw error;
    }
    this.sessions.add(connection);
    return connection;
  }

  private sessionOn(
    connection: Connection,
    around: <T>(work: () => Promise<T>) => Promise<T>,
    close: () => Promise<void>,
  ): PostgresSession {
    const { monitorSession, monitor, options, identity } = this.parts;
    return new PostgresSession({
      connection,
      monitorSession,
      monitor,
      stream: this.ref,
      instance: options.instance.name,
      packageName: identity.plan.package.name,
      lines: this.lines,
      preview: identity.preview,
      around,
      close,
    });
  }

  private async endSession(connection: Connection): Promise<void> {
    this.sessions.delete(connection);
    await connection.close();
  }

  /** Ends a session that this side has lost and waits until the server has none of it any more. */
  private async endLost(connection: Connection): Promise<void> {
    this.sessions.delete(connection);
    connection.destroy('replaced by another session');
    const { monitorSession } = this.parts;
    await untilGone(async () => {
      const there = await terminateBackend(monitorSession, connection);
      return there ? `session ${connection.pid}` : null;
    }, SESSIONS_END);
  }
}

/** Tells one session to end. False: it is gone. */
async function terminateBackend(
  monitorSession: Connection,
  { pid, backendStart }: Connection,
): Promise<boolean> {
  const rows = await monitorSession.query(
    `SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity a
     WHERE a.pid = $1 AND ${BACKEND_START} = $2`,
    [pid, backendStart],
  );
  return rows.length > 0;
}
