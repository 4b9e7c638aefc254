import type { TlsOptions } from 'node:tls';
import type { StatementKind } from './statement-scan.ts';

/** Name of a type → its number on the wire, character set form, size in bytes when none is given. */
export const ORACLE_TYPES = {
  VARCHAR2: { code: 1, form: 1, size: 4000 },
  NVARCHAR2: { code: 1, form: 2, size: 4000 },
  CHAR: { code: 96, form: 1, size: 2000 },
  NCHAR: { code: 96, form: 2, size: 2000 },
  LONG: { code: 8, form: 1, size: 0x7fffffff },
  NUMBER: { code: 2, form: 0, size: 22 },
  BINARY_INTEGER: { code: 3, form: 0, size: 22 },
  BINARY_FLOAT: { code: 100, form: 0, size: 4 },
  BINARY_DOUBLE: { code: 101, form: 0, size: 8 },
  BOOLEAN: { code: 252, form: 0, size: 1 },
  DATE: { code: 12, form: 0, size: 7 },
  TIMESTAMP: { code: 180, form: 0, size: 11 },
  TIMESTAMP_TZ: { code: 181, form: 0, size: 13 },
  TIMESTAMP_LTZ: { code: 231, form: 0, size: 11 },
  INTERVAL_YM: { code: 182, form: 0, size: 5 },
  INTERVAL_DS: { code: 183, form: 0, size: 11 },
  RAW: { code: 23, form: 0, size: 2000 },
  LONG_RAW: { code: 24, form: 0, size: 0x7fffffff },
  ROWID: { code: 11, form: 0, size: 18 },
  CLOB: { code: 112, form: 1, size: 4000 },
  NCLOB: { code: 112, form: 2, size: 4000 },
  BLOB: { code: 113, form: 0, size: 4000 },
  CURSOR: { code: 102, form: 0, size: 4 },
} as const satisfies Record<string, { code: number; form: number; size: number }>;

/** A type as the execute callback names it. */
export type TypeName = keyof typeof ORACLE_TYPES;

/** A column of a result. A size of 0 would leave the column off the wire, so none may be given. */
export interface Column {
  readonly name: string;
  readonly type: TypeName;
  readonly size?: number | undefined;
  readonly precision?: number | undefined;
  readonly scale?: number | undefined;
  readonly nullable?: boolean | undefined;
}

/** Rows may be made on demand; the iterator is returned early when the client closes the cursor. */
export interface ResultSet {
  readonly columns: readonly Column[];
  readonly rows: Iterable<readonly unknown[]> | AsyncIterable<readonly unknown[]>;
}

/**
 * A bind. The wire carries positions only: names come from the text. It does not say either which binds
 * of a PL/SQL block the caller wants back ('any'); the result names those that are OUT.
 */
export interface Bind {
  readonly name: string;
  /** Counted from 0, in the order of the wire. */
  readonly position: number;
  readonly dir: 'in' | 'returning' | 'any';
  /** `#n` is a type that the stand-in has no name for. */
  readonly type: TypeName | `#${number}`;
  /** The value of a LOB locator is its content. */
  readonly value: unknown;
  /** Size in bytes of the caller's buffer; a longer OUT text is ORA-06502. */
  readonly maxSize: number;
  readonly isArray: boolean;
}

/** One execution of one statement. */
export interface ExecuteRequest {
  readonly sql: string;
  readonly kind: StatementKind;
  readonly binds: readonly Bind[];
  /** The callback has to commit by itself once the statement has succeeded. */
  readonly commitOnSuccess: boolean;
  /** The statement is not to be run; only its columns are wanted. */
  readonly describeOnly: boolean;
  /** How many rows the first reply takes. */
  readonly prefetchRows: number;
  readonly session: Session;
  /** Aborted by a break and by a kill, and at the loss of the client if the option says so. */
  readonly signal: AbortSignal;
}

/** What one execution gave. */
export interface ExecuteResult extends Partial<ResultSet> {
  readonly rowsAffected?: number | undefined;
  readonly lastRowid?: string | undefined;
  /** Left out: DML that touched rows opens a transaction; DDL and commitOnSuccess end it. */
  readonly inTransaction?: boolean | undefined;
  /** The warning "compiled with errors". */
  readonly compileWarning?: boolean | undefined;
  /** By name or position; of a RETURNING bind an array with an entry for each row. */
  readonly outBinds?: Readonly<Record<string, unknown>> | readonly unknown[] | undefined;
  /** PL/SQL binds that are OUT and not IN OUT: the driver stops sending their values. */
  readonly pureOut?: readonly string[] | undefined;
  readonly implicitResults?: readonly ResultSet[] | undefined;
}

