import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ODTM = fileURLToPath(new URL('../../../bin/odtm.mjs', import.meta.url));

/** How a process ended. */
export interface Ending {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  /** What it said beside its result: errors, and the journal. */
  readonly notes: string;
}

/** The real command as a process of its own, which can be killed, held still and woken up again. */
export class OdtmProcess {
  readonly ended: Promise<Ending>;
  private readonly child: ChildProcess;
  private said = '';
  private heard = '';

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, [ODTM, ...args], {
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (part) => {
      this.said += part;
    });
    this.child.stderr?.on('data', (part) => {
      this.heard += part;
    });
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) =>
        resolve({ code, signal, output: this.said, notes: this.heard }),
      );
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get output(): string {
    return this.said;
  }

  /** What it has said so far beside its result. */
  get notes(): string {
    return this.heard;
  }

  get isOver(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** SIGKILL: nothing of it happens any more. */
  kill(): Promise<Ending> {
    this.child.kill('SIGKILL');
    return this.ended;
  }

  /** Asks it to end. */
  terminate(): Promise<Ending> {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  /** Holds it still, as a machine does that is asleep. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }
}
