import { createRequire } from 'node:module';

/** A type of the driver, such as oracledb.NUMBER. */
export type DriverType = object | number;

/** A bind that takes a value back. */
export interface OutBind {
  readonly dir: number;
  readonly type: DriverType;
  readonly maxSize?: number;
}

/** What execute() gives. */
export interface DriverResult {
  readonly rows?: readonly (readonly unknown[])[];
  readonly metaData?: readonly { readonly name: string }[];
  readonly rowsAffected?: number;
  readonly outBinds?: readonly unknown[];
  /** Set where a unit of PL/SQL was created with errors. */
  readonly warning?: Error;
}

/** A connection of the driver, as far as the adapter uses it. */
export interface DriverConnection {
  module: string;
  action: string;
  clientInfo: string;
  readonly oracleServerVersionString: string;
  execute(sql: string, binds: readonly unknown[], options: object): Promise<DriverResult>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  break(): Promise<void>;
  close(): Promise<void>;
}

/** The driver itself. */
export interface Driver {
  readonly BIND_OUT: number;
  readonly OUT_FORMAT_ARRAY: number;
  readonly NUMBER: DriverType;
  readonly STRING: DriverType;
  readonly DB_TYPE_CLOB: DriverType;
  readonly DB_TYPE_LONG: DriverType;
  getConnection(attributes: object): Promise<DriverConnection>;
}

let loaded: Driver | null = null;

/** The driver in its Thin mode. It brings no types, and it is loaded when the first connection needs it. */
export function driver(): Driver {
  loaded ??= createRequire(import.meta.url)('oracledb') as Driver;
  return loaded;
}

/** A connection with its parts: the driver has no call that closes one without a word to the server. */
interface WithSocket {
  readonly _impl?: { readonly nscon?: { forceDisconnect?(reason: Error): void } };
}

/** Cuts the connection at the socket, whatever is waited for on it. */
export function cut(connection: DriverConnection, reason: Error): void {
  (connection as WithSocket)._impl?.nscon?.forceDisconnect?.(reason);
}
