import type { RunSnapshot } from '../../control/watch-run.ts';
import { chunkProgress } from '../../core/run/progress.ts';
import type { StreamStatus } from '../../core/run/stream-status.ts';
import type { LoggedStatement, StreamSummary } from '../../ports/run-queries.ts';
import { type Colour, type Paint, statusColour } from '../render/paint.ts';
import {
  inWords,
  noteOf,
  runSpan,
  runTitle,
  streamSpan,
  tally,
  whereText,
} from '../render/run-text.ts';
import { count, counted, cut, failureLine, oneLine, span } from '../render/words.ts';

/** What a live view has room for. */
export interface FrameSize {
  readonly columns: number;
  readonly rows: number;
}

/** A piece of a line in one colour. */
interface Piece {
  readonly text: string;
  readonly colour?: Colour;
}

/** A statement is shown once it has run this long. */
const SHOW_STATEMENT_AFTER_MS = 1000;
const BAR_WIDTH = 12;

/** Which streams come first where there is not room for all: what went wrong, then what works. */
const RANKS: Readonly<Record<StreamStatus, number>> = {
  failed: 0,
  in_doubt: 0,
  running: 1,
  expired: 2,
  halted: 2,
  admitted: 3,
  waiting: 4,
  cancelled: 5,
  completed: 6,
};

/**
 * The lines of a live view, cut to the terminal: totals, a line a stream with its failure or its statement
 * in execution below, and how many streams there is no room for.
 */
export function frame(
  snapshot: RunSnapshot,
  size: FrameSize,
  paint: Paint,
  hint: string,
): string[] {
  const { streams } = snapshot.detail;
  const heads = headLines(snapshot);
  const hints: Piece[][] = hint === '' ? [] : [[{ text: hint, colour: 'gray' }]];
  const sorted = [...streams].sort(byRank);
  const blocks = blocksOf(sorted, snapshot);
  // One line stays free: the cursor stands in it.
  const room = Math.max(1, size.rows - heads.length - hints.length - 1);
  const shown = fitting(blocks, room);
  const left = sorted.slice(shown);
  const more: Piece[][] = left.length === 0 ? [] : [[{ text: moreText(left), colour: 'gray' }]];
  const lines = [...heads, ...blocks.slice(0, shown).flat(), ...more, ...hints];
  return lines.map((pieces) => drawn(pieces, size.columns, paint));
}

function byRank(a: StreamSummary, b: StreamSummary): number {
  return RANKS[a.status] - RANKS[b.status] || (a.instance < b.instance ? -1 : 1);
}

/** How many blocks there is room for; one line is kept for what is left out. */
function fitting(blocks: readonly Piece[][][], room: number): number {
  const total = blocks.reduce((sum, block) => sum + block.length, 0);
  if (total <= room) return blocks.length;
  let used = 1;
  const first = blocks.findIndex((block) => {
    used += block.length;
    return used > room;
  });
  return first < 0 ? blocks.length : first;
}

function moreText(streams: readonly StreamSummary[]): string {
  const counts: Partial<Record<StreamStatus, number>> = {};
  for (const { status } of streams) counts[status] = (counts[status] ?? 0) + 1;
  return `… ${streams.length} more (${tally(counts)})`;
}

function headLines({ at, detail }: RunSnapshot): Piece[][] {
  const { run, streams } = detail;
  const rows = streams.reduce((sum, stream) => sum + (stream.progress?.rows ?? 0), 0);
  const first: Piece[] = [
    { text: `Run ${run.runId}  `, colour: 'bold' },
    { text: `${runTitle(run)}  ` },
    { text: run.status.replaceAll('_', ' '), colour: statusColour(run.status) },
  ];
  const unattended =
    run.status === 'interrupted' ? ', no controller is alive: start "odtm controller"' : '';
  const took = runSpan(run, at, streams);
  const totals = [
    counted(streams.length, 'stream'),
    tally(run.streams),
    `${count(rows)} rows`,
    took,
  ];
  const text = totals.filter((fact) => fact !== '').join(', ') + unattended;
  return [first, [{ text }]];
}

