import { type DriverConnection, type DriverError, oracledb } from '../../support/orawire/driver.ts';
import {
  type Call,
  type ExecuteRequest,
  type ExecuteResult,
  type Fault,
  OraWireServer,
  type ServerSettings,
  type Session,
} from '../../support/orawire/server.ts';
import { ScriptedBackend } from './scripted-backend.ts';

/** Servers as they differ on the wire: framing, versions, sizes, the way that errors are announced. */
export const PROFILES: Readonly<Record<string, Partial<ServerSettings>>> = {
  '19c': { profile: '19' },
  '19c, plain errors, smallest packets': {
    profile: '19',
    errorMarkers: false,
    sdu: 512,
    bitVectors: false,
  },
  '12.2, long strings': { profile: '19', fieldVersion: 8, maxStringSize: 32767 },
  '21c': { profile: '19', fieldVersion: 16 },
  '23ai': { profile: '23' },
  '23ai, smallest packets': { profile: '23', sdu: 512 },
};

/** The names of the profiles, for describe.each. */
export const PROFILE_NAMES = Object.keys(PROFILES);

/** A password that fills more than one block of the cipher. */
export const LONG_PASSWORD = 'pä55 wörd with a long tail to cross a block';

type FaultRule = (call: Call, session: Session) => Fault | undefined;

/** A server with a scripted backend and a client of it. */
export class Stand {
  readonly backend = new ScriptedBackend();
  /** What the server has been asked for, the logon of the first client left out. */
  readonly calls: Call[] = [];
  readonly endings: string[] = [];
  readonly server: OraWireServer;
  private rules: FaultRule[] = [];
  private readonly connections: DriverConnection[] = [];

  constructor(settings: Partial<ServerSettings> = {}) {
    const { backend } = this;
    this.server = new OraWireServer({
      users: { SCOTT: 'tiger', MixedCase: LONG_PASSWORD },
      pbkdf2Iterations: 64,
      ...settings,
      execute: (request) => backend.execute(request),
      commit: (session) => backend.commit(session),
      rollback: (session) => backend.rollback(session),
      onClose: (session, ending) => {
        this.endings.push(ending);
        backend.rollback(session);
      },
      onBreak: (session) => {
        backend.breaks.push(session.id);
      },
      onCall: (call, session) => {
        this.calls.push(call);
        for (const rule of this.rules) {
          const fault = rule(call, session);
          if (fault !== undefined) return fault;
        }
        return undefined;
      },
    });
  }

  /** Starts a server of the profile, and logs a client on. */
  static async start(settings: Partial<ServerSettings> = {}): Promise<Stand> {
    const stand = new Stand(settings);
    await stand.server.listen();
    await stand.open();
    stand.calls.length = 0;
    return stand;
  }

  /** The first client. */
  get connection(): DriverConnection {
    const [first] = this.connections;
    if (first === undefined) throw new Error('Nobody has logged on.');
    return first;
  }

  /** Logs on one more client. */
  async open(attributes: object = {}): Promise<DriverConnection> {
    const connection = await oracledb.getConnection({
      user: 'scott',
      password: 'tiger',
      connectString: this.server.connectString(),
      ...attributes,
    });
    this.connections.push(connection);
    return connection;
  }

  /** Scripts the answer to statements. */
  on(
    pattern: RegExp,
    answer: (request: ExecuteRequest) => ExecuteResult | Promise<ExecuteResult>,
  ): void {
    this.backend.on(pattern, answer);
  }

  /** Injects a fault into all calls of a name, until the rule is taken back. */
  inject(name: Call['name'], fault: Fault): () => void {
    const rule: FaultRule = (call) => (call.name === name ? fault : undefined);
    this.rules.push(rule);
    return () => {
      this.rules = this.rules.filter((other) => other !== rule);
    };
  }

  /** The session that logged on last. */
  lastSession(): Session {
    const session = this.server.sessions.at(-1);
    if (session === undefined) throw new Error('There is no session.');
    return session;
  }

  /** Names and values of the binds of the last execution. */
  lastBinds(): [string, unknown][] {
    return this.backend.last().binds.map(({ name, value }) => [name, value]);
  }

  /** Ends clients and server; gives what went wrong inside the server, which must be nothing. */
  async stop(): Promise<readonly unknown[]> {
    for (const connection of this.connections) await connection.close().catch(() => {});
    await this.server.close();
    return this.server.failures;
  }
}

/** The error that a call fails with. */
export async function failureOf(call: Promise<unknown>): Promise<DriverError> {
  try {
    await call;
  } catch (error) {
    return error as DriverError;
  }
  throw new Error('The call did not fail.');
}

/** A promise to be kept by hand. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

/** Ends when the call is cancelled. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
