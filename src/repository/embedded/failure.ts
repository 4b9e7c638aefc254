import { open } from 'node:fs/promises';
import { type OdtmError, odtmError } from '../../core/errors/catalogue.ts';
import type { Place } from './location.ts';

const TAIL_BYTES = 2000;

/** The error of a server that did not do something, with the reason and the end of its log. */
export async function serverFailure(
  place: Place,
  action: string,
  reason: string,
  cause?: unknown,
): Promise<OdtmError> {
  const tail = await logTail(place, 0);
  const text = tail === '' ? reason : `${reason}\nThe server's log ends with:\n${tail}`;
  const details = { dataDir: place.dataDir, action, reason: text, logFile: place.logFile };
  return odtmError('EMBEDDED_SERVER_FAILED', details, cause);
}

/** The last lines of the server's log that were written at or after the byte `from`. */
export async function logTail(place: Place, from: number): Promise<string> {
  try {
    await using file = await open(place.logFile, 'r');
    const { size } = await file.stat();
    const start = Math.max(from, size - TAIL_BYTES);
    if (size <= start) return '';
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, null, start);
    return buffer.toString('utf8', 0, bytesRead).trim();
  } catch {
    // No log yet is an ordinary state: the server has never been started.
    return '';
  }
}