function blocksOf(streams: readonly StreamSummary[], snapshot: RunSnapshot): Piece[][][] {
  const nameWidth = Math.min(30, Math.max(...streams.map(({ instance }) => instance.length), 1));
  const statements = longestByInstance(snapshot.running);
  return streams.map((stream) => [
    streamLine(stream, nameWidth, snapshot.at),
    ...belowLines(stream, statements.get(stream.instance), snapshot.at),
  ]);
}

/** Of each instance the statement that has run longest. */
function longestByInstance(running: readonly LoggedStatement[]): Map<string, LoggedStatement> {
  const found = new Map<string, LoggedStatement>();
  for (const statement of running) {
    const other = found.get(statement.instance);
    if (other === undefined || statement.startedAt < other.startedAt) {
      found.set(statement.instance, statement);
    }
  }
  return found;
}

function streamLine(stream: StreamSummary, nameWidth: number, now: Date): Piece[] {
  const { progress, status } = stream;
  const iteration = progress === null || progress.iteration === 0 ? '' : `#${progress.iteration}`;
  const facts = [
    whereText(stream),
    iteration,
    progress === null ? '' : `${count(progress.rows)} rows`,
    streamSpan(stream, now),
    stream.failure === null ? oneLine(stream.message ?? noteOf(stream)) : '',
  ].filter((fact) => fact !== '');
  return [
    { text: `  ${cut(stream.instance, nameWidth).padEnd(nameWidth)}  ` },
    { text: inWords(status).padEnd(10), colour: statusColour(status) },
    { text: facts.join('  ') },
    ...chunkPieces(stream, now),
  ];
}

/** `  [███░░░] 3/6 2.1/s 4s left` */
function chunkPieces(stream: StreamSummary, now: Date): Piece[] {
  const chunks = stream.progress === null ? null : chunkProgress(stream.progress, now);
  if (chunks === null || stream.status !== 'running') return [];
  const full = Math.round(chunks.fraction * BAR_WIDTH);
  const rate = chunks.perSecond === null ? '' : ` ${rateText(chunks.perSecond)}`;
  const left = chunks.leftMs === null ? '' : ` ${span(chunks.leftMs)} left`;
  return [
    { text: '  ' },
    { text: '█'.repeat(full), colour: 'cyan' },
    { text: '░'.repeat(BAR_WIDTH - full), colour: 'gray' },
    { text: ` ${count(chunks.done)}/${count(chunks.total)}${rate}${left}` },
  ];
}

/** Chunks a second, or a minute where they are slow. */
export function rateText(perSecond: number): string {
  if (perSecond >= 10) return `${count(Math.round(perSecond))}/s`;
  return perSecond >= 0.1 ? `${perSecond.toFixed(1)}/s` : `${(perSecond * 60).toFixed(1)}/min`;
}

function belowLines(
  stream: StreamSummary,
  statement: LoggedStatement | undefined,
  now: Date,
): Piece[][] {
  const lines: Piece[][] = [];
  if (stream.failure !== null) {
    lines.push([{ text: `    ${failureLine(stream.failure)}`, colour: 'red' }]);
  }
  if (stream.status !== 'running' || statement === undefined) return lines;
  const ms = now.getTime() - statement.startedAt.getTime();
  if (ms < SHOW_STATEMENT_AFTER_MS) return lines;
  return [...lines, [{ text: `    ${span(ms)}  ${oneLine(statement.text)}`, colour: 'gray' }]];
}

/** The pieces as one line that fits the width. */
function drawn(pieces: readonly Piece[], columns: number, paint: Paint): string {
  let room = columns;
  let line = '';
  for (const { text, colour } of pieces) {
    const fitted = cut(text, room);
    room -= [...fitted].length;
    line += colour === undefined ? fitted : paint.in(colour, fitted);
    if (room <= 0) break;
  }
  return line.trimEnd();
}
