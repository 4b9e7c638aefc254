/** A process that starts a MariaDB server, says where, and stays. */
import { startMariadb } from './server.ts';

const { pid, url } = await startMariadb();
process.stdout.write(`${JSON.stringify({ pid, url })}\n`);
setInterval(() => {}, 60_000);
