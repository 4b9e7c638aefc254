import { isDiscardedCode } from './error-codes.ts';

/** What cannot grow, as Oracle's messages name it: table APP.T partition P. */
const SEGMENT = /\b(table|index|lob segment|cluster) ([\w$#."]+(?: (?:sub)?partition [\w$#."]+)?)/i;
const TABLESPACE = /(?:undo )?tablespace\s+'?"?([\w$#]+)/i;

const ROOM = 'Enlarge a data file or add one (or let one grow: AUTOEXTEND), or free some room.';

/** Numbers that say that a segment cannot grow in its tablespace. */
const CANNOT_EXTEND = new Set([1650, 1653, 1654, 1655, 1658, 1659, 1683, 1688, 1691, 1692]);

/** Numbers that say that a segment has all the extents that it may have. */
const MOST_EXTENTS = new Set([1628, 1630, 1631, 1632, 1693]);

const DIRECTLY =
  'within packages only privileges count that are granted to it directly, not by a role.';
const INTERNAL = 'Something inside Oracle failed: look into its alert log and trace files.';

const HINTS: Readonly<Record<number, string>> = {
  18: 'All sessions of the instance are in use: raise SESSIONS, or run fewer streams at a time.',
  20: 'All processes of the instance are in use: raise PROCESSES, or run fewer streams at a time.',
  257: 'The archiver is stuck: free room where archived logs are written; all work waits for it.',
  600: INTERNAL,
  942: `It is not there, or the user of ODTM may not see it; ${DIRECTLY}`,
  1031: `The user of ODTM lacks a privilege for this; ${DIRECTLY}`,
  1555:
    'The undo of a long query was overwritten: raise UNDO_RETENTION, or cut the task into smaller chunks. ' +
    'It is tried again only where the author says so: retry_on: ["ORA-01555"] in the task.',
  1652: 'The temporary tablespace is full: enlarge it, sort less at a time, or use fewer parallel servers.',
  4021: 'Somebody holds the object, perhaps a session that executes the package: see dba_ddl_locks.',
  4031: 'The shared pool is out of memory: enlarge it, or see what fills it.',
  4043: `It is not there, or the user of ODTM may not see it; ${DIRECTLY}`,
  7445: INTERNAL,
  12838:
    'After parallel or direct-path work on a table nothing may read it in the same transaction: ' +
    'do that in a task of its own.',
  12841:
    'Parallel DML cannot be switched within a unit: give ALTER SESSION ENABLE PARALLEL DML as ' +
    'p_alter_session of DOM.execute_immediate, or write the hint ENABLE_PARALLEL_DML.',
  19502: 'The disk of the database is full: free some room on it.',
  19504: 'The file could not be created: see the disk of the database.',
  19809:
    'The recovery area is full: delete what it need not keep, or raise DB_RECOVERY_FILE_DEST_SIZE.',
  20100: 'Only the iterator may call DOM.operation_complete.',
  30036: 'The undo tablespace is full: enlarge it, or work in smaller chunks.',
};

const DISCARDED_HINT =
  'The package was compiled anew while this session used it; a fresh session runs the unit again.';

/** What a person can do about an error, in plain words; null: the message says it all. */
export function hintOf(number: number, message: string): string | null {
  if (isDiscardedCode(number)) return DISCARDED_HINT;
  const tablespace = TABLESPACE.exec(message)?.[1];
  if (CANNOT_EXTEND.has(number)) return cannotExtend(message, tablespace);
  if (number === 1536) return quotaUsedUp(tablespace);
  if (MOST_EXTENTS.has(number)) return mostExtents(message);
  const hint = HINTS[number] ?? null;
  if (tablespace === undefined) return hint;
  return hint?.replace(/^(The \w+ tablespace)/, `$1 ${tablespace}`) ?? null;
}

function cannotExtend(message: string, tablespace = '?'): string {
  return `Tablespace ${tablespace} has no room for ${segmentIn(message) ?? 'a new segment'}. ${ROOM}`;
}

function quotaUsedUp(tablespace = '?'): string {
  return (
    `The owner of the table has used up its quota in tablespace ${tablespace}: raise it ` +
    `(ALTER USER … QUOTA … ON ${tablespace}).`
  );
}

function mostExtents(message: string): string {
  const what = segmentIn(message) ?? 'the segment';
  return `There are as many extents in ${what} as it may have: raise MAXEXTENTS, or move it elsewhere.`;
}

function segmentIn(message: string): string | null {
  const [, kind, name] = SEGMENT.exec(message) ?? [];
  return kind === undefined || name === undefined ? null : `${kind.toLowerCase()} ${name}`;
}
