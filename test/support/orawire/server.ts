import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Connection } from './connection.ts';
import { within } from './faults.ts';
import { settingsOf } from './settings.ts';
import type { ServerOptions, Session } from './types.ts';

export type * from './types.ts';

const HOST = '127.0.0.1';
const FIRST_SESSION_ID = 100;
const FAILURES_MAX = 100;

/**
 * Stands in for an Oracle database, well enough for the unmodified `oracledb` driver in Thin mode: TNS
 * packets and TTC messages. What a statement means is the business of the callbacks behind it.
 */
export class OraWireServer {
  /** Broken packets, and what callbacks threw that no client could be told. */
  readonly failures: unknown[] = [];
  private readonly options: ServerOptions;
  private readonly connections = new Set<Connection>();
  private readonly server: Server;
  private nextSessionId = FIRST_SESSION_ID;

  constructor(options: ServerOptions) {
    this.options = options;
    const accept = (socket: Socket) => this.accept(socket);
    const { tls } = options;
    this.server = tls === undefined ? createServer(accept) : createTlsServer(tls, accept);
  }

  /** Starts to listen on the loopback; gives the port. */
  async listen(port = 0): Promise<number> {
    this.server.listen(port, HOST);
    await once(this.server, 'listening');
    return this.port;
  }

  get port(): number {
    const address = this.server.address() as AddressInfo | null;
    if (address === null) throw new Error('The server does not listen.');
    return address.port;
  }

  /** EZConnect for a client on this machine. */
  connectString(service = this.options.services?.[0] ?? 'ORCLPDB1'): string {
    const scheme = this.options.tls === undefined ? '' : 'tcps://';
    return `${scheme}${HOST}:${this.port}/${service}`;
  }

  /** Sessions that live; those that lost their client are among them while their call runs on. */
  get sessions(): Session[] {
    return [...this.connections].filter(({ isSession }) => isSession).map(({ session }) => session);
  }

  /**
   * As ALTER SYSTEM KILL SESSION: aborts what runs and has it rolled back. The client finds its
   * connection gone ('drop'), or is told ORA-00028, at once or by its next call ('error').
   */
  async kill(session: Session, how: 'drop' | 'error' = 'drop'): Promise<void> {
    await this.connectionOf(session)?.kill(how);
  }

  /** As a cut cable: the session is not told, and its call runs on unless the options say otherwise. */
  disconnect(session: Session, how: 'close' | 'reset' = 'close'): void {
    this.connectionOf(session)?.disconnect(how);
  }

  /** Kills all sessions, and stops to listen; a backend that does not end its calls is not waited for. */
  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    const killed = [...this.connections].map((connection) => connection.kill('drop'));
    await within(settingsOf(this.options).cancelGraceMs, Promise.all(killed));
    await closed;
  }

  private accept(socket: Socket): void {
    const connection = new Connection(
      {
        settings: settingsOf(this.options),
        backend: this.options,
        onEnded: (ended) => this.connections.delete(ended),
        onFailure: (error) => {
          if (this.failures.length < FAILURES_MAX) this.failures.push(error);
        },
      },
      socket,
      this.nextSessionId++,
    );
    this.connections.add(connection);
  }

  private connectionOf({ id }: Session): Connection | undefined {
    return [...this.connections].find(({ session }) => session.id === id);
  }
}
