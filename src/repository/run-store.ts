import type { Wish } from '../core/run/stream-status.ts';
import type { UnitKey } from '../core/run/unit.ts';
import type { RunStore, StartedRun, StartRequest } from '../ports/repository.ts';
import type { UnitDecision } from '../ports/target.ts';
import type { Connection } from './connection.ts';
import { decideUnit } from './decide.ts';
import { startRun } from './start-run.ts';
import { cancelWithoutFinal, wishOf } from './wish.ts';

/** Starting and steering runs; each call is one transaction. */
export class PostgresRunStore implements RunStore {
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  start(request: StartRequest): Promise<StartedRun> {
    return this.connection.transaction((session) => startRun(session, request));
  }

  wish(runId: string, wish: Exclude<Wish, 'none'>, by: string): Promise<void> {
    return this.connection.transaction((session) => wishOf(session, runId, wish, by));
  }

  cancelWithoutFinal(runId: string, by: string): Promise<void> {
    return this.connection.transaction((session) => cancelWithoutFinal(session, runId, by));
  }

  decide(runId: string, instance: string, decision: UnitDecision, by: string): Promise<UnitKey> {
    return this.connection.transaction((session) =>
      decideUnit(session, runId, instance, decision, by),
    );
  }
}
