import type { Reader, Writer } from './bytes.ts';
import { decodeDatetime, encodeDatetime } from './datetime-codec.ts';
import { ServerError } from './errors.ts';
import { LOB_CHUNK_BYTES, type LobData, LobLocator } from './lobs.ts';
import { encodeNumber, numberValue } from './number-codec.ts';
import {
  type DaySeconds,
  decodeDaySeconds,
  decodeFloat,
  decodeUtf16,
  decodeYearMonths,
  encodeDaySeconds,
  encodeFloat,
  encodeUtf16,
  encodeYearMonths,
  rowidParts,
  type YearMonths,
} from './scalar-codec.ts';
import { type Bind, type Column, ORACLE_TYPES, type ResultSet, type TypeName } from './types.ts';

/** How a bind or a column is described on the wire. */
export interface ValueType {
  readonly code: number;
  /** Character set form: 1 of the database, 2 national, 0 no text. */
  readonly form: number;
  readonly isArray: boolean;
  readonly maxSize: number;
}

/** What values need of the session that they belong to. */
export interface ValueHome {
  readonly maxStringSize: number;
  /** Keeps a LOB that is sent as a locator. */
  keepLob(data: LobData): Buffer;
  /** Opens a cursor that the client fetches from, and writes its description. */
  writeCursor(writer: Writer, resultSet: ResultSet): void;
}

const CODE = {
  varchar: ORACLE_TYPES.VARCHAR2.code,
  char: ORACLE_TYPES.CHAR.code,
  number: ORACLE_TYPES.NUMBER.code,
  integer: ORACLE_TYPES.BINARY_INTEGER.code,
  long: ORACLE_TYPES.LONG.code,
  rowid: ORACLE_TYPES.ROWID.code,
  date: ORACLE_TYPES.DATE.code,
  timestamp: ORACLE_TYPES.TIMESTAMP.code,
  timestampTz: ORACLE_TYPES.TIMESTAMP_TZ.code,
  timestampLtz: ORACLE_TYPES.TIMESTAMP_LTZ.code,
  raw: ORACLE_TYPES.RAW.code,
  longRaw: ORACLE_TYPES.LONG_RAW.code,
  float: ORACLE_TYPES.BINARY_FLOAT.code,
  double: ORACLE_TYPES.BINARY_DOUBLE.code,
  cursor: ORACLE_TYPES.CURSOR.code,
  object: 109,
  clob: ORACLE_TYPES.CLOB.code,
  blob: ORACLE_TYPES.BLOB.code,
  json: 119,
  vector: 127,
  yearMonths: ORACLE_TYPES.INTERVAL_YM.code,
  daySeconds: ORACLE_TYPES.INTERVAL_DS.code,
  boolean: ORACLE_TYPES.BOOLEAN.code,
} as const;

const NULL_RETURN_CODE = 1405;
const NULL_BOOLEAN = 253;

/** The name of a described type. */
export function typeNameOf({ code, form }: ValueType): Bind['type'] {
  const found = Object.entries(ORACLE_TYPES).find(
    ([, type]) => type.code === code && (type.form === form || form === 0 || type.form === 0),
  );
  return found === undefined ? `#${code}` : (found[0] as TypeName);
}

/** How the values of a column travel, unless the client defines it otherwise. */
export function typeOfColumn({ type, size }: Column): ValueType {
  const { code, form, size: defaultSize } = ORACLE_TYPES[type];
  return { code, form, isArray: false, maxSize: size ?? defaultSize };
}

/** Whether values of the type travel as locators. */
export function isLob({ code }: ValueType): boolean {
  return code === CODE.clob || code === CODE.blob;
}

/** Whether it is text of a limited size. */
export function isText({ code }: ValueType): boolean {
  return code === CODE.varchar || code === CODE.char;
}

/** A value of a fetched row. */
export function writeColumnValue(
  writer: Writer,
  type: ValueType,
  value: unknown,
  home: ValueHome,
): void {
  const isNull = value === null || value === undefined;
  if (type.code === CODE.rowid) {
    if (isNull) writer.u8(0);
    else writeRowid(writer, String(value));
    return;
  }
  writeOutValue(writer, type, value, home);
  const isLong = type.code === CODE.long || type.code === CODE.longRaw;
  const isOversized = type.maxSize > home.maxStringSize && !isLob(type);
  if (isLong || isOversized) writer.int(isNull ? -1 : 0, isNull ? NULL_RETURN_CODE : 0);
}

