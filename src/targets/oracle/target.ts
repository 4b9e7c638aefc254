import type { PackageVersion } from '../../core/definitions/model.ts';
import { odtmError } from '../../core/errors/catalogue.ts';
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
import { attachTo } from '../plsql/attachment.ts';
import { readInstalled } from '../plsql/installed.ts';
import { Monitor } from '../plsql/monitor.ts';
import { forgetStreams, readHandles } from '../plsql/record-sql.ts';
import { checkInstance } from './check.ts';
import { type Connection, openConnection, reopenConnection } from './connection.ts';
import { installHere } from './install.ts';
import { oracleParts } from './parts.ts';
import { hasFramework } from './schema-objects.ts';
import { uninstallHere } from './uninstall.ts';

/** A connected Oracle database, with its monitor session. */
export class OracleTarget implements Target {
  readonly serverVersion: string;
  private readonly options: ConnectOptions;
  private readonly monitorSession: Connection;
  private readonly monitor: Monitor;

  constructor(options: ConnectOptions, monitorSession: Connection) {
    this.options = options;
    this.monitorSession = monitorSession;
    this.monitor = new Monitor(monitorSession, oracleParts);
    this.serverVersion = monitorSession.serverVersion;
  }

  check(packages: readonly PackageVersion[]): Promise<readonly CheckFinding[]> {
    return this.inSession('odtm check', (connection) => checkInstance(connection, packages));
  }

  install(request: InstallRequest): Promise<InstallReport> {
    return this.inSession('odtm install', (connection) =>
      installHere(connection, request, this.options),
    );
  }

  uninstall(request: UninstallRequest): Promise<readonly string[]> {
    return this.inSession('odtm uninstall', (connection) =>
      uninstallHere(connection, request, this.options.instance.name),
    );
  }

  async attach(identity: StreamIdentity): Promise<Attachment> {
    const { options, monitorSession, monitor } = this;
    if (identity.preview !== null) {
      const { name: instance, engine } = options.instance;
      throw odtmError('PREVIEW_UNSUPPORTED', { instances: instance, engine });
    }
    const installed = await readInstalled(monitorSession, identity.plan.package.name);
    return attachTo({
      engine: oracleParts,
      options,
      identity,
      monitorSession,
      monitor,
      lines: installed?.lines ?? {},
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

  private async inSession<T>(
    label: string,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const connection = await reopenConnection(this.options, { label, autocommit: false });
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
export async function connectTarget(options: ConnectOptions): Promise<OracleTarget> {
  const how = { label: 'odtm monitor', autocommit: true };
  return new OracleTarget(options, await openConnection(options, how));
}
