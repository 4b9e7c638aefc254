import type { EngineParts } from './engine-parts.ts';
import type { PlsqlConnection } from './querier.ts';

export interface CancelParts {
  readonly engine: Pick<EngineParts, 'cancel' | 'kill'>;
  readonly connection: PlsqlConnection;
  readonly monitorSession: PlsqlConnection;
}

interface Active {
  cancelAskedMs: number | null;
  /** What a cancel was meant for has ended. */
  ended: boolean;
}

const CANCEL_EVERY_MS = 200;
/** A package may swallow the error of a cancelled statement and go on: then its session is ended. */
const KILL_AFTER_MS = 5_000;

/**
 * Cancels the unit that runs in a session. A request that arrives before the server has begun is lost, so it
 * is made until the unit has ended; one that is still on its way must not hit the unit behind it.
 */
export class UnitCancel {
  private readonly parts: CancelParts;
  private active: Active | null = null;
  private readonly requests = new Set<Promise<void>>();

  constructor(parts: CancelParts) {
    this.parts = parts;
  }

  /** Whether the unit that runs has been asked to stop. */
  get asked(): boolean {
    return this.active?.cancelAskedMs != null;
  }

  /** Resolves when no request that was made before is on its way any more. */
  async settled(): Promise<void> {
    if (this.requests.size > 0) await Promise.allSettled(this.requests);
  }

  began(): void {
    this.active = { cancelAskedMs: null, ended: false };
  }

  ended(): void {
    if (this.active !== null) this.active.ended = true;
  }

  /** The unit has ended, and nothing that was meant for it is on its way to what comes behind it. */
  async over(): Promise<void> {
    this.ended();
    await this.settled();
  }

  cancel(): Promise<void> {
    const { active } = this;
    if (active === null || active.ended) return Promise.resolve();
    active.cancelAskedMs ??= performance.now();
    return this.ask(active);
  }

  private async ask(active: Active): Promise<void> {
    if (active.ended) return;
    const request = this.request(active);
    this.requests.add(request);
    await request.finally(() => this.requests.delete(request));
    setTimeout(() => {
      this.ask(active).catch(() => undefined);
    }, CANCEL_EVERY_MS).unref();
  }

  private request({ cancelAskedMs }: Active): Promise<void> {
    const { engine, monitorSession, connection } = this.parts;
    const waitedMs = performance.now() - (cancelAskedMs ?? performance.now());
    return waitedMs < KILL_AFTER_MS
      ? engine.cancel(monitorSession, connection)
      : engine.kill(monitorSession, connection.serverSession);
  }
}
