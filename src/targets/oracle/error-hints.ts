import { isDiscardedCode } from './error-codes.ts';

const NAME = String.raw`[\w$#"]+`;

/** What cannot grow, as Oracle's messages name it: table APP.T partition P. */
const SEGMENT = new RegExp(
  String.raw`\b(table|index|lob segment|cluster) (${NAME}\.${NAME}(?: (?:sub)?partition ${NAME})?)`,
  'i',
);
const ROLLBACK_SEGMENT = new RegExp(`\\b(rollback segment) (${NAME})`, 'i');
const TABLESPACE = /\btablespace\s+'?"?([\w$#]+)/i;
const BLOCKS = /\bby (\d+)\b/;

const ROOM = 'Enlarge a data file or add one (or let one grow: AUTOEXTEND), or free some room.';

/** Numbers that say that a segment cannot grow in its tablespace; 1652 is one that exists for a time. */
const CANNOT_EXTEND = new Set([
  1650, 1652, 1653, 1654, 1655, 1658, 1659, 1680, 1683, 1688, 1691, 1692, 3233, 3234, 3238,
]);

/** Numbers that say that a segment has all the extents that it may have. */
const MOST_EXTENTS = new Set([
  1628, 1630, 1631, 1632, 1656, 1681, 1684, 1685, 1693, 1694, 3235, 3236, 3239,
]);

/** Numbers that say that a user may not have that much, or anything, in a tablespace. */
const QUOTA = new Set([1536, 1950]);

/** A segment that is there for a time only cannot grow. */
const TEMPORARY = 1652;
const UNDO_FULL = 30036;

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
};

const DISCARDED_HINT =
  'The package was compiled anew while this session used it; a fresh session runs the unit again.';

/** What a person can do about an error, in plain words; null: the message says it all. */
export function hintOf(number: number, message: string): string | null {
  if (isDiscardedCode(number)) return DISCARDED_HINT;
  if (CANNOT_EXTEND.has(number)) return cannotExtend(number, message);
  if (QUOTA.has(number)) return quotaUsedUp(message);
  if (MOST_EXTENTS.has(number)) return mostExtents(message);
  if (number === UNDO_FULL) return undoFull(message);
  return HINTS[number] ?? null;
}

function cannotExtend(number: number, message: string): string {
  const segment = segmentIn(message);
  const where = tablespaceIn(message, 'Tablespace', 'The tablespace');
  if (number === TEMPORARY && segment === null) return temporary(where);
  return `${where} has no room for ${segment ?? 'a new segment'}. ${ROOM}`;
}

/** In a permanent tablespace it is what becomes a table or an index once it is complete. */
function temporary(where: string): string {
  return (
    `${where} has no room for a temporary segment: a sort or a join, or a table or index while it is ` +
    'built. Enlarge it, do less at a time, or use fewer parallel servers.'
  );
}

function quotaUsedUp(message: string): string {
  const tablespace = TABLESPACE.exec(message)?.[1] ?? '…';
  const where = tablespaceIn(message, 'tablespace', 'its tablespace');
  return (
    `The owner of what grows or is created has no quota left in ${where}: raise it ` +
    `(ALTER USER … QUOTA … ON ${tablespace}).`
  );
}

function mostExtents(message: string): string {
  const what =
    segmentIn(message) ?? `a segment in ${tablespaceIn(message, 'tablespace', 'its tablespace')}`;
  return `There are as many extents in ${what} as it may have: raise MAXEXTENTS, or move it elsewhere.`;
}

function undoFull(message: string): string {
  const blocks = BLOCKS.exec(message)?.[1];
  const wanted = blocks === undefined ? '' : ` (${blocks} blocks more were wanted)`;
  return (
    `${tablespaceIn(message, 'The undo tablespace', 'The undo tablespace')} is full${wanted}: enlarge it, ` +
    'or work in smaller chunks.'
  );
}

function tablespaceIn(message: string, before: string, unnamed: string): string {
  const [, name] = TABLESPACE.exec(message) ?? [];
  return name === undefined ? unnamed : `${before} ${name}`;
}

function segmentIn(message: string): string | null {
  const [, kind, name] = SEGMENT.exec(message) ?? ROLLBACK_SEGMENT.exec(message) ?? [];
  return kind === undefined || name === undefined ? null : `${kind.toLowerCase()} ${name}`;
}
