import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const MAIN = fileURLToPath(new URL('../../../src/app/main.ts', import.meta.url));

/** The program as a process of its own, on a pseudo-terminal or with pipes. */
export class Terminal {
  readonly child: ChildProcessWithoutNullStreams;
  /** All that came, with every control character. */
  raw = '';
  /** What the program wrote to its error stream; on a terminal it is part of `raw`. */
  errors = '';

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      this.raw += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.errors += chunk.toString();
    });
  }

  /** On a pseudo-terminal, which `script` provides. */
  static onTerminal(args: readonly string[], env: NodeJS.ProcessEnv): Terminal {
    const command = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ');
    const sized = `stty cols 90 rows 12; exec ${command}`;
    const child = spawn('script', ['-qec', sized, '/dev/null'], {
      env: { ...process.env, ...env, TERM: 'xterm', NO_COLOR: '1' },
    });
    return new Terminal(child);
  }

  static withPipes(args: readonly string[], env: NodeJS.ProcessEnv): Terminal {
    return new Terminal(
      spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, ...env } }),
    );
  }

  get text(): string {
    return stripVTControlCharacters(this.raw).replaceAll('\r', '');
  }

  /** Presses Ctrl-C. */
  interrupt(): void {
    this.child.stdin.write('\u0003');
  }

  /** The exit code, once the process has ended and everything has been read. */
  async ended(): Promise<number | null> {
    if (this.child.exitCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }
}
