import { Writer } from './bytes.ts';
import { MalformedMessage } from './errors.ts';

const BIAS = 0x80000000;
const ROWID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const ROWID_PARTS = [
  [0, 6],
  [6, 9],
  [9, 15],
  [15, 18],
] as const;

/** INTERVAL YEAR TO MONTH. */
export interface YearMonths {
  readonly years?: number;
  readonly months?: number;
}

/** INTERVAL DAY TO SECOND; `fseconds` are nanoseconds, as the driver has them. */
export interface DaySeconds {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly fseconds?: number;
}

/** Text of the national character set. */
export function encodeUtf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

/** The text of the national character set. */
export function decodeUtf16(bytes: Buffer): string {
  if (bytes.length % 2 !== 0) throw new MalformedMessage('Text of UTF-16 has half a character.');
  return Buffer.from(bytes).swap16().toString('utf16le');
}

/** BINARY_FLOAT (4 bytes) and BINARY_DOUBLE (8): their order as bytes is their order as numbers. */
export function encodeFloat(value: number, size: 4 | 8): Buffer {
  const bytes = Buffer.alloc(size);
  if (size === 8) bytes.writeDoubleBE(value);
  else bytes.writeFloatBE(value);
  const head = bytes.readUInt8();
  if (head & 0x80) return bytes.map((byte) => byte ^ 0xff) as Buffer;
  bytes.writeUInt8(head | 0x80);
  return bytes;
}

/** The number of a BINARY_FLOAT or BINARY_DOUBLE. */
export function decodeFloat(source: Buffer): number {
  if (source.length !== 4 && source.length !== 8) {
    throw new MalformedMessage(`A floating-point number has ${source.length} bytes.`);
  }
  const positive = (source.readUInt8() & 0x80) !== 0;
  const bytes = Buffer.from(source.map((byte, at) => undone(byte, at, positive)));
  return bytes.length === 8 ? bytes.readDoubleBE() : bytes.readFloatBE();
}

function undone(byte: number, at: number, positive: boolean): number {
  if (!positive) return byte ^ 0xff;
  return at === 0 ? byte & 0x7f : byte;
}

/** INTERVAL YEAR TO MONTH as bytes. */
export function encodeYearMonths({ years = 0, months = 0 }: YearMonths): Buffer {
  return new Writer()
    .u32(years + BIAS)
    .u8(months + 60)
    .done();
}

/** INTERVAL YEAR TO MONTH from bytes. */
export function decodeYearMonths(bytes: Buffer): YearMonths {
  if (bytes.length < 5) throw new MalformedMessage('An interval is too short.');
  return { years: bytes.readUInt32BE() - BIAS, months: bytes.readUInt8(4) - 60 };
}

/** INTERVAL DAY TO SECOND as bytes. */
export function encodeDaySeconds(value: DaySeconds): Buffer {
  const { days = 0, hours = 0, minutes = 0, seconds = 0, fseconds = 0 } = value;
  return new Writer()
    .u32(days + BIAS)
    .u8(hours + 60, minutes + 60, seconds + 60)
    .u32(fseconds + BIAS)
    .done();
}

/** INTERVAL DAY TO SECOND from bytes. */
export function decodeDaySeconds(bytes: Buffer): DaySeconds {
  if (bytes.length < 11) throw new MalformedMessage('An interval is too short.');
  return {
    days: bytes.readUInt32BE() - BIAS,
    hours: bytes.readUInt8(4) - 60,
    minutes: bytes.readUInt8(5) - 60,
    seconds: bytes.readUInt8(6) - 60,
    fseconds: bytes.readUInt32BE(7) - BIAS,
  };
}

/** Data object, file, block and slot of an 18-character rowid. */
export function rowidParts(rowid: string): [number, number, number, number] {
  const [object, file, block, slot] = ROWID_PARTS.map(([from, to]) =>
    [...rowid.slice(from, to)].reduce(
      (sum, letter) => sum * 64 + Math.max(ROWID_ALPHABET.indexOf(letter), 0),
      0,
    ),
  );
  return [object ?? 0, file ?? 0, block ?? 0, slot ?? 0];
}
