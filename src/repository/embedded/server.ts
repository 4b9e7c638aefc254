/** What the caller says about an embedded server. */
export interface EmbeddedServerOptions {
  /** Directory of the server: cluster, password, port, log. Made when it is missing. */
  readonly dataDir: string;
  /** Server settings, used at each start. A server that is adopted keeps those it was started with. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A folder with bin/, lib/ and share/ of another PostgreSQL version than the one brought along. */
  readonly installDir?: string;
}

export type StopMode = 'fast' | 'immediate';

/** A running server that was started or found running. */
export interface EmbeddedServer {
  /** Superuser's URL to the database postgres. It has the password in it: never log it. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly dataDir: string;
  /** True when the server was already running. */
  readonly adopted: boolean;
  readonly majorVersion: number;
  /** Stops the server and waits until it is gone. */
  stop(mode?: StopMode): Promise<void>;
  /** SIGKILL to the postmaster and all its children, as a crash does. */
  kill(): Promise<void>;
}

/** What is known about the server of a data directory. */
export interface ServerStatus {
  readonly running: boolean;
  readonly port?: number;
  readonly pid?: number;
  readonly version?: string;
}

export const SERVER_HOST = '127.0.0.1';
export const SERVER_USER = 'postgres';
