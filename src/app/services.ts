import { userInfo } from 'node:os';
import type { CliServices, Signal } from '../cli/services.ts';
import { publishedSchema } from '../definition-files/json-schema.ts';
import { projectReader } from '../definition-files/project-reader.ts';
import type { Environment } from './configuration.ts';
import { engineFor } from './engines.ts';
import { embeddedRepository } from './repository-server.ts';
import { systemClock } from './system-clock.ts';
import { packageVersion } from './version.ts';

const SIGNALS: readonly Signal[] = ['SIGINT', 'SIGTERM'];

/** What the commands ask of this process and of the machine around it. */
export async function servicesOf(process: NodeJS.Process): Promise<CliServices> {
  const { stdout, stderr, env } = process;
  const cwd = process.cwd();
  const live = stdout.isTTY === true && stderr.isTTY === true;
  return {
    version: await packageVersion(),
    out: stdout,
    err: stderr,
    env,
    user: userOf(env),
    cwd,
    clock: systemClock,
    projects: projectReader,
    connect: async (options) => {
      // Only a command that needs the repository pays for loading what talks to it.
      const { openSession } = await import('./session.ts');
      return openSession(options, { env, cwd, err: stderr, live });
    },
    engine: engineFor,
    embedded: embeddedRepository(env, cwd),
    schema: async () => publishedSchema(),
    onSignal: (listener) => {
      for (const signal of SIGNALS) process.on(signal, listener);
      return () => {
        for (const signal of SIGNALS) process.off(signal, listener);
      };
    },
  };
}

/** Who typed the command, also behind sudo. A container may have a user without a name. */
function userOf(env: Environment): string {
  if (env.SUDO_USER) return env.SUDO_USER;
  try {
    return userInfo().username;
  } catch {
    return env.USER ?? 'unknown';
  }
}