function writeRowid(writer: Writer, rowid: string): void {
  const [object, file, block, slot] = rowidParts(rowid);
  writer.u8(14).int(object, file).u8(0).int(block, slot);
}

/** A value of an OUT bind. */
export function writeOutValue(
  writer: Writer,
  type: ValueType,
  value: unknown,
  home: ValueHome,
): void {
  if (isLob(type)) {
    writeLob(writer, type, value, home);
  } else if (value === null || value === undefined) {
    writer.blob(null);
  } else if (type.code === CODE.cursor) {
    home.writeCursor(writer.u8(1), value as ResultSet);
  } else if (type.code === CODE.boolean) {
    writer.u8(...(value ? [2, 1, 1] : [1, 0]));
  } else {
    writer.blob(encodeScalar(type, value));
  }
}

function writeLob(writer: Writer, type: ValueType, value: unknown, home: ValueHome): void {
  if (value === null || value === undefined) {
    writer.int(0);
    return;
  }
  const data = type.code === CODE.blob ? bytesOf(value) : textOf(value);
  const locator = home.keepLob(data);
  writer.int(locator.length).int(data.length, LOB_CHUNK_BYTES).blob(locator);
}

function encodeScalar(type: ValueType, value: unknown): Buffer | null {
  switch (type.code) {
    case CODE.varchar:
    case CODE.char:
    case CODE.long:
    case CODE.rowid: {
      const text = textOf(value);
      if (text === '') return null;
      return type.form === 2 ? encodeUtf16(text) : Buffer.from(text);
    }
    case CODE.raw:
    case CODE.longRaw:
      return bytesOf(value);
    case CODE.number:
    case CODE.integer:
      return encodeNumber(typeof value === 'boolean' ? Number(value) : value);
    case CODE.date:
    case CODE.timestamp:
    case CODE.timestampTz:
    case CODE.timestampLtz:
      return encodeDatetime(value, type.code);
    case CODE.float:
      return encodeFloat(Number(value), 4);
    case CODE.double:
      return encodeFloat(Number(value), 8);
    case CODE.yearMonths:
      return encodeYearMonths(value as YearMonths);
    case CODE.daySeconds:
      return encodeDaySeconds(value as DaySeconds);
    default:
      throw new ServerError(932, `inconsistent datatypes: the stand-in has no type ${type.code}`);
  }
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return value.toString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function bytesOf(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  return value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value));
}

/** Reads a value of an IN bind; LOBs are given as locators. */
export function readValue(reader: Reader, type: ValueType): unknown {
  switch (type.code) {
    case CODE.boolean:
      return readBoolean(reader);
    case CODE.cursor:
      reader.skip(1);
      if (reader.u8() !== 0) reader.int();
      return null;
    case CODE.clob:
    case CODE.blob: {
      const locator = reader.longBlob();
      return locator === null ? null : new LobLocator(locator);
    }
    case CODE.json:
    case CODE.vector:
      if (reader.int() === 0) return null;
      reader.blob();
      return { encoded: Buffer.from(reader.blob() ?? []) };
    case CODE.object:
      return readObject(reader);
    default: {
      const bytes = reader.blob();
      return bytes === null ? null : decodeScalar(type, bytes);
    }
  }
}

function readBoolean(reader: Reader): boolean | null {
  const length = reader.u8();
  if (length === NULL_BOOLEAN) {
    reader.skip(1);
    return null;
  }
  return length === 0 ? null : reader.raw(length).readUInt8() === 1;
}

function readObject(reader: Reader): { readonly object: Buffer | null } {
  reader.longBlob();
  reader.longBlob();
  reader.skipInts(2);
  const length = reader.int();
  reader.int();
  return { object: length > 0 ? Buffer.from(reader.blob() ?? []) : null };
}

function decodeScalar(type: ValueType, bytes: Buffer): unknown {
  switch (type.code) {
    case CODE.varchar:
    case CODE.char:
    case CODE.long:
      return type.form === 2 ? decodeUtf16(bytes) : bytes.toString();
    case CODE.number:
    case CODE.integer:
      return numberValue(bytes);
    case CODE.date:
    case CODE.timestamp:
    case CODE.timestampTz:
    case CODE.timestampLtz:
      return decodeDatetime(bytes, type.code);
    case CODE.float:
    case CODE.double:
      return decodeFloat(bytes);
    case CODE.yearMonths:
      return decodeYearMonths(bytes);
    case CODE.daySeconds:
      return decodeDaySeconds(bytes);
    default:
      return Buffer.from(bytes);
  }
}
