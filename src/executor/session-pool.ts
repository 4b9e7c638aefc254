import type { Attachment, UnitSession } from '../ports/target.ts';
import { onTarget } from './on-target.ts';

/** A place for one session: the session in it may be replaced after its connection was lost. */
export interface Slot {
  session: UnitSession;
  running: boolean;
}

/** The sessions of one stream: opened when needed, kept for the next unit, never more than `max`. */
export class SessionPool {
  private readonly attachment: Attachment;
  private readonly max: number;
  private readonly slots = new Set<Slot>();
  private readonly idle: Slot[] = [];
  private readonly waiting: ((slot: Slot | null) => void)[] = [];
  private opening = 0;

  constructor(attachment: Attachment, max: number) {
    this.attachment = attachment;
    this.max = max;
  }

  /**
   * Uses one session for some work; the session goes back afterwards, also when the work fails.
   * @throws TargetAway, LeaseLost when no session can be opened; and what the work throws
   */
  async use<T>(work: (slot: Slot) => Promise<T>): Promise<T> {
    const slot = await this.take();
    try {
      return await work(slot);
    } finally {
      this.giveBack(slot);
    }
  }

  /** Ends a lost session on the server and opens another in its place. */
  async replace(slot: Slot): Promise<void> {
    slot.session = await this.attachment.session(slot.session);
  }

  /** Cancels what runs in any of the sessions. Errors of the cancelling itself do not matter: see callers. */
  async cancelAll(): Promise<void> {
    const running = [...this.slots].filter((slot) => slot.running);
    await Promise.allSettled(running.map((slot) => slot.session.cancel()));
  }

  async closeAll(): Promise<void> {
    await Promise.allSettled([...this.slots].map((slot) => slot.session.close()));
    this.slots.clear();
    this.idle.length = 0;
  }

  private async take(): Promise<Slot> {
    const slot = this.idle.pop();
    if (slot !== undefined) return slot;
    if (this.slots.size + this.opening < this.max) return this.open();
    const given = await new Promise<Slot | null>((resolve) => this.waiting.push(resolve));
    return given ?? this.take();
  }

  private async open(): Promise<Slot> {
    this.opening += 1;
    try {
      const session = await onTarget(() => this.attachment.session());
      const slot: Slot = { session, running: false };
      this.slots.add(slot);
      return slot;
    } catch (error) {
      this.waiting.shift()?.(null);
      throw error;
    } finally {
      this.opening -= 1;
    }
  }

  private giveBack(slot: Slot): void {
    const next = this.waiting.shift();
    if (next === undefined) this.idle.push(slot);
    else next(slot);
  }
}
