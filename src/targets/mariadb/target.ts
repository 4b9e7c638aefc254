import type { PackageVersion } from '../../core/definitions/model.ts';
import type {
  Attachment,
  CheckFinding,
  ConnectOptions,
  InstallReport,
  InstallRequest,
  PreviewMode,
  StreamIdentity,
  Target,
  UninstallRequest,
} from '../../ports/target.ts';
import { attachTo } from '../plsql/attachment.ts';
import { Monitor } from '../plsql/monitor.ts';
import { forgetStreams, readHandles } from '../plsql/record-sql.ts';
import { checkInstance } from './check.ts';
import { type Connection, openConnection, reopenConnection } from './connection.ts';
import { type InstallPlace, installHere } from './install.ts';
import { mendLog } from './live-log.ts';
import { mariadbParts } from './parts.ts';
import { PreviewTransaction } from './preview.ts';
import { PreviewAttachment } from './preview-attachment.ts';
import { namingPrivileges } from './privileges.ts';
import { hasFramework } from './schema-objects.ts';
import { uninstallHere } from './uninstall.ts';

/** A connected MariaDB database, with its monitor session. */
export class MariadbTarget implements Target {
  readonly serverVersion: string;
  private readonly options: ConnectOptions;
  private readonly monitorSession: Connection;
  private readonly monitor: Monitor;

  constructor(options: ConnectOptions, monitorSession: Connection) {
    this.options = options;
    this.monitorSession = monitorSession;
    this.monitor = new Monitor(monitorSession, mariadbParts);
    this.serverVersion = monitorSession.serverVersion;
  }

  check(packages: readonly PackageVersion[]): Promise<readonly CheckFinding[]> {
    return this.inSession('odtm check', (connection) => checkInstance(connection, packages));
  }

  install(request: InstallRequest): Promise<InstallReport> {
    return this.inSession('odtm install', (connection) =>
      namingPrivileges(connection, this.place, () => installHere(connection, request, this.place)),
    );
  }

  uninstall(request: UninstallRequest): Promise<readonly string[]> {
    return this.inSession('odtm uninstall', (connection) =>
      uninstallHere(connection, request, this.place.instance),
    );
  }

  async attach(identity: StreamIdentity): Promise<Attachment> {
    const { options, monitorSession, monitor } = this;
    if (identity.preview !== null) return this.preview(identity, identity.preview);
    await mendLog(monitorSession);
    return attachTo({
      engine: mariadbParts,
      options,
      identity,
      monitorSession,
      monitor,
      lines: {},
    });
  }

  async handles(): Promise<readonly string[]> {
    if (!(await hasFramework(this.monitorSession))) return [];
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

  private async preview(identity: StreamIdentity, mode: PreviewMode): Promise<Attachment> {
    const { options } = this;
    const preview = await PreviewTransaction.open(options);
    try {
      const request = { package: identity.package, acceptDrift: true };
      await installHere(preview.connection, request, this.place);
      return await PreviewAttachment.attach({ options, identity, mode, preview });
    } catch (error) {
      await preview.close();
      throw error;
    }
  }

  private get place(): InstallPlace {
    const { name, user } = this.options.instance;
    return { instance: name, role: user };
  }

  private async inSession<T>(
    label: string,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const { database } = this.options.instance;
    const connection = await reopenConnection(this.options, { label, autocommit: false, database });
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
export async function connectTarget(options: ConnectOptions): Promise<MariadbTarget> {
  const { database } = options.instance;
  const how = { label: 'odtm monitor', autocommit: true, database };
  return new MariadbTarget(options, await openConnection(options, how));
}
