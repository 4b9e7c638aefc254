import type { StatementFeed } from '../protocol/statement-feed.ts';
import type { Notice } from './connection.ts';

const BEGAN = 'OD901';
const ENDED = 'OD902';
const MESSAGE = 'OD903';

/** Tells the feed what a notice of the framework says: numbers, and behind them the text. */
export function tellNotice(feed: StatementFeed, { code, message }: Notice): void {
  if (code === ENDED) {
    const [seq, rows, elapsedMs] = message.split(' ').map(Number);
    feed.ended(Number(seq), Number.isNaN(rows) ? null : (rows ?? null), elapsedMs ?? 0);
    return;
  }
  if (code !== BEGAN && code !== MESSAGE) return;
  const [seq = '', depth = '', epoch = ''] = message.split(' ', 3);
  const text = message.slice(seq.length + depth.length + epoch.length + 3);
  const at = new Date(Number(epoch) * 1000);
  if (code === BEGAN) feed.began(Number(seq), Number(depth), at, text);
  else feed.said(Number(seq), at, text);
}
