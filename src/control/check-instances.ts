import type { Definitions, Instance, PackageVersion } from '../core/definitions/model.ts';
import { selectInstances } from '../core/definitions/selection.ts';
import { isOdtmError } from '../core/errors/catalogue.ts';
import type { CheckFinding } from '../ports/target.ts';
import { connectInstance } from './connect-instance.ts';
import { mapBounded } from './map-bounded.ts';
import type { ControlPorts } from './ports.ts';
import { findEnvironment, findInstance } from './resolve-names.ts';

const AT_ONCE = 32;

export interface InstanceCheck {
  readonly instance: Instance;
  readonly serverVersion: string | null;
  readonly findings: readonly CheckFinding[];
  readonly elapsedMs: number;
  /** Every finding is good. */
  readonly ok: boolean;
}

type Ports = Pick<ControlPorts, 'definitions' | 'engine' | 'credentials' | 'clock'>;

/**
 * Looks at instances: connectivity, version, privileges, what is installed, drift. Many at once, each with
 * its own time limit, so that a dead one delays nobody; what is wrong is a finding and never thrown.
 * @throws OdtmError ENVIRONMENT_UNKNOWN, INSTANCE_UNKNOWN
 */
export async function checkInstances(
  ports: Ports,
  wanted: {
    /** Id or code; only its instances. */
    readonly environment: string | null;
    readonly instance: string | null;
    readonly timeLimitMs: number;
  },
): Promise<readonly InstanceCheck[]> {
  const { definitions } = await ports.definitions.load();
  const instances = wantedInstances(definitions, wanted);
  return mapBounded(instances, AT_ONCE, (instance) =>
    checkOne(ports, instance, packagesOf(definitions, instance), wanted.timeLimitMs),
  );
}

function wantedInstances(
  definitions: Definitions,
  wanted: { readonly environment: string | null; readonly instance: string | null },
): readonly Instance[] {
  if (wanted.instance !== null) return [findInstance(definitions, wanted.instance)];
  const enabled = definitions.instances.filter((instance) => instance.enabled);
  if (wanted.environment === null) return enabled;
  const { code } = findEnvironment(definitions, wanted.environment);
  return enabled.filter(({ environments }) =>
    environments.some((entry) => entry.environment === code && entry.enabled),
  );
}

/** The packages of the operations that run on an instance in any environment. */
function packagesOf(definitions: Definitions, instance: Instance): readonly PackageVersion[] {
  const names = definitions.operations
    .filter((operation) =>
      definitions.environments.some((environment) =>
        selectInstances(definitions, operation, environment).selected.includes(instance),
      ),
    )
    .map((operation) => operation.package);
  return definitions.packages.filter(
    ({ name, engine }) => engine === instance.engine && names.includes(name),
  );
}

async function checkOne(
  ports: Ports,
  instance: Instance,
  packages: readonly PackageVersion[],
  timeLimitMs: number,
): Promise<InstanceCheck> {
  const since = ports.clock.monotonicMs();
  const limit = new AbortController();
  const inTime = look(ports, instance, packages, timeLimitMs);
  const tooLate = ports.clock.sleep(timeLimitMs, limit.signal).then(() => ({
    serverVersion: null,
    findings: [broken(`No answer within ${timeLimitMs / 1000} seconds.`)],
  }));
  const seen = await Promise.race([inTime, tooLate]);
  limit.abort();
  const elapsedMs = Math.round(ports.clock.monotonicMs() - since);
  return { instance, ...seen, elapsedMs, ok: seen.findings.every(({ ok }) => ok) };
}

type Seen = Pick<InstanceCheck, 'serverVersion' | 'findings'>;

/** Goes on alone where it is too late, only to close what it has opened. */
async function look(
  ports: Ports,
  instance: Instance,
  packages: readonly PackageVersion[],
  connectTimeoutMs: number,
): Promise<Seen> {
  try {
    const target = await connectInstance(ports, instance, connectTimeoutMs);
    try {
      const findings = await target.check(packages);
      return { serverVersion: target.serverVersion, findings };
    } finally {
      await target.close();
    }
  } catch (error) {
    return { serverVersion: null, findings: [broken(reasonOf(error))] };
  }
}

function broken(text: string): CheckFinding {
  return { what: 'connect', ok: false, text };
}

function reasonOf(error: unknown): string {
  if (isOdtmError(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
