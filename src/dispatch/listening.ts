import pg from 'pg';
import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import { connectionTo } from './database.ts';
import { Loop } from './loop.ts';

const RECONNECT_EVERY_MS = 1_000;
/** How often a connection that says nothing is asked whether it is still there. */
const CHECK_EVERY_MS = 10_000;

export interface ListeningParts {
  readonly url: string;
  readonly clock: Clock;
  readonly journal: Journal;
}

/**
 * Listens to notifications of the repository until it is stopped. They only shorten waiting: whoever listens
 * looks by itself as well, and is called with an empty payload after each connect.
 */
export class Listening {
  private readonly url: string;
  private readonly channel: string;
  private readonly listener: (payload: string) => void;
  private readonly loop: Loop;
  private client: pg.Client | null = null;

  constructor(parts: ListeningParts, channel: string, listener: (payload: string) => void) {
    this.url = parts.url;
    this.channel = channel;
    this.listener = listener;
    this.loop = new Loop(parts.clock, parts.journal, {
      name: `dispatch: listening to ${channel}`,
      pauseMs: () => (this.client === null ? RECONNECT_EVERY_MS : CHECK_EVERY_MS),
      round: () => this.ensure(),
    });
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    const { client } = this;
    this.client = null;
    await client?.end().catch(() => undefined);
  }

  private async ensure(): Promise<void> {
    if (this.client === null) {
      this.client = await this.connect();
      this.listener('');
      return;
    }
    const { client } = this;
    try {
      await client.query('SELECT 1');
    } catch (error) {
      this.giveUp(client);
      throw error;
    }
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client(connectionTo(this.url));
    client.on('error', () => this.giveUp(client));
    client.on('end', () => this.giveUp(client));
    client.on('notification', ({ payload = '' }) => this.listener(payload));
    try {
      await client.connect();
      await client.query(`LISTEN ${pg.escapeIdentifier(this.channel)}`);
      return client;
    } catch (error) {
      this.giveUp(client);
      throw error;
    }
  }

  private giveUp(client: pg.Client): void {
    if (this.client === client) {
      this.client = null;
      this.loop.wake();
    }
    // It is broken already; its listener for errors stays for what still comes of it.
    client.end().catch(() => undefined);
  }
}
