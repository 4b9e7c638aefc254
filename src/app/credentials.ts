import { spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { odtmError } from '../core/errors/catalogue.ts';
import type { Credentials } from '../ports/credentials.ts';
import type { Journal } from '../ports/journal.ts';

export interface CredentialSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly journal: Journal;
  readonly execTimeoutMs?: number;
}

const EXEC_TIMEOUT_MS = 10_000;
const LONGEST_SECRET = 64 * 1_024;
const READABLE_BY_OTHERS = 0o004;

/** Why a secret is not there, in words that hold nothing of it. */
class Unavailable extends Error {}

/** Reads secrets from the environment, from files and from commands each time they are asked for. */
export class ReferencedCredentials implements Credentials {
  private readonly source: CredentialSource;

  constructor(source: CredentialSource) {
    this.source = source;
  }

  async resolve(reference: string, owner: string): Promise<string> {
    try {
      const secret = await this.read(reference);
      if (secret === '') throw new Unavailable('it is empty');
      return secret;
    } catch (error) {
      // The cause is left out: it could hold what a command has written.
      const reason = error instanceof Unavailable ? error.message : 'it cannot be read';
      throw odtmError('CREDENTIAL_UNAVAILABLE', { reference, owner, reason });
    }
  }

  private read(reference: string): Promise<string> {
    const colon = reference.indexOf(':');
    const kind = reference.slice(0, colon);
    const rest = reference.slice(colon + 1);
    if (kind === 'env') return this.fromEnvironment(rest);
    if (kind === 'file') return this.fromFile(rest);
    if (kind === 'exec') return this.fromCommand(rest);
    throw new Unavailable('it is none of env:NAME, file:PATH and exec:COMMAND');
  }

  private async fromEnvironment(name: string): Promise<string> {
    const value = this.source.env[name];
    if (value === undefined) throw new Unavailable(`the environment variable ${name} is not set`);
    return value;
  }

  private async fromFile(path: string): Promise<string> {
    try {
      const { mode } = await stat(path);
      if ((mode & READABLE_BY_OTHERS) !== 0) {
        this.source.journal.warn('a credential file can be read by everybody', { path });
      }
      return withoutLineEnd(await readFile(path, 'utf8'));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
      throw new Unavailable(`the file cannot be read (${code})`);
    }
  }

  private async fromCommand(command: string): Promise<string> {
    const timeoutMs = this.source.execTimeoutMs ?? EXEC_TIMEOUT_MS;
    return withoutLineEnd(await standardOutput(command, timeoutMs));
  }
}

/** One line end, as editors and commands leave it, is no part of the secret. */
function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}

/** What a command prints; what it says to stderr is dropped, because it may repeat the secret. */
function standardOutput(command: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    // Its own process group, so that what the shell has started is ended with it.
    const child = spawn('/bin/sh', ['-c', command], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    const parts: Buffer[] = [];
    let size = 0;
    const giveUp = (reason: string) => {
      clearTimeout(timer);
      endGroup(child.pid);
      reject(new Unavailable(reason));
    };
    const timer = setTimeout(
      () => giveUp(`the command gave no answer within ${timeoutMs / 1_000} s`),
      timeoutMs,
    );
    child.stdout.on('data', (part: Buffer) => {
      size += part.length;
      parts.push(part);
      if (size > LONGEST_SECRET) giveUp('the command printed more than a secret');
    });
    child.on('error', () => giveUp('the command cannot be started'));
    child.on('close', (code, signal) => {
      if (code === 0) {
        clearTimeout(timer);
        resolve(Buffer.concat(parts).toString('utf8'));
      } else {
        giveUp(
          `the command ended with ${code === null ? `signal ${signal}` : `exit code ${code}`}`,
        );
      }
    });
  });
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
