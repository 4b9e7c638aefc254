/** A process that makes sure of the server of the directory in its argument, says how, and stays. */
import { ensureServer } from '../../src/repository/embedded/supervisor.ts';

const dataDir = process.argv[2];
if (dataDir === undefined) throw new Error('The data directory is missing.');
const { port, adopted } = await ensureServer({ dataDir, settings: { fsync: 'off' } });
process.stdout.write(`${JSON.stringify({ port, adopted })}\n`);
setInterval(() => {}, 60_000);
