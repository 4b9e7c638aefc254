import { frameworkUnits } from './code-files.ts';
import type { Connection } from './connection.ts';
import { errno } from './errors.ts';
import { framework } from './framework.ts';

/** A file that is missing, short, not of that kind, or a table marked as crashed or not to be repaired. */
const BROKEN = new Set([1016, 1017, 1030, 1033, 1034, 1035, 1194, 1195, 1459]);
/** The server also hands on what the storage engine itself says. */
const FIRST_OF_STORAGE = 120;
const LAST_OF_STORAGE = 199;

/**
 * Sees to it that the live log can be written: it is outside of transactions, so that a server that was
 * killed may have left it broken. What is in it then is worth less than that units can run: the record is
 * elsewhere.
 */
export async function mendLog(connection: Connection): Promise<void> {
  if (await isReadable(connection)) return;
  for (const how of ['', 'USE_FRM']) {
    await connection.query(`REPAIR TABLE dom$log ${how}`);
    if (await isReadable(connection)) return;
  }
  await connection.query('DROP TABLE IF EXISTS dom$log');
  const { code } = frameworkUnits((await framework()).files);
  for (const { text } of code)
    if (text.startsWith('CREATE TABLE IF NOT EXISTS dom$log ')) await connection.query(text);
}

async function isReadable(connection: Connection): Promise<boolean> {
  try {
    await connection.query('SELECT l.event FROM dom$log l WHERE l.session_no = -1');
    return true;
  } catch (error) {
    if (isBroken(errno(error) ?? 0)) return false;
    throw error;
  }
}

function isBroken(number: number): boolean {
  return BROKEN.has(number) || (number >= FIRST_OF_STORAGE && number <= LAST_OF_STORAGE);
}
