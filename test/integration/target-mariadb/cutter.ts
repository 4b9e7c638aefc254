import type { Attachment, UnitSession } from '../../../src/ports/target.ts';
import { callOf, type Ran, run } from '../../conformance/target/stand.ts';
import type { Workshop } from './workshop.ts';

type Range = readonly [low: string, high: string];

/** Cuts tables of a workshop's application into ranges of a key. */
export class Cutter {
  private readonly shop: Workshop;
  private readonly attachment: Attachment;
  private readonly session: UnitSession;
  private count = 0;

  private constructor(shop: Workshop, attachment: Attachment, session: UnitSession) {
    this.shop = shop;
    this.attachment = attachment;
    this.session = session;
  }

  static async of(shop: Workshop): Promise<Cutter> {
    const attachment = await shop.stand.attach();
    return new Cutter(shop, attachment, await attachment.session());
  }

  /** Makes a table with one column and these keys; returns its name. */
  async table(column: string, keys: readonly string[], name?: string): Promise<string> {
    this.count += 1;
    const table = name ?? `cut_${this.count}`;
    const quoted = this.quoted(table);
    await this.shop.dba.query(`CREATE TABLE ${quoted} (${column} NULL)`);
    for (const key of keys) await this.shop.dba.query(`INSERT INTO ${quoted} VALUES (?)`, [key]);
    return table;
  }

  async cut(table: string, column: string, size: string): Promise<Ran & { ranges: Range[] }> {
    this.count += 1;
    const chunks = {
      by: 'key',
      table: `${this.shop.app}.${table}`,
      column,
      size,
      parallel: 1,
    } as const;
    const work = { call: 'split', chunks } as const;
    const call = callOf(`cut_${this.count}`, { kind: 'split', work });
    const ran = await run(this.session, call);
    const made = ran.error === null ? await this.attachment.chunks(call.unit) : [];
    return { ...ran, ranges: made.map(({ low, high }) => [low, high]) };
  }

  /** Keys that are not in exactly one of the ranges. */
  async outside(table: string, ranges: readonly Range[]): Promise<unknown[]> {
    const within = ranges.map(([low, high]) => `(k >= '${low}' AND k < '${high}')`).join(' + ');
    return this.shop.column(`SELECT k FROM ${this.quoted(table)} WHERE ${within || '0'} <> 1`);
  }

  private quoted(table: string): string {
    return `\`${this.shop.app}\`.\`${table.replaceAll('`', '``')}\``;
  }
}
