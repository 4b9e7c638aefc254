import { haltRun } from '../control/halt-run.ts';
import { nothingToDo } from '../control/show-status.ts';
import { type RunSnapshot, watchRun } from '../control/watch-run.ts';
import type { RunStatus } from '../core/run/stream-status.ts';
import { EXIT, type Invocation } from './command.ts';
import { serveUntil } from './controller-loop.ts';
import { LineView } from './live/line-view.ts';
import { TerminalView } from './live/terminal-view.ts';
import { type RunView, SilentView } from './live/view.ts';
import { detailDocument } from './render/documents.ts';
import { asOdtmError } from './render/errors.ts';
import type { CliSession, RunningController, Signal } from './services.ts';

const REFRESH_EVERY_MS = 500;
const RETRY_AFTER_MS = 1000;

/** The exit code that a run's status stands for; of one that goes on: as detached. */
export function exitCodeOf(status: RunStatus): number {
  switch (status) {
    case 'completed':
      return EXIT.completed;
    case 'failed':
    case 'in_doubt':
      return EXIT.failed;
    case 'halted':
    case 'expired':
    case 'cancelled':
      return EXIT.halted;
    default:
      return EXIT.detached;
  }
}

/** Who is watching: `run` drives the run itself where nobody else does, `show --follow` only looks. */
export interface AttachOptions {
  /** Starts a controller in this process where none is alive. */
  readonly drive: boolean;
}

/** Watches a run until nothing of it is active, or a signal ends the watching. Returns the exit code. */
export async function attach(
  invocation: Invocation,
  session: CliSession,
  runId: string,
  options: AttachOptions,
): Promise<number> {
  const own = options.drive ? await session.ensureController() : null;
  return new Attachment(invocation, session, runId, options.drive, own).watch();
}

class Attachment {
  private readonly invocation: Invocation;
  private readonly session: CliSession;
  private readonly runId: string;
  private readonly drive: boolean;
  private readonly view: RunView;
  private readonly leaving = new AbortController();
  /** The controller in this process; null: another one drives the run. */
  private own: RunningController | null;
  private interrupts = 0;
  private last: RunSnapshot | null = null;

  constructor(
    invocation: Invocation,
    session: CliSession,
    runId: string,
    drive: boolean,
    own: RunningController | null,
  ) {
    this.invocation = invocation;
    this.session = session;
    this.runId = runId;
    this.drive = drive;
    this.own = own;
    this.view = viewFor(invocation, own !== null);
  }

  async watch(): Promise<number> {
    const stopListening = this.invocation.services.onSignal((signal) => this.onSignal(signal));
    try {
      await this.follow();
    } finally {
      this.view.end(this.last);
      if (this.leaving.signal.aborted) await this.own?.stop();
      stopListening();
    }
    const code = this.outcome();
    await this.serveOthers();
    return code;
  }

  /** A repository that is away for a moment ends nothing: what runs goes on, and so does the watching. */
  private async follow(): Promise<void> {
    for (;;) {
      try {
        for await (const snapshot of this.snapshots()) {
          this.last = snapshot;
          if (!snapshot.over) this.view.show(snapshot);
          await this.replaceDeadController(snapshot);
        }
        return;
      } catch (error) {
        const known = asOdtmError(error);
        if (known.entry.retry !== 'retryable' || this.leaving.signal.aborted) throw error;
        this.view.note(`${known.message} Trying again.`);
        await this.invocation.services.clock.sleep(RETRY_AFTER_MS, this.leaving.signal);
      }
    }
  }

  /** This process may meanwhile drive streams of other runs, which nobody else would go on with. */
  private async serveOthers(): Promise<void> {
    if (this.own === null || this.leaving.signal.aborted) return;
    if (await nothingToDo(this.session)) return;
    const { output, services } = this.invocation;
    output.note('This process still drives streams of other runs; Ctrl-C hands them on.');
    await serveUntil(services, this.session, this.own, true);
  }

  private snapshots(): AsyncGenerator<RunSnapshot> {
    return watchRun(this.session, this.runId, {
      intervalMs: REFRESH_EVERY_MS,
      signal: this.leaving.signal,
    });
  }

  /** The controller that drove the run has died, and no other one is there: this process takes over. */
  private async replaceDeadController({ detail }: RunSnapshot): Promise<void> {
    if (!this.drive || this.own !== null || detail.run.status !== 'interrupted') return;
    this.own = await this.session.ensureController();
    if (this.own !== null) this.view.note(hintFor(true));
  }

  private onSignal(signal: Signal): void {
    this.interrupts++;
    if (signal === 'SIGTERM' || this.own === null || this.interrupts > 2) {
      this.leaving.abort();
      return;
    }
    const now = this.interrupts === 2;
    this.view.note(
      now
        ? 'Halting now: running statements are cancelled. Ctrl-C again leaves; streams are held.'
        : 'Halting after the running units. Ctrl-C again halts now.',
    );
    const { user } = this.invocation.services;
    haltRun(this.session, { run: this.runId, now, by: user }).catch((error: unknown) =>
      this.view.note(`The halt could not be asked for: ${asOdtmError(error).message}`),
    );
  }

  private outcome(): number {
    const { last } = this;
    const { output } = this.invocation;
    if (last !== null && output.json) output.document(detailDocument(last.detail, last.at));
    if (last?.over) return exitCodeOf(last.detail.run.status);
    output.note(
      this.own === null
        ? `Run ${this.runId} goes on. Watch it with "odtm show ${this.runId} --follow", ` +
            `stop it with "odtm halt ${this.runId}".`
        : `The streams of run ${this.runId} are held where they were; the same command goes on.`,
    );
    return this.own === null ? EXIT.detached : EXIT.halted;
  }
}

function viewFor({ output, options }: Invocation, own: boolean): RunView {
  if (output.json) return new SilentView((text) => output.note(text));
  if (output.stream.isTTY !== true || options.flag('plain')) return new LineView(output);
  return new TerminalView(output.stream, output.paint, hintFor(own));
}

function hintFor(own: boolean): string {
  return own
    ? 'Ctrl-C halts the run after its running units.'
    : 'Ctrl-C stops watching; the run goes on.';
}
