import { createHash } from 'node:crypto';

/** The months of the example's data, all of which have 28 days of events. */
const MONTHS = ['2026-01', '2026-02', '2026-03', '2026-04', '2026-05', '2026-06'];
const ACCOUNTS = 50;

/** A table in one figure: how many rows, and a digest over every column of every row. */
export interface TableAccount {
  readonly rows: number;
  readonly digest: string;
}

/** The three tables of the application. */
export interface Account {
  readonly event: TableAccount;
  readonly archive: TableAccount;
  readonly rollup: TableAccount;
}

interface Event {
  readonly id: number;
  readonly account: number;
  readonly month: string;
  readonly day: string;
  readonly cents: number;
}

/** A table's account from its rows as text, in any order. */
export function accountOfLines(lines: readonly string[]): TableAccount {
  const digest = createHash('sha256')
    .update([...lines].sort().join('\n'))
    .digest('hex');
  return { rows: lines.length, digest: digest.slice(0, 16) };
}

/**
 * What a purge must leave, calculated from the rule by which the scripts in app/ make the rows, and from
 * nothing that a database or ODTM has said.
 */
export function expectedAccount(eventsAMonth: number, monthsKept: number): Account {
  const due = new Set(MONTHS.slice(0, MONTHS.length - monthsKept));
  const events = allEvents(eventsAMonth);
  const archived = events.filter(({ month }) => due.has(month));
  return {
    event: accountOfLines(events.filter(({ month }) => !due.has(month)).map(eventLine)),
    archive: accountOfLines(archived.map(eventLine)),
    rollup: accountOfLines(rollupLines(archived)),
  };
}

/** What the scripts in app/ make. */
export function accountBefore(eventsAMonth: number): Account {
  return expectedAccount(eventsAMonth, MONTHS.length);
}

/** How many events are due. */
export function dueEvents(eventsAMonth: number, monthsKept: number): number {
  return (MONTHS.length - monthsKept) * eventsAMonth;
}

/** An event of a month in the middle of those due, whose amount somebody books wrongly. */
export function eventToSpoil(eventsAMonth: number): { id: number; amount: string } {
  const id = eventsAMonth + 17;
  return { id, amount: money(centsOf(id)) };
}

function allEvents(eventsAMonth: number): Event[] {
  return MONTHS.flatMap((month, index) =>
    Array.from({ length: eventsAMonth }, (_, at) => {
      const id = index * eventsAMonth + at + 1;
      const day = String(1 + ((at + 1) % 28)).padStart(2, '0');
      return {
        id,
        account: 1 + (id % ACCOUNTS),
        month,
        day: `${month}-${day}`,
        cents: centsOf(id),
      };
    }),
  );
}

function centsOf(id: number): number {
  return (id * 37) % 10_000;
}

function eventLine({ id, account, day, cents }: Event): string {
  return [id, account, day, money(cents), `event ${id}`].join('|');
}

function rollupLines(events: readonly Event[]): string[] {
  const sums = new Map<string, { events: number; cents: number }>();
  for (const { month, account, cents } of events) {
    const key = `${month}-01|${account}`;
    const sum = sums.get(key) ?? { events: 0, cents: 0 };
    sums.set(key, { events: sum.events + 1, cents: sum.cents + cents });
  }
  return [...sums].map(([key, sum]) => `${key}|${sum.events}|${money(sum.cents)}`);
}

function money(cents: number): string {
  return (cents / 100).toFixed(2);
}
