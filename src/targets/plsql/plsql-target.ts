import type { PackageVersion } from '../../core/definitions/model.ts';
import type { TaskNeed } from '../../core/definitions/privilege.ts';
import type {
  Attachment,
  CheckFinding,
  ConnectOptions,
  InstallReport,
  InstallRequest,
  StreamIdentity,
  Target,
  UninstallRequest,
} from '../../ports/target.ts';
import type { EngineParts } from './engine-parts.ts';
import { Monitor } from './monitor.ts';
import type { PlsqlConnection } from './querier.ts';
import { forgetStreams, readHandles } from './record-sql.ts';
import type { Schema } from './schema.ts';
import { uninstallFrom } from './uninstall.ts';

/** What a connected instance is made of. */
export interface TargetParts<C extends PlsqlConnection> {
  readonly options: ConnectOptions;
  readonly monitorSession: C;
  readonly engine: EngineParts;
  readonly schema: Schema;
  /** Opens a session for a piece of work. */
  readonly open: (label: string) => Promise<C>;
}

/** A connected instance, with its monitor session, of an engine that speaks PL/SQL. */
export abstract class PlsqlTarget<C extends PlsqlConnection> implements Target {
  readonly serverVersion: string;
  protected readonly parts: TargetParts<C>;
  protected readonly monitor: Monitor;

  constructor(parts: TargetParts<C>) {
    this.parts = parts;
    this.monitor = new Monitor(parts.monitorSession, parts.engine);
    this.serverVersion = parts.monitorSession.serverVersion;
  }

  abstract check(
    packages: readonly PackageVersion[],
    needs: readonly TaskNeed[],
  ): Promise<readonly CheckFinding[]>;
  abstract install(request: InstallRequest): Promise<InstallReport>;
  abstract attach(identity: StreamIdentity): Promise<Attachment>;

  uninstall(request: UninstallRequest): Promise<readonly string[]> {
    const { schema, options } = this.parts;
    return this.inSession('odtm uninstall', (connection) =>
      uninstallFrom(connection, schema, request, options.instance.name),
    );
  }

  async handles(): Promise<readonly string[]> {
    const { schema, monitorSession } = this.parts;
    return (await schema.hasFramework(monitorSession)) ? readHandles(monitorSession) : [];
  }

  async sweep(handles: readonly string[]): Promise<void> {
    const { schema, monitorSession } = this.parts;
    if (handles.length > 0 && (await schema.hasFramework(monitorSession)))
      await forgetStreams(monitorSession, handles);
  }

  async close(): Promise<void> {
    this.monitor.stop();
    await this.parts.monitorSession.close();
  }

  /** Works in a session of its own, which is closed whatever becomes of it. */
  protected async inSession<T>(label: string, work: (connection: C) => Promise<T>): Promise<T> {
    const connection = await this.parts.open(label);
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  }
}
