import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { RunOdtm } from '../../examples/purge-orders/demo/odtm-command.ts';
import { servicesOf } from '../../src/app/services.ts';
import { runCli } from '../../src/cli/main.ts';

/** The command as the program runs it, with all that belongs to it, but in this process. */
export function odtmHere(folder: string, env: Readonly<Record<string, string>>): RunOdtm {
  return async (...args) => {
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    const said = [text(stdout), text(stderr)];
    const around = { stdout, stderr, env, cwd: () => folder, on: ignore, off: ignore };
    const code = await runCli(args, await servicesOf(around as unknown as NodeJS.Process));
    stdout.end();
    stderr.end();
    const [output = '', notes = ''] = await Promise.all(said);
    return { code, output, notes };
  };
}

/** Signals belong to the test run. */
function ignore(): void {}
