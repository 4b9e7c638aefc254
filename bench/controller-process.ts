import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(import.meta.dirname, '../src/app/main.ts');

/** `odtm controller` in a process of its own. */
export class ControllerProcess {
  private readonly child: ChildProcess;
  private readonly serves: Promise<void>;

  constructor(env: NodeJS.ProcessEnv, slots: number) {
    this.child = spawn(
      process.execPath,
      ['--no-warnings', MAIN, 'controller', '--slots', String(slots)],
      { env, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.serves = this.untilServing();
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  ready(): Promise<void> {
    return this.serves;
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    await exited;
  }

  private async untilServing(): Promise<void> {
    const { stderr } = this.child;
    if (stderr === null) throw new Error('the controller has no journal');
    const lines = createInterface({ input: stderr });
    const said: string[] = [];
    await new Promise<void>((resolve, reject) => {
      lines.on('line', (line) => {
        if (/the controller serves/.test(line)) resolve();
        else if (said.length < 20) said.push(line);
      });
      this.child.once('exit', () => reject(new Error(`the controller ended:\n${said.join('\n')}`)));
    });
  }
}
