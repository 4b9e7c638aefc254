import { ServerError } from './errors.ts';
import type { Statement } from './statement-scan.ts';
import type { Column, ResultSet } from './types.ts';
import { isLob, typeOfColumn, type ValueType } from './values.ts';

/** Directions of binds in the I/O vector of a PL/SQL block. */
export const DIRECTION = { in: 32, out: 16, inOut: 48 } as const;

/** A statement that the client may run again by the cursor's id. */
export interface Cursor {
  readonly id: number;
  statement: Statement;
  binds: readonly ValueType[];
  /** What the last I/O vector said; the driver does not send pure OUT binds again. */
  directions: readonly number[] | undefined;
  columns: readonly Column[] | undefined;
  /** The client's own choice of types, which is how it asks for LOBs as text. */
  defines: readonly ValueType[] | undefined;
  rows: RowSource | undefined;
  rowsFetched: number;
  isDone: boolean;
}

/** Rows one by one. */
export type RowSource = AsyncIterator<readonly unknown[]> | Iterator<readonly unknown[]>;

const RESULT_SET: Statement = {
  sql: '',
  kind: 'query',
  bindNames: [],
  returningFrom: Number.POSITIVE_INFINITY,
};

/** The open cursors of a session. */
export class CursorStore {
  private readonly cursors = new Map<number, Cursor>();
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.cursors.size;
  }

  find(id: number): Cursor | undefined {
    return this.cursors.get(id);
  }

  get(id: number): Cursor {
    const cursor = this.cursors.get(id);
    if (cursor === undefined) throw new ServerError(1001, 'invalid cursor');
    return cursor;
  }

  open(statement: Statement): Cursor {
    if (this.cursors.size >= this.limit) {
      throw new ServerError(1000, 'maximum open cursors exceeded');
    }
    let id = 1;
    while (this.cursors.has(id)) id += 1;
    const cursor: Cursor = {
      id,
      statement,
      binds: [],
      directions: undefined,
      columns: undefined,
      defines: undefined,
      rows: undefined,
      rowsFetched: 0,
      isDone: false,
    };
    this.cursors.set(id, cursor);
    return cursor;
  }

  /** A cursor of a REF CURSOR or an implicit result. */
  openResult({ columns, rows }: ResultSet): Cursor {
    const cursor = this.open(RESULT_SET);
    cursor.columns = columns;
    cursor.rows = iterate(rows);
    return cursor;
  }

  async close(id: number): Promise<void> {
    const cursor = this.cursors.get(id);
    this.cursors.delete(id);
    await cursor?.rows?.return?.();
  }

  async closeAll(): Promise<void> {
    for (const id of [...this.cursors.keys()]) await this.close(id);
  }

  /** Ends the fetching; the statement may be run again. */
  async cancel(id: number): Promise<void> {
    const cursor = this.cursors.get(id);
    if (cursor === undefined) return;
    await endRows(cursor);
    cursor.isDone = true;
  }
}

/** Lets go of rows that nobody will fetch. */
export async function endRows(cursor: Cursor): Promise<void> {
  const { rows } = cursor;
  cursor.rows = undefined;
  await rows?.return?.();
}

/** Rows on demand. */
export function iterate(rows: ResultSet['rows']): RowSource {
  return Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]();
}

/** Whether the driver defines the columns before it fetches: rows that it gets earlier confuse it. */
export function needsDefine({ defines, columns = [] }: Cursor): boolean {
  return defines === undefined && columns.some((column) => isLob(typeOfColumn(column)));
}
