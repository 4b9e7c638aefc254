import type { Definitions, Instance, PackageVersion } from '../core/definitions/model.ts';
import { needsOn } from '../core/definitions/needs.ts';
import type { TaskNeed } from '../core/definitions/privilege.ts';
import { operationsOn } from '../core/definitions/selection.ts';
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
 * Looks at instances: connectivity, version, privileges (also those that tasks say they need), what is
 * installed, drift. Many at once, each with its own time limit, so that a dead one delays nobody; what is
 * wrong is a finding and never thrown.
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
    checkOne(ports, instance, askedOf(definitions, instance), wanted.timeLimitMs),
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

/** What the operations that run on an instance want there. */
interface Asked {
  readonly packages: readonly PackageVersion[];
  readonly needs: readonly TaskNeed[];
}

function askedOf(definitions: Definitions, instance: Instance): Asked {
  const names = operationsOn(definitions, instance).map((operation) => operation.package);
  const packages = definitions.packages.filter(
    ({ name, engine }) => engine === instance.engine && names.includes(name),
  );
  return { packages, needs: needsOn(definitions, instance) };
}

async function checkOne(
  ports: Ports,
  instance: Instance,
  asked: Asked,
  timeLimitMs: number,
): Promise<InstanceCheck> {
  const since = ports.clock.monotonicMs();
  const limit = new AbortController();
  const inTime = look(ports, instance, asked, timeLimitMs);
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
  { packages, needs }: Asked,
  connectTimeoutMs: number,
): Promise<Seen> {
  try {
    const target = await connectInstance(ports, instance, connectTimeoutMs);
    try {
      const findings = await target.check(packages, needs);
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
