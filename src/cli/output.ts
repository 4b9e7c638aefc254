import { Paint } from './render/paint.ts';
import type { TextStream } from './services.ts';

/** Where a command writes what it has found: text for people, or JSON. */
export class Output {
  /** Whether `--json` was asked for. */
  readonly json: boolean;
  readonly paint: Paint;
  readonly stream: TextStream;
  private readonly notes: TextStream;

  constructor(
    streams: { readonly out: TextStream; readonly err: TextStream },
    env: Readonly<Record<string, string | undefined>>,
    json: boolean,
  ) {
    this.stream = streams.out;
    this.notes = streams.err;
    this.json = json;
    this.paint = new Paint(Paint.wanted(streams.out, env));
  }

  text(text: string): void {
    this.stream.write(`${text}\n`);
  }

  /** One JSON document. */
  document(value: unknown): void {
    this.stream.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** One JSON document on a line of its own. */
  jsonLine(value: unknown): void {
    this.stream.write(`${JSON.stringify(value)}\n`);
  }

  /** The document with `--json`, else the text. */
  either(document: () => unknown, text: () => string): void {
    if (this.json) this.document(document());
    else this.text(text());
  }

  /** A word beside the result, which does not belong to it. */
  note(text: string): void {
    this.notes.write(`${text}\n`);
  }
}
