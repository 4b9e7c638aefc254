/** Something that cannot grow, by the first part of Oracle's message. */
const SEGMENT =
  /(?:extend|segment for|extents \([^)]*\) reached in|in) (?:saved undo )?(table|index|lob segment|lobsegment|cluster|temp segment|rollback segment|segment)\s+([\w$#."]+(?:\s+(?:sub)?partition\s+[\w$#."]+)?)?/i;
const TABLESPACE = /(?:undo )?tablespace\s+'?"?([\w$#]+)/i;

const ROOM = 'Enlarge a data file or add one (or let one grow: AUTOEXTEND), or free some room.';

/** Numbers that say that a segment cannot grow in its tablespace. */
const CANNOT_EXTEND = new Set([
  1650, 1653, 1654, 1655, 1658, 1659, 1683, 1688, 1691, 1692, 1693, 60_020,
]);

const HINTS: Readonly<Record<number, string>> = {
  18: 'All sessions of the instance are in use: raise SESSIONS, or run fewer streams at a time.',
  20: 'All processes of the instance are in use: raise PROCESSES, or run fewer streams at a time.',
  257: 'The archiver is stuck: free room where archived logs are written; the database waits until then.',
  600: 'An internal error of Oracle: look into its alert log and trace files.',
  1031: 'The user of ODTM lacks a privilege for this; within packages only those count that are granted to it directly, not by a role.',
  1555: 'The undo of a long query was overwritten: raise UNDO_RETENTION, or cut the task into smaller chunks. It is not tried again by itself.',
  1652: 'The temporary tablespace is full: enlarge it, sort less at a time, or have fewer parallel servers.',
  4021: 'Somebody holds the object, for instance a session that executes the package: see v$access or dba_ddl_locks.',
  4031: 'The shared pool is out of memory: enlarge it, or see what fills it.',
  7445: 'A process of Oracle crashed: look into its alert log and trace files.',
  12838:
    'After parallel or direct-path work on a table nothing may read it in the same transaction: do that in a task of its own.',
  12860: 'Parallel servers waited for a row of their own session: do without PARALLEL here.',
  19502: 'The disk of the database is full: free some room on it.',
  19504: 'The file could not be created: see the disk of the database.',
  19809:
    'The recovery area is full: delete what it need not keep, or raise DB_RECOVERY_FILE_DEST_SIZE.',
  20100: 'Only the iterator may call DOM.operation_complete.',
  30036:
    'The undo tablespace is full: enlarge it, or work in smaller chunks so that each transaction needs less.',
};

const DENIED_HINT =
  'It is not there, or the user of ODTM may not see it; within packages only privileges count that are granted to it directly, not by a role.';
const DISCARDED_HINT =
  'The package was compiled anew while this session used it; a fresh session runs the unit again.';

/** What a person can do about an error, in plain words; null: the message says it all. */
export function hintOf(number: number, message: string): string | null {
  if (number === 942 || number === 4043) return DENIED_HINT;
  if (number === 4061 || number === 4065 || number === 4068) return DISCARDED_HINT;
  const tablespace = TABLESPACE.exec(message)?.[1];
  if (CANNOT_EXTEND.has(number)) return cannotExtend(message, tablespace);
  if (number === 1536) {
    return `The user of ODTM has used up its quota in tablespace ${tablespace ?? '?'}: raise it (ALTER USER … QUOTA … ON ${tablespace ?? '…'}).`;
  }
  if (number >= 1628 && number <= 1632) return mostExtents(message);
  const hint = HINTS[number] ?? null;
  const named = number === 1652 || number === 30_036 ? tablespace : undefined;
  return hint === null || named === undefined
    ? hint
    : hint.replace('tablespace', `tablespace ${named}`);
}

function cannotExtend(message: string, tablespace: string | undefined): string {
  const what = segmentIn(message);
  return `Tablespace ${tablespace ?? '?'} has no room for ${what ?? 'a new segment'}. ${ROOM}`;
}

function mostExtents(message: string): string {
  const what = segmentIn(message) ?? 'The segment';
  return `${what} has as many extents as it may have: raise MAXEXTENTS, or move it to a locally managed tablespace.`;
}

function segmentIn(message: string): string | null {
  const match = SEGMENT.exec(message);
  const [, kind, name] = match ?? [];
  if (kind === undefined || name === undefined || /^(in|by)$/i.test(name)) return null;
  return `${kind.toLowerCase()} ${name}`;
}
