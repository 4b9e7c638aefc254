import type { PackageVersion } from '../../core/definitions/model.ts';
import type { TaskNeed } from '../../core/definitions/privilege.ts';
import { odtmError } from '../../core/errors/catalogue.ts';
import type {
  Attachment,
  CheckFinding,
  ConnectOptions,
  InstallReport,
  InstallRequest,
  StreamIdentity,
} from '../../ports/target.ts';
import { attachTo } from '../plsql/attachment.ts';
import { readInstalled } from '../plsql/installed.ts';
import { PlsqlTarget } from '../plsql/plsql-target.ts';
import { checkInstance } from './check.ts';
import { type Connection, openConnection, reopenConnection } from './connection.ts';
import { installHere } from './install.ts';
import { oracleParts } from './parts.ts';
import { oracleSchema } from './schema-objects.ts';

/** A connected Oracle database, with its monitor session. */
export class OracleTarget extends PlsqlTarget<Connection> {
  check(
    packages: readonly PackageVersion[],
    needs: readonly TaskNeed[],
  ): Promise<readonly CheckFinding[]> {
    return this.inSession('odtm check', (connection) => checkInstance(connection, packages, needs));
  }

  install(request: InstallRequest): Promise<InstallReport> {
    return this.inSession('odtm install', (connection) =>
      installHere(connection, request, this.parts.options),
    );
  }

  async attach(identity: StreamIdentity): Promise<Attachment> {
    const { monitor } = this;
    const { options, monitorSession, engine } = this.parts;
    if (identity.preview !== null) {
      const { name: instances, engine: refused } = options.instance;
      throw odtmError('PREVIEW_UNSUPPORTED', { instances, engine: refused });
    }
    const installed = await readInstalled(monitorSession, identity.plan.package.name);
    const lines = installed?.lines ?? {};
    return attachTo({ engine, options, identity, monitorSession, monitor, lines });
  }
}

/**
 * Connects to an instance.
 * @throws OdtmError TARGET_UNREACHABLE, LOGIN_REFUSED, VERSION_UNSUPPORTED
 */
export async function connectTarget(options: ConnectOptions): Promise<OracleTarget> {
  const how = { label: 'odtm monitor', autocommit: true };
  return new OracleTarget({
    options,
    monitorSession: await openConnection(options, how),
    engine: oracleParts,
    schema: oracleSchema,
    open: (label) => reopenConnection(options, { label, autocommit: false }),
  });
}
