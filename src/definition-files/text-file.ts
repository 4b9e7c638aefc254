import { readFile, stat } from 'node:fs/promises';
import type { Report } from '../core/definitions/problem.ts';

const MAX_FILE_BYTES = 5_000_000;

/**
 * The text of a UTF-8 file with line ends as LF and without a byte order mark; null where it is none, which
 * is then reported.
 */
export async function readText(path: string, file: string, report: Report): Promise<string | null> {
  const start = { file, line: 1, column: 1 };
  let bytes: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES) {
      report(start, `The file has ${size} bytes, more than ${MAX_FILE_BYTES}. Split it.`);
      return null;
    }
    bytes = await readFile(path);
  } catch (error) {
    report(
      start,
      `The file cannot be read (${(error as NodeJS.ErrnoException).code}). Check its permissions.`,
    );
    return null;
  }
  const valid = validPrefix(bytes);
  const zero = bytes.indexOf(0);
  const bad = zero >= 0 && zero < valid ? zero : valid;
  if (bad === bytes.length) return decode(bytes).replaceAll('\r\n', '\n');
  const before = decode(bytes.subarray(0, bad));
  const column = before.length - before.lastIndexOf('\n');
  const byte = `0x${(bytes[bad] ?? 0).toString(16).padStart(2, '0')}`;
  const place = { file, line: before.split('\n').length, column };
  report(place, `The file is no UTF-8 text: byte ${byte} does not belong. Save it as UTF-8.`);
  return null;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes);
}

function isValid(bytes: Uint8Array, stream: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream });
    return true;
  } catch {
    return false;
  }
}

/** How many bytes from the start are UTF-8; all of them where the whole is. */
function validPrefix(bytes: Uint8Array): number {
  if (isValid(bytes, false)) return bytes.length;
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (middle <= bytes.length && isValid(bytes.subarray(0, middle), true)) good = middle;
    else bad = middle;
  }
  let start = Math.min(good, bytes.length - 1);
  while (!isValid(bytes.subarray(0, start), false)) start -= 1;
  return start;
}
