import { parseAddress } from '../address.ts';
import type { Report } from '../problem.ts';
import type { Entry, InstanceSource, MembershipSource, Partly } from '../source.ts';
import { suggestion } from '../suggestion.ts';
import { reportDuplicates } from './duplicates.ts';
import type { Known } from './known.ts';

/** The code of an environment in its short or its long form. */
export function codeOf(source: Partly<MembershipSource>): string | undefined {
  return typeof source === 'string' ? source : source?.code;
}

/** Finds what is wrong with the instances: names, addresses, options, the environments they belong to. */
export function checkInstances(
  entries: readonly Entry<InstanceSource>[],
  known: Known,
  report: Report,
): void {
  const names = entries.map((entry) => ({
    key: entry.value.name,
    called: `Instance "${entry.value.name}"`,
    place: entry.placeOf(['name']),
  }));
  reportDuplicates(names, 'Give each instance a name of its own.', report);
  for (const entry of entries) {
    checkAddress(entry, report);
    checkOptions(entry, report);
    checkMemberships(entry, known, report);
  }
}

function checkAddress(entry: Entry<InstanceSource>, report: Report): void {
  const given = parseAddress(entry.value.address ?? '');
  if (given?.port != null && (given.port < 1 || given.port > 65_535)) {
    report(
      entry.placeOf(['address']),
      `Port ${given.port} of the address does not exist. Give a port from 1 to 65535.`,
    );
  }
  const { address, host, port, database } = entry.value;
  const parts = Object.entries({ host, port, database }).filter(([, value]) => value != null);
  if (address != null && parts.length > 0) {
    const named = parts.map(([key]) => `"${key}"`).join(', ');
    report(
      entry.placeOf([parts[0]?.[0] ?? 'address']),
      `Both "address" and ${named} are given. Keep either "address" or host, port and database.`,
    );
  }
  const lacks = [...(host == null ? ['"host"'] : []), ...(database == null ? ['"database"'] : [])];
  if (address == null && lacks.length > 0) {
    const missing = lacks.join(' and ');
    report(
      entry.placeOf(['address']),
      `No ${missing} is given. Give "address: host[:port]/database".`,
    );
  }
}

/** Options go to the driver as they are, which is why a secret must not hide among them. */
function checkOptions(entry: Entry<InstanceSource>, report: Report): void {
  for (const key of Object.keys(entry.value.options ?? {})) {
    if (/pass|secret|token/i.test(key)) {
      report(
        entry.placeOf(['options', key]),
        `Option "${key}" would hold a secret. Remove it and give "credential: env:NAME" instead.`,
      );
    }
  }
}

function checkMemberships(entry: Entry<InstanceSource>, known: Known, report: Report): void {
  const environments = entry.value.environments ?? [];
  environments.forEach((membership, index) => {
    const code = codeOf(membership);
    if (code === undefined || known.environments.includes(code)) return;
    report(
      entry.placeOf(['environments', index]),
      `There is no environment "${code}". ${suggestion(code, known.environments)}`,
    );
  });
  const uses = environments.map((membership, index) => ({
    key: codeOf(membership),
    called: `Environment "${codeOf(membership)}" of instance "${entry.value.name}"`,
    place: entry.placeOf(['environments', index]),
  }));
  reportDuplicates(uses, 'Remove one of the two.', report);
}
