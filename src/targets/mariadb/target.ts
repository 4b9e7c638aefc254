import type { PackageVersion } from '../../core/definitions/model.ts';
import type { TaskNeed } from '../../core/definitions/privilege.ts';
import type {
  Attachment,
  CheckFinding,
  ConnectOptions,
  InstallReport,
  InstallRequest,
  PreviewMode,
  StreamIdentity,
} from '../../ports/target.ts';
import { attachTo } from '../plsql/attachment.ts';
import { PlsqlTarget } from '../plsql/plsql-target.ts';
import { checkInstance } from './check.ts';
import { type Connection, openConnection, reopenConnection } from './connection.ts';
import { type InstallPlace, installHere } from './install.ts';
import { mendLog } from './live-log.ts';
import { mariadbParts } from './parts.ts';
import { PreviewTransaction } from './preview.ts';
import { PreviewAttachment } from './preview-attachment.ts';
import { namingPrivileges } from './privileges.ts';
import { mariadbSchema } from './schema-objects.ts';

/** A connected MariaDB database, with its monitor session. */
export class MariadbTarget extends PlsqlTarget<Connection> {
  check(
    packages: readonly PackageVersion[],
    needs: readonly TaskNeed[],
  ): Promise<readonly CheckFinding[]> {
    return this.inSession('odtm check', (connection) => checkInstance(connection, packages, needs));
  }

  install(request: InstallRequest): Promise<InstallReport> {
    return this.inSession('odtm install', (connection) =>
      namingPrivileges(connection, this.place, () => installHere(connection, request, this.place)),
    );
  }

  async attach(identity: StreamIdentity): Promise<Attachment> {
    const { monitor } = this;
    const { options, monitorSession, engine } = this.parts;
    if (identity.preview !== null) return this.preview(identity, identity.preview);
    await mendLog(monitorSession);
    return attachTo({ engine, options, identity, monitorSession, monitor, lines: {} });
  }

  private async preview(identity: StreamIdentity, mode: PreviewMode): Promise<Attachment> {
    const { options } = this.parts;
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
    const { name, user } = this.parts.options.instance;
    return { instance: name, role: user };
  }
}

/**
 * Connects to an instance.
 * @throws OdtmError TARGET_UNREACHABLE, LOGIN_REFUSED, VERSION_UNSUPPORTED
 */
export async function connectTarget(options: ConnectOptions): Promise<MariadbTarget> {
  const { database } = options.instance;
  const how = { label: 'odtm monitor', autocommit: true, database };
  return new MariadbTarget({
    options,
    monitorSession: await openConnection(options, how),
    engine: mariadbParts,
    schema: mariadbSchema,
    open: (label) => reopenConnection(options, { label, autocommit: false, database }),
  });
}
