import { benchDispatch } from './dispatch.ts';
import { benchLogWrites } from './log-writes.ts';
import { benchPurge, PURGE_WORKLOADS } from './purge.ts';
import { buildMariadbStand, buildStand, type Stand } from './stand.ts';
import { benchStatements } from './statements.ts';
import { benchTakeover } from './takeover.ts';
import { benchTasks } from './tasks.ts';
import { MARIADB_WORKLOADS } from './workloads.ts';

const PARTS: Readonly<Record<string, (stand: Stand) => Promise<void>>> = {
  tasks: benchTasks,
  statements: benchStatements,
  dispatch: benchDispatch,
  log: benchLogWrites,
  takeover: benchTakeover,
};

/** The same on MariaDB, and the comparison with its own tool for archiving. */
const ON_MARIADB: Readonly<Record<string, (stand: Stand) => Promise<void>>> = {
  'mariadb-tasks': benchTasks,
  purge: benchPurge,
};

const asked = process.argv.slice(2);
const known = [...Object.keys(PARTS), ...Object.keys(ON_MARIADB)];
const unknown = asked.filter((part) => !known.includes(part));
if (unknown.length > 0) {
  process.stderr.write(`Unknown: ${unknown.join(', ')}. Parts: ${known.join(', ')}\n`);
  process.exit(2);
}

async function run(build: () => Promise<Stand>, parts: typeof PARTS): Promise<void> {
  const due = Object.entries(parts).filter(([name]) => asked.length === 0 || asked.includes(name));
  if (due.length === 0) return;
  const stand = await build();
  try {
    for (const [name, part] of due) {
      const startedMs = performance.now();
      await part(stand);
      process.stdout.write(`(${name}: ${Math.round((performance.now() - startedMs) / 1_000)} s)\n`);
    }
  } finally {
    await stand.close();
  }
}

await run(buildStand, PARTS);
await run(() => buildMariadbStand([...MARIADB_WORKLOADS, ...PURGE_WORKLOADS]), ON_MARIADB);
