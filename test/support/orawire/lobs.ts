import { Reader, Writer } from './bytes.ts';
import { MalformedMessage, ServerError } from './errors.ts';
import { decodeUtf16, encodeUtf16 } from './scalar-codec.ts';
import { ORACLE_TYPES } from './types.ts';

/** Size of a locator; freed locators travel in a row. */
export const LOCATOR_BYTES = 40;
/** How much one read or write should take. */
export const LOB_CHUNK_BYTES = 8132;

const ID_AT = 10;
const LOB_DATA = 14;
const CLOB = ORACLE_TYPES.CLOB.code;
const BLOB = ORACLE_TYPES.BLOB.code;
const AL32UTF8 = 873;
/** A test that needs more has gone wrong; a broken offset must not fill the memory. */
const LOB_UNITS_MAX = 256 * 1024 * 1024;
const GAP_UNITS_MAX = 1024 * 1024;

const OPERATION = {
  read: 0x02,
  write: 0x40,
  trim: 0x20,
  length: 0x01,
  chunkSize: 0x4000,
  createTemporary: 0x110,
} as const;

/** What a LOB holds: text or bytes. */
export type LobData = string | Buffer;

/** The locator of a LOB in a bind; resolved when the call runs. */
export class LobLocator {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    if (bytes.length !== LOCATOR_BYTES) throw new MalformedMessage('A locator has a wrong size.');
    this.bytes = Buffer.from(bytes);
  }
}

/** The LOBs of a session. */
export class LobStore {
  private readonly lobs = new Map<number, LobData>();
  private next = 1;

  get size(): number {
    return this.lobs.size;
  }

  /** Keeps a LOB, and gives its locator. */
  add(data: LobData, isTemporary: boolean): Buffer {
    const id = this.next++;
    this.lobs.set(id, data);
    const isText = typeof data === 'string';
    const locator = Buffer.alloc(LOCATOR_BYTES);
    // Byte 5: initialised. Byte 6: text travels as UTF-16, as AL32UTF8 databases have it.
    locator.set([0, 38, 0, 1, isText ? 2 : 1, 8, isText ? 0x80 : 0, isTemporary ? 1 : 0]);
    locator.writeUInt32BE(id, ID_AT);
    return locator;
  }

  read(locator: Buffer): LobData {
    const data = this.lobs.get(locator.readUInt32BE(ID_AT));
    if (data === undefined) throw new ServerError(22922, 'nonexistent LOB value');
    return data;
  }

  write(locator: Buffer, data: LobData): void {
    this.lobs.set(locator.readUInt32BE(ID_AT), data);
  }

  free(locator: Buffer): void {
    this.lobs.delete(locator.readUInt32BE(ID_AT));
  }
}

/** One operation on a LOB, as the client asks for it. */
export interface LobRequest {
  readonly operation: number;
  /** Counted from 1. */
  readonly offset: number;
  /** Type of a new temporary LOB. */
  readonly destinationOffset: number;
  readonly amount: number | undefined;
  readonly wantsFlag: boolean;
  readonly locator: Buffer;
  readonly data: Buffer | null;
}

/** Reads the body of function 96. */
export function readLobRequest(reader: Reader): LobRequest {
  reader.skip(1);
  const locatorBytes = reader.int();
  reader.skip(1);
  reader.skipInts(3);
  reader.skip(2);
  const wantsFlag = reader.u8() === 1;
  const operation = reader.int();
  reader.skip(2);
  const offset = reader.int();
  const destinationOffset = reader.int();
  const sendsAmount = reader.u8() === 1;
  reader.skip(6);
  const locator = new LobLocator(reader.raw(Math.max(locatorBytes, 0))).bytes;
  if (operation === OPERATION.createTemporary) reader.int();
  const data = operation === OPERATION.write ? readLobData(reader) : null;
  const amount = sendsAmount ? reader.int() : undefined;
  return { operation, offset, destinationOffset, amount, wantsFlag, locator, data };
}

function readLobData(reader: Reader): Buffer {
  if (reader.u8() !== LOB_DATA) throw new MalformedMessage('A write to a LOB lacks its data.');
  return Buffer.from(reader.blob() ?? []);
}

/** Runs an operation; its reply lacks the end of call. */
export function runLobRequest(lobs: LobStore, request: LobRequest): Buffer {
  const writer = new Writer();
  const isNew = request.operation === OPERATION.createTemporary;
  const locator = isNew ? lobs.add(emptyLob(request.destinationOffset), true) : request.locator;
  const amount = operate(lobs, { ...request, locator }, writer);
  writer.u8(8).raw(locator);
  if (isNew) writer.int(AL32UTF8);
  if (request.amount !== undefined) writer.int(amount);
  if (request.wantsFlag) writer.u8(0);
  return writer.done();
}

function emptyLob(typeCode: number): LobData {
  if (typeCode === CLOB) return '';
  if (typeCode === BLOB) return Buffer.alloc(0);
  throw new ServerError(22275, 'invalid LOB locator specified');
}

/** Gives the amount that the reply names. */
function operate(lobs: LobStore, request: LobRequest, writer: Writer): number {
  const { locator, amount = 0 } = request;
  const held = lobs.read(locator);
  const at = Math.max(request.offset, 1) - 1;
  switch (request.operation) {
    case OPERATION.read: {
      const part = held.slice(at, at + Math.max(amount, 0));
      if (part.length > 0)
        writer.u8(LOB_DATA).blob(typeof part === 'string' ? encodeUtf16(part) : part);
      return part.length;
    }
    case OPERATION.write:
      lobs.write(locator, overwritten(held, at, request.data ?? Buffer.alloc(0)));
      return amount;
    case OPERATION.trim:
      lobs.write(locator, held.slice(0, Math.max(amount, 0)));
      return amount;
    case OPERATION.length:
      return held.length;
    case OPERATION.chunkSize:
      return LOB_CHUNK_BYTES;
    default:
      return amount;
  }
}

function overwritten(held: LobData, at: number, bytes: Buffer): LobData {
  const isFar = at - held.length > GAP_UNITS_MAX || at + bytes.length > LOB_UNITS_MAX;
  if (isFar) throw new ServerError(22993, 'LOB is too long');
  if (typeof held === 'string') {
    const text = decodeUtf16(bytes);
    return held.slice(0, at).padEnd(at) + text + held.slice(at + text.length);
  }
  const grown = Buffer.alloc(Math.max(held.length, at + bytes.length));
  held.copy(grown);
  bytes.copy(grown, at);
  return grown;
}

/** Reads the piggyback that frees temporary LOBs. */
export function readFreedLobs(reader: Reader): Buffer[] {
  reader.skip(1);
  const total = reader.int();
  reader.skip(1);
  reader.skipInts(3);
  reader.skip(3);
  reader.int();
  reader.skip(1);
  reader.skipInts(3);
  reader.skip(1);
  for (let index = 0; index < 3; index++) {
    reader.skip(1);
    reader.int();
  }
  const locators = new Reader(reader.raw(Math.max(total, 0)));
  const freed: Buffer[] = [];
  while (locators.left >= LOCATOR_BYTES) freed.push(locators.raw(LOCATOR_BYTES));
  return freed;
}
