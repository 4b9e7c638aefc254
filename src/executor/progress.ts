import type { StreamProgress } from '../core/run/log-records.ts';
import type { StreamLog } from './stream-log.ts';

/** Keeps what people see of a stream while it works, and gives it to the log at each change. */
export class Progress {
  private readonly log: StreamLog;
  private readonly running: string[] = [];
  private state: Omit<StreamProgress, 'tasks'> = {
    object: '',
    iteration: 0,
    unitsDone: 0,
    rows: 0,
    chunksDone: null,
    chunksTotal: null,
    chunksSince: null,
    chunksDoneThen: null,
    note: null,
  };

  /** `rows`: those of earlier attempts, so that the sum goes on. */
  constructor(log: StreamLog, rows: number) {
    this.log = log;
    this.state = { ...this.state, rows };
  }

  began(task: string, object: string, iteration: number): void {
    this.running.push(task);
    this.set({ object, iteration });
  }

  ended(task: string, rows: number | null, done: boolean): void {
    const index = this.running.indexOf(task);
    if (index >= 0) this.running.splice(index, 1);
    this.set({
      unitsDone: this.state.unitsDone + (done ? 1 : 0),
      rows: this.state.rows + (rows ?? 0),
    });
  }

  chunksBegan(done: number, total: number, since: Date): void {
    this.set({ chunksDone: done, chunksTotal: total, chunksSince: since, chunksDoneThen: done });
  }

  /** What holds the stream up, or null when it goes on. Returns whether that is news. */
  note(note: string | null): boolean {
    const isNews = this.state.note !== note;
    if (isNews) this.set({ note });
    return isNews;
  }

  chunkDone(): void {
    this.set({ chunksDone: (this.state.chunksDone ?? 0) + 1 });
  }

  chunksEnded(): void {
    this.set({ chunksDone: null, chunksTotal: null, chunksSince: null, chunksDoneThen: null });
  }

  private set(change: Partial<Omit<StreamProgress, 'tasks'>>): void {
    this.state = { ...this.state, ...change };
    this.log.progress({ ...this.state, tasks: [...new Set(this.running)] });
  }
}
