import type { Failure } from '../../core/run/failure.ts';
import type { StatementFeed } from '../protocol/statement-feed.ts';
import type { LogEvent } from './querier.ts';
import { usageOf } from './usage.ts';

/** Takes the events of a session's log to the feed of the unit that runs, each once, however they come. */
export class LogEvents {
  private readonly feed: StatementFeed;
  private readonly failureOf: (code: number, message: string) => Failure;
  private readonly texts = new Map<number, string>();
  private last: number;
  /** The statement whose error came last; an error of the unit with the same number is that one. */
  private failed: { readonly code: number; readonly text: string } | null = null;

  constructor(
    feed: StatementFeed,
    after: number,
    failureOf: (code: number, message: string) => Failure,
  ) {
    this.feed = feed;
    this.last = after;
    this.failureOf = failureOf;
  }

  /** The number of the last event that has been taken. */
  get lastEvent(): number {
    return this.last;
  }

  /** The statement that failed with this number, if the last failure was that one. */
  failedText(code: number | null): string | null {
    return this.failed !== null && this.failed.code === code ? this.failed.text : null;
  }

  take(events: readonly LogEvent[]): void {
    for (const event of events) {
      if (event.event_no <= this.last) continue;
      this.last = event.event_no;
      this.tell(event);
    }
  }

  private tell(logged: LogEvent): void {
    const { event, seq, depth, at_ms, elapsed_ms, row_count, code, sql_text } = logged;
    const text = sql_text ?? '';
    switch (event) {
      case 'B':
        this.texts.set(seq, text);
        this.feed.began(seq, depth, new Date(at_ms), text);
        break;
      case 'E':
        this.texts.delete(seq);
        this.feed.ended(seq, row_count, elapsed_ms ?? 0, usageOf(logged, sql_text));
        break;
      case 'M':
        this.feed.said(seq, new Date(at_ms), text);
        break;
      case 'F':
        this.failed = { code: code ?? 0, text: this.texts.get(seq) ?? '' };
        this.feed.statementFailed(seq, this.failureOf(code ?? 0, text));
    }
  }
}
