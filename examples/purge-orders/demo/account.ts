import type { Shop } from './shop.ts';
import { withClient } from './shop.ts';

/** Orders that share a fate, with a checksum over every column of every row. */
export interface PartAccount {
  readonly orders: number;
  readonly amount: number;
  readonly items: number;
  readonly checksum: string;
}

/** Everything in a shop that a purge must take, and all that it must not touch. */
export interface Account {
  /** Within retention: they stay. */
  readonly recent: PartAccount;
  /** Past retention and under legal hold: they stay. */
  readonly held: PartAccount;
  /** Past retention: they go. */
  readonly due: PartAccount;
  /** All items, also those without an order, of which there must be none. */
  readonly allItems: number;
  readonly feedOn: boolean;
  /** Months that are neither in the partitioned table nor dropped. */
  readonly looseTables: readonly string[];
}

/** From when on orders are kept, by the parameters that count on the shop's instance. */
export interface Retention {
  readonly referenceDate: string;
  readonly monthsKept: number;
}

/** Counts a shop. Nothing here is taken from what ODTM says. */
export function accountOf(shop: Pick<Shop, 'url'>, retention: Retention): Promise<Account> {
  return withClient(shop.url, async (client) => {
    const parts = await client.query(PARTS, [retention.referenceDate, retention.monthsKept]);
    const others = await client.query(OTHERS);
    const part = (name: string): PartAccount =>
      parts.rows.find((row) => row.part === name)?.account ?? NOTHING;
    return {
      recent: part('recent'),
      held: part('held'),
      due: part('due'),
      ...others.rows[0].account,
    };
  });
}

/** Whether the shop takes new orders. */
export function isFeedOn(shop: Pick<Shop, 'url'>): Promise<boolean> {
  return withClient(shop.url, async (client) => {
    const feed = await client.query("SELECT enabled FROM app.feed WHERE name = 'orders'");
    return feed.rows[0].enabled;
  });
}

const NOTHING: PartAccount = { orders: 0, amount: 0, items: 0, checksum: '0' };

const PARTS = `
  WITH lines AS (SELECT order_id, count(*) AS items FROM app.order_items GROUP BY order_id),
  parts AS (
    SELECT CASE
             WHEN o.ordered_on >= $1::date - make_interval(months => $2) THEN 'recent'
             WHEN EXISTS (SELECT FROM app.legal_hold h WHERE h.customer_id = o.customer_id
                             AND o.ordered_on BETWEEN h.held_from AND h.held_until) THEN 'held'
             ELSE 'due'
           END AS part, o.amount, l.items, hashtextextended(o::text, 0) AS hash
      FROM app.orders o LEFT JOIN lines l ON l.order_id = o.order_id
  )
  SELECT part, jsonb_build_object('orders', count(*), 'amount', sum(amount),
                                  'items', coalesce(sum(items), 0), 'checksum', sum(hash)::text) AS account
    FROM parts GROUP BY part`;

const OTHERS = `
  SELECT jsonb_build_object(
    'allItems', (SELECT count(*) FROM app.order_items),
    'feedOn', (SELECT enabled FROM app.feed WHERE name = 'orders'),
    'looseTables', (SELECT coalesce(jsonb_agg(c.relname), '[]')
                      FROM pg_class c
                     WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r'
                       AND c.relname LIKE 'orders\\_%' AND NOT c.relispartition)) AS account`;

/** What a shop's accounts before and after a purge say; empty when they are right. */
export function faultsOf(before: Account, after: Account): string[] {
  const faults: [boolean, string][] = [
    [!same(before.recent, after.recent), 'orders within retention have changed'],
    [!same(before.held, after.held), 'orders under legal hold have changed'],
    [after.due.orders > 0, `${after.due.orders} orders that were due are still there`],
    [after.allItems !== itemsOf(after), 'there are items without an order'],
    [before.allItems - after.allItems !== before.due.items, 'not exactly the items due have gone'],
    [!after.feedOn, 'the feed is off'],
    [after.looseTables.length > 0, `loose tables: ${after.looseTables.join(', ')}`],
  ];
  return faults.filter(([wrong]) => wrong).map(([, text]) => text);
}

export function ordersOf(account: Account): number {
  return account.recent.orders + account.held.orders + account.due.orders;
}

function itemsOf(account: Account): number {
  return account.recent.items + account.held.items + account.due.items;
}

function same(one: PartAccount, other: PartAccount): boolean {
  return (
    one.orders === other.orders &&
    one.amount === other.amount &&
    one.items === other.items &&
    one.checksum === other.checksum
  );
}
