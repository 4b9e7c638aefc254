import { type RawBuilder, sql } from 'kysely';

/** A column of rows that are sent as one array a column, which the server unnests. */
export interface Column<Row> {
  readonly name: string;
  readonly type: 'bigint' | 'integer' | 'float8' | 'text' | 'timestamptz' | 'jsonb' | 'uuid';
  readonly of: (row: Row) => string | number | null;
}

/** `unnest(…) as alias (name, …)`: the rows as a table of the statement. */
export function unnested<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  alias: string,
): RawBuilder<unknown> {
  const arrays = columns.map(
    (column) => sql`${rows.map((row) => column.of(row))}::${sql.raw(`${column.type}[]`)}`,
  );
  return sql`unnest(${sql.join(arrays)}) as ${sql.ref(alias)} (${columnList(columns)})`;
}

/** `name, …` */
export function columnList<Row>(columns: readonly Column<Row>[]): RawBuilder<unknown> {
  return sql.join(columns.map(({ name }) => sql.ref(name)));
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

/** The newest row of each key: one statement may write a key only once. */
export function newestOfKey<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
): readonly Row[] {
  const byKey = new Map(rows.map((row) => [columns.map(({ of }) => of(row)).join('\u0001'), row]));
  return byKey.size === rows.length ? rows : [...byKey.values()];
}
