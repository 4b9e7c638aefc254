import { type RawBuilder, sql } from 'kysely';

/** `moment` is sent as seconds since 1970, which the server reads faster than a date in words. */
type ColumnType = 'bigint' | 'integer' | 'float8' | 'text' | 'jsonb' | 'moment';

/** A column of rows that are sent as one array a column, which the server unnests. */
export interface Column<Row> {
  readonly name: string;
  readonly type: ColumnType;
  readonly of: (row: Row) => string | number | Date | null;
}

/** `unnest(…) as alias (name, …)`: the rows as a table of the statement. */
export function unnested<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  alias: string,
): RawBuilder<unknown> {
  const arrays = columns.map(
    (column) => sql`${arrayLiteral(column, rows)}::${sql.raw(`${wireType(column.type)}[]`)}`,
  );
  return sql`unnest(${sql.join(arrays)}) as ${sql.ref(alias)} (${columnList(columns)})`;
}

function wireType(type: ColumnType): string {
  return type === 'moment' ? 'float8' : type;
}

/**
 * The array as the server reads it. The driver makes the same from a list, at a cost that shows with a
 * hundred thousand rows.
 */
function arrayLiteral<Row>({ of }: Column<Row>, rows: readonly Row[]): string {
  return `{${rows.map((row) => element(of(row))).join(',')}}`;
}

function element(value: string | number | Date | null): string | number {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return value;
  if (value instanceof Date) return value.getTime() / 1000;
  const escaped = /["\\]/.test(value) ? value.replace(/["\\]/g, '\\$&') : value;
  return `"${escaped}"`;
}

/** `name, …` */
export function columnList<Row>(columns: readonly Column<Row>[]): RawBuilder<unknown> {
  return sql.join(columns.map(({ name }) => sql.ref(name)));
}

/** `alias.name, …`, as values of the table's columns and under their names. */
export function valueList<Row>(
  columns: readonly Column<Row>[],
  alias: string,
): RawBuilder<unknown> {
  return sql.join(
    columns.map(({ name, type }) => {
      const value = sql.ref(`${alias}.${name}`);
      return type === 'moment' ? sql`to_timestamp(${value}) as ${sql.ref(name)}` : value;
    }),
  );
}

/** `name = excluded.name, …` */
export function excludedList<Row>(columns: readonly Column<Row>[]): RawBuilder<unknown> {
  return sql.join(
    columns.map(({ name }) => sql`${sql.ref(name)} = ${sql.ref(`excluded.${name}`)}`),
  );
}

/** `a.name = b.name and …` */
export function sameKey<Row>(
  columns: readonly Column<Row>[],
  a: string,
  b: string,
): RawBuilder<unknown> {
  const pairs = columns.map(
    ({ name }) => sql`${sql.ref(`${a}.${name}`)} = ${sql.ref(`${b}.${name}`)}`,
  );
  return sql.join(pairs, sql` and `);
}
