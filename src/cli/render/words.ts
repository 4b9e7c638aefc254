import type { Failure } from '../../core/run/failure.ts';
import type { UnitKey } from '../../core/run/unit.ts';

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** A time span for people: `850ms`, `12.3s`, `4m05s`, `2h03m`, `3d04h`. */
export function span(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`;
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)}d${two(hours % 24)}h`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** A whole number with separators. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** A number of bytes for people, in units of 1024: `850 B`, `12.3 KiB`, `1.2 GiB`. */
export function bytes(value: number): string {
  const exponent = BYTE_UNITS.findLastIndex((_, index) => value >= 1024 ** index * 0.99995);
  const unit = BYTE_UNITS[Math.max(0, exponent)] ?? 'B';
  return exponent <= 0 ? `${value} B` : `${(value / 1024 ** exponent).toFixed(1)} ${unit}`;
}

/** `1 stream`, `3 streams`. */
export function counted(value: number, thing: string): string {
  return `${count(value)} ${thing}${value === 1 ? '' : 's'}`;
}

/** A moment in the time of this machine: `2026-11-21 06:44:15`. */
export function moment(date: Date | null): string {
  if (date === null) return '';
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(two).join('-');
  return `${day} ${clockTime(date)}`;
}

/** `06:44:15` in the time of this machine. */
export function clockTime(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
}

/** On one line and without what a terminal would obey: texts of servers are not to be trusted. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}

/** Lines stay; every other control character goes. */
export function safeText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/(?![\n\t])\p{Cc}/gu, ' ');
}

/** Cuts a text to a width; what is cut ends with an ellipsis. */
export function cut(text: string, width: number): string {
  const letters = [...text];
  if (letters.length <= width) return text;
  return width < 1 ? '' : `${letters.slice(0, width - 1).join('')}…`;
}

/** A unit for people: `purge_rows, app.orders, iteration 3, chunk 7`. */
export function unitText(unit: UnitKey): string {
  const parts = [unit.task];
  if (unit.object !== '') parts.push(unit.object);
  if (unit.iteration > 0) parts.push(`iteration ${unit.iteration}`);
  if (unit.chunk > 0) parts.push(`chunk ${unit.chunk}`);
  return parts.join(', ');
}

/** A failure on one line: code, message, and the line of the package. */
export function failureLine(failure: Failure): string {
  const line = failure.line === null ? '' : `:${failure.line}`;
  const place = failure.file === null ? '' : ` (${failure.file}${line})`;
  return oneLine(`${failure.code}: ${failure.message}${place}`);
}

/** Everything that is known of a failure, a line each. */
export function failureText(failure: Failure): string {
  const more: readonly (readonly [string, string | null])[] = [
    ['detail', failure.detail],
    ['hint', failure.hint],
    ['context', failure.context],
    ['statement', failure.statement],
  ];
  const lines = more.flatMap(([label, text]) =>
    text === null ? [] : [`  ${label}: ${safeText(text).replaceAll('\n', '\n    ')}`],
  );
  return [failureLine(failure), ...lines].join('\n');
}
