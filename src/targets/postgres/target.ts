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
import { attachTo } from './attachment.ts';
import { checkInstance } from './check.ts';
import { type Connection, openConnection, reopenConnection } from './connection.ts';
import { installHere } from './install.ts';
import { Monitor } from './monitor.ts';
import { PreviewTransaction } from './preview.ts';
import { packagePath } from './quoting.ts';
import { forgetStreams, hasFramework, readHandles } from './record-sql.ts';
import { uninstallHere } from './uninstall.ts';

/** A connected PostgreSQL database, with its monitor session. */
export class PostgresTarget implements Target {
  readonly serverVersion: string;
  private readonly options: ConnectOptions;
  private readonly monitorSession: Connection;
  private readonly monitor: Monitor;

  constructor(options: ConnectOptions, monitorSession: Connection) {
    this.options = options;
    this.monitorSession = monitorSession;
    this.monitor = new Monitor(monitorSession);
    this.serverVersion = monitorSession.serverVersion;
  }

  async check(
    packages: readonly PackageVersion[],
    needs: readonly TaskNeed[],
  ): Promise<readonly CheckFinding[]> {
    return this.inSession('odtm check', 'dom, pg_temp', (connection) =>
      checkInstance(connection, packages, needs),
    );
  }

  async install(request: InstallRequest): Promise<InstallReport> {
    return this.inSession('odtm install', packagePath(request.package.name), (connection) =>
      connection.transaction(() => installHere(connection, request, this.place)),
    );
  }

  async uninstall(request: UninstallRequest): Promise<readonly string[]> {
    return this.inSession('odtm uninstall', 'dom, pg_temp', (connection) =>
      connection.transaction(() => uninstallHere(connection, request, this.place.instance)),
    );
  }

  async attach(identity: StreamIdentity): Promise<Attachment> {
    const { options, monitorSession, monitor } = this;
    const parts = { options, identity, monitorSession, monitor };
    if (identity.preview === null) return attachTo({ ...parts, preview: null });
    const path = packagePath(identity.package.name);
    const connection = await reopenConnection(options, 'odtm preview', path);
    const preview = new PreviewTransaction(connection);
    try {
      await preview.begin(identity.preview);
      await installHere(connection, { package: identity.package, acceptDrift: true }, this.place);
      await preview.usePath(path);
      return await attachTo({ ...parts, preview });
    } catch (error) {
      await preview.close();
      throw error;
    }
  }

  handles(): Promise<readonly string[]> {
    return readHandles(this.monitorSession);
  }

  async sweep(handles: readonly string[]): Promise<void> {
    if (handles.length > 0 && (await hasFramework(this.monitorSession)))
      await forgetStreams(this.monitorSession, handles);
  }

  async close(): Promise<void> {
    this.monitor.stop();
    await this.monitorSession.close();
  }

  private get place(): { instance: string; role: string } {
    const { name, user } = this.options.instance;
    return { instance: name, role: user };
  }

  private async inSession<T>(
    label: string,
    path: string,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const connection = await reopenConnection(this.options, label, path);
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  }
}

/**
 * Connects to an instance.
 * @throws OdtmError TARGET_UNREACHABLE, LOGIN_REFUSED, VERSION_UNSUPPORTED
 */
export async function connectTarget(options: ConnectOptions): Promise<PostgresTarget> {
  const label = 'odtm monitor';
  return new PostgresTarget(options, await openConnection(options, label, 'dom, pg_temp'));
}
