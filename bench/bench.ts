import { benchDispatch } from './dispatch.ts';
import { benchLogWrites } from './log-writes.ts';
import { buildStand, type Stand } from './stand.ts';
import { benchStatements } from './statements.ts';
import { benchTakeover } from './takeover.ts';
import { benchTasks } from './tasks.ts';

const PARTS: Readonly<Record<string, (stand: Stand) => Promise<void>>> = {
  tasks: benchTasks,
  statements: benchStatements,
  dispatch: benchDispatch,
  log: benchLogWrites,
  takeover: benchTakeover,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((part) => PARTS[part] === undefined);
if (unknown.length > 0) {
  process.stderr.write(`Unknown: ${unknown.join(', ')}. Parts: ${Object.keys(PARTS).join(', ')}\n`);
  process.exit(2);
}

const stand = await buildStand();
try {
  for (const [name, part] of Object.entries(PARTS)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const startedMs = performance.now();
    await part(stand);
    process.stdout.write(`(${name}: ${Math.round((performance.now() - startedMs) / 1_000)} s)\n`);
  }
} finally {
  await stand.close();
}
