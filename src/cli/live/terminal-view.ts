import { createLogUpdate } from 'log-update';
import type { RunSnapshot } from '../../control/watch-run.ts';
import type { Paint } from '../render/paint.ts';
import { summaryText } from '../render/summary-text.ts';
import type { TextStream } from '../services.ts';
import { frame } from './frame.ts';
import type { RunView } from './view.ts';

/** Redraws the run in place, on a terminal. */
export class TerminalView implements RunView {
  private readonly stream: TextStream;
  private readonly paint: Paint;
  private readonly draw: ReturnType<typeof createLogUpdate>;
  private hint: string;

  constructor(stream: TextStream, paint: Paint, hint: string) {
    this.stream = stream;
    this.paint = paint;
    this.hint = hint;
    // Hiding the cursor would hook into the process's signals, which are the commands' own.
    this.draw = createLogUpdate(stream as NodeJS.WriteStream, { showCursor: true });
  }

  show(snapshot: RunSnapshot): void {
    this.draw(this.lines(snapshot, this.hint).join('\n'));
  }

  /** Stays below the streams until the next note. */
  note(text: string): void {
    this.hint = text;
  }

  end(snapshot: RunSnapshot | null): void {
    if (snapshot !== null) this.draw(this.lines(snapshot, '').join('\n'));
    this.draw.done();
    if (snapshot?.over) this.stream.write(`${summaryText(snapshot, this.paint)}\n`);
  }

  private lines(snapshot: RunSnapshot, hint: string): string[] {
    const size = { columns: this.stream.columns ?? 80, rows: this.stream.rows ?? 24 };
    return frame(snapshot, size, this.paint, hint);
  }
}