/** What callbacks throw to make a call fail; anything else that they throw is reported as ORA-00604. */
export interface OraError {
  readonly code: number;
  readonly message?: string | undefined;
  readonly offset?: number | undefined;
}

/** A session as the callbacks see it. */
export interface Session {
  readonly id: number;
  readonly serial: number;
  readonly user: string;
  readonly service: string;
  /** What the client says of itself: AUTH_PROGRAM_NM, SESSION_CLIENT_DRIVER_NAME and the like. */
  readonly client: ReadonlyMap<string, string>;
  readonly schema: string | undefined;
  readonly module: string | undefined;
  readonly action: string | undefined;
  readonly clientId: string | undefined;
  readonly clientInfo: string | undefined;
  readonly dbOp: string | undefined;
  readonly ecid: string | undefined;
  readonly inTransaction: boolean;
  readonly openCursors: number;
  /** The client is gone; the session is still there while its last call runs. */
  readonly lost: boolean;
  /** The backend's own things, for as long as the session lives. */
  readonly store: Map<string, unknown>;
}

/** What onCall sees; piggybacks are seen too, though nothing can be injected into them. */
export type CallName =
  | 'connect'
  | 'auth'
  | 'execute'
  | 'fetch'
  | 'lob'
  | 'commit'
  | 'rollback'
  | 'ping'
  | 'logoff'
  | 'break'
  | 'closeCursors'
  | 'cancelCursors'
  | 'freeLobs'
  | 'metrics'
  | 'setSchema'
  | 'appContext'
  | 'other';

/** A call as onCall sees it. */
export interface Call {
  readonly name: CallName;
  readonly sql?: string | undefined;
  readonly detail?: unknown;
}

/** `at: 'after'` means: the call has run, its reply has not been sent. */
export type Fault = { readonly at?: 'before' | 'after' } & (
  | { readonly kind: 'drop' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'delay'; readonly delayMs: number }
  | { readonly kind: 'hold'; readonly until: Promise<unknown> }
  | { readonly kind: 'error'; readonly error: OraError }
);

/** How a session ended. */
export type Ending = 'logoff' | 'lost' | 'killed';

/** The backend behind the wire. Calls of one session never overlap, save onBreak and onLost. */
export interface Backend {
  execute(request: ExecuteRequest): ExecuteResult | Promise<ExecuteResult>;
  commit?(session: Session): void | Promise<void>;
  rollback?(session: Session): void | Promise<void>;
  ping?(session: Session): void | Promise<void>;
  onOpen?(session: Session): void | Promise<void>;
  /** Called when the last call of the session has ended; what it left uncommitted is to be rolled back. */
  onClose?(session: Session, ending: Ending): void | Promise<void>;
  /** The client is gone while a call may still run; onClose follows when that call has ended. */
  onLost?(session: Session): void;
  /** The client cancels; the signal of the running call, if one runs, is aborted next. */
  onBreak?(session: Session): void | Promise<void>;
  /** Sees every call before it runs, and may inject a fault. */
  onCall?(call: Call, session: Session): Fault | undefined | Promise<Fault | undefined>;
}

/** Settings of the server; the defaults are those of its profile. */
export interface ServerSettings {
  /** Name (in capitals, unless it is to be quoted) → password. */
  readonly users: Readonly<Record<string, string>>;
  /** '19': replies end with their closing message; '23': fast authentication and end-of-response. */
  readonly profile?: '19' | '23' | undefined;
  readonly services?: readonly string[] | undefined;
  readonly tls?: TlsOptions | undefined;
  /** The TTC field version that is offered, 8 (12.2) to 24 (23.4). */
  readonly fieldVersion?: number | undefined;
  readonly version?: readonly [number, number, number, number, number] | undefined;
  readonly maxStringSize?: 4000 | 32767 | undefined;
  readonly sdu?: number | undefined;
  readonly maxOpenCursors?: number | undefined;
  /** Announce errors by break and reset markers, as servers without end-of-response do. */
  readonly errorMarkers?: boolean | undefined;
  /** Leave out columns that equal those of the row before, as real servers do. */
  readonly bitVectors?: boolean | undefined;
  /** How long a cancelled call may take to wind down before the client gets its ORA-01013. */
  readonly cancelGraceMs?: number | undefined;
  /** What becomes of the running call when its client is lost; Oracle lets it run on. */
  readonly lostClient?: 'run-on' | 'abort' | undefined;
  readonly pbkdf2Iterations?: number | undefined;
  /** A request that is longer costs its session the connection. */
  readonly maxRequestBytes?: number | undefined;
}

/** Everything that the server is made of. */
export type ServerOptions = ServerSettings & Backend;
