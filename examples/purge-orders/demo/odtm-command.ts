import { type ChildProcess, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { prompt } from './terminal.ts';

const ODTM = fileURLToPath(new URL('../../../bin/odtm.mjs', import.meta.url));

export interface OdtmCommandOptions {
  /** The project folder, which `odtm apply` reads. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The real command, each time as a process of its own. */
export class OdtmCommand {
  private readonly options: OdtmCommandOptions;
  private child: ChildProcess | null = null;

  constructor(options: OdtmCommandOptions) {
    this.options = options;
  }

  /** Runs a command as a person does, who sees the command and all that it says. Returns its exit code. */
  async show(...args: readonly string[]): Promise<number> {
    prompt(`odtm ${args.join(' ')}`);
    return exitCode(this.start(args, 'inherit'));
  }

  /** What a command prints. @throws Error when it fails */
  async text(...args: readonly string[]): Promise<string> {
    const child = this.start(args, 'pipe');
    const [code, output] = await Promise.all([
      exitCode(child),
      child.stdout === null ? '' : text(child.stdout),
    ]);
    if (code !== 0) throw new Error(`odtm ${args.join(' ')} ended with exit code ${code}.`);
    return output;
  }

  /** The JSON document that a command prints. @throws Error when it fails */
  async read<T>(...args: readonly string[]): Promise<T> {
    return JSON.parse(await this.text(...args, '--json')) as T;
  }

  /** Asks the command that runs now to end. */
  stop(): void {
    this.child?.kill('SIGTERM');
  }

  private start(args: readonly string[], stdout: 'inherit' | 'pipe'): ChildProcess {
    const { folder, env } = this.options;
    this.child = spawn(process.execPath, [ODTM, ...args], {
      cwd: folder,
      env: { ...process.env, ODTM_REPOSITORY: '', ...env },
      stdio: ['ignore', stdout, 'inherit'],
    });
    return this.child;
  }
}

function exitCode(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
