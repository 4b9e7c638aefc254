import type { StatementRecord, UnitRecord } from '../../core/run/log-records.ts';
import type { ObjectRecord } from '../../core/run/position.ts';
import type { RecordedOutcome, UnitKey } from '../../core/run/unit.ts';
import type {
  Attachment,
  Chunk,
  ConnectOptions,
  PreviewMode,
  StreamIdentity,
  UnitSession,
} from '../../ports/target.ts';
import { Monitor } from '../plsql/monitor.ts';
import * as record from '../plsql/record-sql.ts';
import { PlsqlSession } from '../plsql/session.ts';
import { type Connection, reopenConnection } from './connection.ts';
import { mariadbParts } from './parts.ts';
import type { PreviewTransaction } from './preview.ts';

/** What the foothold of a preview works with. */
export interface PreviewParts {
  readonly options: ConnectOptions;
  readonly identity: StreamIdentity;
  readonly mode: PreviewMode;
  readonly preview: PreviewTransaction;
}

/** The foothold of a preview: one session, in whose transaction everything happens and nothing stays. */
export class PreviewAttachment implements Attachment {
  private readonly parts: PreviewParts;
  /** The live log of a preview is in its own schema, which the instance's monitor does not look into. */
  private readonly monitorSession: Connection;
  private readonly monitor: Monitor;
  private readonly cursor = { lastEvent: 0 };

  private constructor(parts: PreviewParts, monitorSession: Connection) {
    this.parts = parts;
    this.monitorSession = monitorSession;
    this.monitor = new Monitor(monitorSession, mariadbParts);
  }

  /** Writes the parameters and begins. */
  static async attach(parts: PreviewParts): Promise<PreviewAttachment> {
    const { preview, identity, mode } = parts;
    await record.attachStream(preview.connection, identity);
    await preview.begin(mode);
    const { database } = preview;
    const how = { label: 'odtm monitor', autocommit: true, database };
    return new PreviewAttachment(parts, await reopenConnection(parts.options, how));
  }

  record(): Promise<readonly ObjectRecord[]> {
    return this.read(() => record.readRecord(this.parts.preview.connection, this.handle));
  }

  session(): Promise<UnitSession> {
    const { preview, identity, options, mode } = this.parts;
    const { monitorSession, monitor } = this;
    const { attempt, runId, plan } = identity;
    return Promise.resolve(
      new PlsqlSession({
        engine: mariadbParts,
        connection: preview.connection,
        sessionNo: 0,
        cursor: this.cursor,
        monitorSession,
        monitor,
        stream: { handle: this.handle, attempt, runId, operationId: plan.operation.id },
        instance: options.instance.name,
        packageName: plan.package.name,
        lines: {},
        preview: mode,
        around: (work) => preview.around(work),
        undo: () => preview.undo(),
        eventsKnown: () => undefined,
        close: () => Promise.resolve(),
      }),
    );
  }

  chunks(unit: UnitKey): Promise<readonly Chunk[]> {
    return this.read(() => record.readChunks(this.parts.preview.connection, this.handle, unit));
  }

  outcome(unit: UnitKey): Promise<RecordedOutcome | null> {
    return this.read(() => record.readOutcome(this.parts.preview.connection, this.handle, unit));
  }

  /** A preview has nothing to decide, to ship or to forget: it leaves no record. */
  decide(): Promise<void> {
    return Promise.resolve();
  }

  unacknowledged(): Promise<readonly StatementRecord[]> {
    return Promise.resolve([]);
  }

  recordedUnits(): Promise<readonly UnitRecord[]> {
    return Promise.resolve([]);
  }

  acknowledge(): Promise<void> {
    return Promise.resolve();
  }

  fold(): Promise<void> {
    return Promise.resolve();
  }

  forget(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.monitor.stop();
    await this.monitorSession.close();
    await this.parts.preview.close();
  }

  private get handle(): string {
    return this.parts.identity.handle;
  }

  private read<T>(work: () => Promise<T>): Promise<T> {
    return this.parts.preview.around(work);
  }
}
