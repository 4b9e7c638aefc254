import { runCli } from '../cli/main.ts';
import { servicesOf } from './services.ts';

/** Connections that do not close, for instance to a server that does not answer, hold no command up. */
const LONGEST_GOODBYE_MS = 1_000;

// A reader that has seen enough, as `head` has, closes the pipe: no reason for a stack trace.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exitCode = 0;
  });
}

process.exitCode = await runCli(process.argv.slice(2), await servicesOf(process));
setTimeout(() => process.exit(), LONGEST_GOODBYE_MS).unref();
