import { readFile } from 'node:fs/promises';
import { type Account, accountOfLines } from './event-data.ts';

/** The names that belong to one region; a test adds something to them that no other test has. */
export interface RegionNames {
  readonly instance: string;
  /** The schema of the application. */
  readonly owner: string;
  /** What ODTM logs in to, and as whom. */
  readonly database: string;
  readonly user: string;
}

/** A region's database: filled, and ready for ODTM. */
export interface EventStore extends RegionNames {
  readonly host: string;
  readonly port: number;
  /** Executes a statement as an administrator. */
  execute(sql: string): Promise<void>;
  /** Rows of one column of text, read as an administrator. */
  lines(sql: string): Promise<string[]>;
  /** Removes all that was made for the region. */
  drop(): Promise<void>;
}

/** The script that makes and fills the application's tables. */
export async function appScript(
  engine: string,
  owner: string,
  eventsAMonth: number,
): Promise<string> {
  const script = await readFile(new URL(`../app/${engine}.sql`, import.meta.url), 'utf8');
  return script.replaceAll(/\bapp\b(?=[.\s])/g, owner).replaceAll('3000', String(eventsAMonth));
}

/** What is in the application's tables. `day` writes a column of dates as text in the engine's words. */
export async function accountIn(store: EventStore): Promise<Account> {
  const { owner } = store;
  const events = (table: string) =>
    store.lines(
      lineQuery(`${owner}.${table}`, ['id', 'account_id', 'event_date', 'amount', 'note']),
    );
  const rollup = ['month_start', 'account_id', 'events', 'amount'];
  return {
    event: accountOfLines(await events('event')),
    archive: accountOfLines(await events('event_arch')),
    rollup: accountOfLines(await store.lines(lineQuery(`${owner}.event_rollup`, rollup))),
  };
}

/** MariaDB and PostgreSQL both write a date as 2026-01-31 and an amount with its two decimals. */
function lineQuery(table: string, columns: readonly string[]): string {
  return `SELECT CONCAT_WS('|', ${columns.join(', ')}) AS line FROM ${table}`;
}

/** Books an amount that makes an account's sum less than nothing. */
export async function spoil(store: EventStore, id: number): Promise<string> {
  const sql = `UPDATE ${store.owner}.event SET amount = -900000 WHERE id = ${id}`;
  await store.execute(sql);
  return sql;
}

/** What the DBA does: the month has been archived, so the amount is wrong in both tables. */
export async function repair(store: EventStore, id: number, amount: string): Promise<string[]> {
  const statements = ['event', 'event_arch'].map(
    (table) => `UPDATE ${store.owner}.${table} SET amount = ${amount} WHERE id = ${id}`,
  );
  for (const sql of statements) await store.execute(sql);
  return statements;
}
