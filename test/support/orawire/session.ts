import { CursorStore } from './cursors.ts';
import { LobStore } from './lobs.ts';
import type { Metrics } from './piggybacks.ts';
import type { Session } from './types.ts';

/** A session as the server keeps it; callbacks get it as a Session, which they cannot change. */
export class ServerSession implements Session {
  readonly id: number;
  readonly serial: number;
  readonly store = new Map<string, unknown>();
  readonly client = new Map<string, string>();
  readonly cursors: CursorStore;
  readonly lobs = new LobStore();
  user = '';
  service = '';
  schema: string | undefined;
  module: string | undefined;
  action: string | undefined;
  clientId: string | undefined;
  clientInfo: string | undefined;
  dbOp: string | undefined;
  ecid: string | undefined;
  inTransaction = false;
  lost = false;

  constructor(id: number, maxOpenCursors: number) {
    this.id = id;
    this.serial = 1 + ((id * 7919) % 60_000);
    this.cursors = new CursorStore(maxOpenCursors);
  }

  get openCursors(): number {
    return this.cursors.size;
  }

  /** Takes over what the client has set, and leaves the rest as it is. */
  setMetrics(metrics: Metrics): void {
    this.clientId = metrics.clientId ?? this.clientId;
    this.module = metrics.module ?? this.module;
    this.action = metrics.action ?? this.action;
    this.ecid = metrics.ecid ?? this.ecid;
    this.clientInfo = metrics.clientInfo ?? this.clientInfo;
    this.dbOp = metrics.dbOp ?? this.dbOp;
  }
}
