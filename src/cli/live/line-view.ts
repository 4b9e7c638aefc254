import type { RunSnapshot } from '../../control/watch-run.ts';
import { chunkProgress } from '../../core/run/progress.ts';
import type { StreamSummary } from '../../ports/run-queries.ts';
import type { Output } from '../output.ts';
import { inWords, noteOf, runTitle, streamSpan, whereText } from '../render/run-text.ts';
import { summaryText } from '../render/summary-text.ts';
import { clockTime, count, failureLine, oneLine } from '../render/words.ts';
import type { RunView } from './view.ts';

/** One line a change of a stream: for pipes, files and build servers. */
export class LineView implements RunView {
  private readonly output: Output;
  private readonly seen = new Map<string, string>();
  private started = false;

  constructor(output: Output) {
    this.output = output;
  }

  show(snapshot: RunSnapshot): void {
    const { run, streams } = snapshot.detail;
    if (!this.started) this.say(snapshot.at, `run ${run.runId}`, runTitle(run));
    this.started = true;
    for (const stream of streams) this.showStream(stream, snapshot.at);
  }

  note(text: string): void {
    this.output.note(text);
  }

  end(snapshot: RunSnapshot | null): void {
    if (snapshot !== null) this.show(snapshot);
    if (snapshot?.over) this.output.text(summaryText(snapshot, this.output.paint));
  }

  private showStream(stream: StreamSummary, at: Date): void {
    const state = stateOf(stream, at);
    if (this.seen.get(stream.streamId) === state) return;
    this.seen.set(stream.streamId, state);
    const { paint } = this.output;
    const status = paint.status(stream.status, inWords(stream.status));
    const facts = factsOf(stream, at);
    this.say(at, stream.instance, [status, ...facts].join('  '));
    if (stream.failure !== null && stream.status !== 'running') {
      this.say(at, stream.instance, paint.in('red', failureLine(stream.failure)));
    }
  }

  private say(at: Date, who: string, what: string): void {
    this.output.text(`${clockTime(at)}  ${who}  ${what}`);
  }
}

/** What a new line is written for. Chunks count in tenths: one line a chunk would be too many. */
function stateOf(stream: StreamSummary, at: Date): string {
  const { progress } = stream;
  const chunks = progress === null ? null : chunkProgress(progress, at);
  const tenth = chunks === null ? '' : Math.floor(chunks.fraction * 10);
  const { object, iteration, tasks } = progress ?? {};
  const place = [object, iteration, tasks?.join('+'), tenth, noteOf(stream)];
  return [stream.status, stream.attempt, ...(stream.status === 'running' ? place : [])].join('/');
}

function factsOf(stream: StreamSummary, at: Date): string[] {
  const { progress } = stream;
  const chunks = progress === null ? null : chunkProgress(progress, at);
  const running = stream.status === 'running';
  const facts = [
    stream.status === 'waiting' ? '' : whereText(stream),
    progress !== null && running && progress.iteration > 0 ? `iteration ${progress.iteration}` : '',
    chunks !== null && running ? `chunk ${count(chunks.done)} of ${count(chunks.total)}` : '',
    progress === null ? '' : `${count(progress.rows)} rows`,
    running ? '' : streamSpan(stream, at),
    stream.failure === null ? oneLine(stream.message ?? noteOf(stream)) : '',
  ];
  return facts.filter((fact) => fact !== '');
}
