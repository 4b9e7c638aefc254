import { createRequire } from 'node:module';
import type { Duplex, Readable } from 'node:stream';

/** A type of the driver, such as oracledb.NUMBER. */
export type DriverType = number & { readonly driverType?: never };

/** A bind with its direction and type. */
export interface BindSpec {
  readonly dir?: number;
  readonly type?: DriverType;
  readonly val?: unknown;
  readonly maxSize?: number;
  readonly maxArraySize?: number;
}

/** Binds by position or by name. */
export type Binds = readonly unknown[] | Readonly<Record<string, unknown>>;

/** What the driver says of a column. */
export interface ColumnMetadata {
  readonly name: string;
  readonly nullable: boolean;
  readonly byteSize: number;
  readonly precision: number;
  readonly scale: number;
  readonly dbTypeName: string;
}

/** An open cursor at the client. */
export interface DriverResultSet {
  readonly metaData: readonly ColumnMetadata[];
  getRow(): Promise<unknown[] | undefined>;
  getRows(count: number): Promise<unknown[][]>;
  close(): Promise<void>;
}

/** A LOB at the client. */
export interface DriverLob extends Duplex {
  readonly length: number;
  getData(): Promise<string | Buffer>;
  close(): Promise<void>;
}

/** What execute() gives. */
export interface ExecuteAnswer {
  readonly rows: unknown[][];
  readonly metaData: readonly ColumnMetadata[];
  readonly resultSet: DriverResultSet;
  readonly outBinds: Readonly<Record<string, unknown>>;
  readonly implicitResults: unknown[][][];
  readonly rowsAffected: number;
  readonly lastRowid: string;
  readonly warning: Error;
}

/** What executeMany() gives. */
export interface ExecuteManyAnswer {
  readonly rowsAffected: number;
  readonly dmlRowCounts: number[];
  readonly batchErrors: readonly DriverError[];
  readonly outBinds: unknown[];
}

/** An error of the driver. */
export interface DriverError extends Error {
  readonly errorNum: number;
  readonly code: string;
  readonly offset: number;
  readonly isRecoverable: boolean;
}

/** A connection of the driver, as far as the tests use it. */
export interface DriverConnection {
  module: string;
  action: string;
  clientId: string;
  clientInfo: string;
  dbOp: string;
  currentSchema: string;
  callTimeout: number;
  readonly oracleServerVersionString: string;
  readonly serviceName: string;
  readonly transactionInProgress: boolean;
  execute(sql: string, binds?: Binds, options?: object): Promise<ExecuteAnswer>;
  executeMany(
    sql: string,
    binds: readonly Binds[] | number,
    options?: object,
  ): Promise<ExecuteManyAnswer>;
  queryStream(sql: string, binds?: Binds, options?: object): Readable;
  getStatementInfo(sql: string): Promise<{
    readonly statementType: number;
    readonly bindNames: string[];
    readonly metaData: readonly ColumnMetadata[];
  }>;
  createLob(type: DriverType): Promise<DriverLob>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  ping(): Promise<void>;
  break(): Promise<void>;
  close(): Promise<void>;
}

/** A pool of the driver. */
export interface DriverPool {
  readonly connectionsInUse: number;
  getConnection(): Promise<DriverConnection>;
  close(drainTimeS?: number): Promise<void>;
}

/** The driver itself. */
export interface Driver {
  readonly versionString: string;
  readonly BIND_IN: number;
  readonly BIND_OUT: number;
  readonly BIND_INOUT: number;
  readonly OUT_FORMAT_OBJECT: number;
  readonly STMT_TYPE_SELECT: number;
  readonly STMT_TYPE_DELETE: number;
  readonly NUMBER: DriverType;
  readonly STRING: DriverType;
  readonly DATE: DriverType;
  readonly BUFFER: DriverType;
  readonly CURSOR: DriverType;
  readonly CLOB: DriverType;
  readonly BLOB: DriverType;
  readonly DB_TYPE_NVARCHAR: DriverType;
  readonly DB_TYPE_DATE: DriverType;
  readonly DB_TYPE_TIMESTAMP: DriverType;
  readonly DB_TYPE_TIMESTAMP_TZ: DriverType;
  readonly DB_TYPE_TIMESTAMP_LTZ: DriverType;
  getConnection(attributes: object): Promise<DriverConnection>;
  createPool(attributes: object): Promise<DriverPool>;
}

/** The driver brings no types; these are the parts that the tests use. */
export const oracledb = createRequire(import.meta.url)('oracledb') as Driver;
