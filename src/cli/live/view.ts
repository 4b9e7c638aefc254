import type { RunSnapshot } from '../../control/watch-run.ts';

/** Shows a run while somebody watches it. */
export interface RunView {
  show(snapshot: RunSnapshot): void;
  /** A word to the person who watches. */
  note(text: string): void;
  /** The last snapshot, after which nothing is shown any more; null: watching broke off. */
  end(snapshot: RunSnapshot | null): void;
}

/** Shows nothing; notes go beside the output. */
export class SilentView implements RunView {
  private readonly notes: (text: string) => void;

  constructor(notes: (text: string) => void) {
    this.notes = notes;
  }

  show(): void {}

  note(text: string): void {
    this.notes(text);
  }

  end(): void {}
}
