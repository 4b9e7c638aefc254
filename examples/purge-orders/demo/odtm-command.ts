import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { prompt } from './terminal.ts';

const ODTM = fileURLToPath(new URL('../../../bin/odtm.mjs', import.meta.url));

export interface OdtmCommandOptions {
  /** The project folder, which `odtm apply` reads. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where the process that runs now is noted, so that `endForgotten` finds it after a kill. */
  readonly pidFile: string;
}

/** Ends a command whose caller was killed: it would wait for its repository for ever. */
export async function endForgotten(pidFile: string): Promise<void> {
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (!Number.isInteger(pid)) return;
  // The number may have gone to a stranger meanwhile.
  const { stdout } = spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  if (stdout?.includes(ODTM)) process.kill(pid, 'SIGKILL');
}

/** What a command has come to. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
  /** What it said beside its result, errors too. */
  readonly notes: string;
}

/** Runs odtm with the arguments of a command line, and keeps what it says. */
export type RunOdtm = (...args: readonly string[]) => Promise<Outcome>;

/** What a command prints. @throws Error when it fails */
export async function textOf(run: RunOdtm, ...args: readonly string[]): Promise<string> {
  const { code, output, notes } = await run(...args);
  if (code === 0) return output;
  throw new Error(`odtm ${args.join(' ')} ended with exit code ${code}: ${notes}`);
}

/** The JSON document that a command prints. @throws Error when it fails */
export async function documentOf<T>(run: RunOdtm, ...args: readonly string[]): Promise<T> {
  return JSON.parse(await textOf(run, ...args, '--json')) as T;
}

/** The real command, each time as a process of its own. */
export class OdtmCommand {
  private readonly options: OdtmCommandOptions;
  private readonly children = new Set<ChildProcess>();

  constructor(options: OdtmCommandOptions) {
    this.options = options;
  }

  /** Runs a command as a person does, who sees the command and all that it says. Returns its exit code. */
  async show(...args: readonly string[]): Promise<number> {
    prompt(`odtm ${args.join(' ')}`);
    return exitCode(this.start(args, ['ignore', 'inherit', 'inherit']));
  }

  /** Runs a command and keeps what it says. */
  readonly run: RunOdtm = async (...args) => {
    const child = this.start(args, ['ignore', 'pipe', 'pipe']);
    const said = [child.stdout, child.stderr].map((pipe) => (pipe === null ? '' : text(pipe)));
    const [code, output = '', notes = ''] = await Promise.all([exitCode(child), ...said]);
    return { code, output, notes };
  };

  /** Asks the commands that run now to end. */
  stop(): void {
    for (const child of this.children) child.kill('SIGTERM');
  }

  private start(args: readonly string[], stdio: StdioOptions): ChildProcess {
    const { folder, env, pidFile } = this.options;
    const child = spawn(process.execPath, [ODTM, ...args], {
      cwd: folder,
      env: { ...process.env, ODTM_REPOSITORY: '', ...env },
      stdio,
    });
    if (child.pid !== undefined) writeFileSync(pidFile, String(child.pid));
    this.children.add(child);
    child.on('close', () => this.children.delete(child));
    return child;
  }
}

function exitCode(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
