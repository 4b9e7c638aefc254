import { MalformedMessage } from './errors.ts';

/** The message goes on in a packet that has not come yet. */
export class ShortOfBytes extends Error {
  override readonly name = 'ShortOfBytes';
}

const NEGATIVE = 0x80;
const CHUNKED = 254;
const CHUNK_BYTES = 32_767;
const SHORT_BYTES_MAX = 252;
const INT_BYTES_MAX = 8;

/** Reads the primitives of TTC; see "Primitive encodings" in PROTOCOL.md. */
export class Reader {
  private readonly bytes: Buffer;
  private position = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** How many bytes are still unread. */
  get left(): number {
    return this.bytes.length - this.position;
  }

  raw(length: number): Buffer {
    if (length > this.left) throw new ShortOfBytes();
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  skip(length: number): void {
    this.raw(length);
  }

  u8(): number {
    return this.raw(1).readUInt8();
  }

  u16(): number {
    return this.raw(2).readUInt16BE();
  }

  /** A length byte (its high bit is the sign) and the magnitude, most significant byte first. */
  int(): number {
    const length = this.u8();
    if ((length & ~NEGATIVE) > INT_BYTES_MAX) throw new MalformedMessage('An integer is too long.');
    let value = 0;
    for (const byte of this.raw(length & ~NEGATIVE)) value = value * 256 + byte;
    return length & NEGATIVE ? -value : value;
  }

  ints(count: number): number[] {
    return Array.from({ length: count }, () => this.int());
  }

  skipInts(count: number): void {
    for (let index = 0; index < count; index++) this.int();
  }

  /** A number of things that follow. Each takes a byte at least, so that no count can eat memory. */
  count(): number {
    const count = this.int();
    if (count < 0) throw new MalformedMessage('A count is negative.');
    if (count > this.left) throw new ShortOfBytes();
    return count;
  }

  /** Bytes after their length: 0 and 255 are null, 254 announces chunks up to one without length. */
  blob(): Buffer | null {
    const length = this.u8();
    if (length === 0 || length === 255) return null;
    if (length !== CHUNKED) return this.raw(length);
    const chunks: Buffer[] = [];
    for (let chunk = this.count(); chunk > 0; chunk = this.count()) chunks.push(this.raw(chunk));
    return Buffer.concat(chunks);
  }

  /** A blob behind a length of its own, which alone stands there when it is empty. */
  longBlob(): Buffer | null {
    return this.int() > 0 ? this.blob() : null;
  }

  text(): string {
    return this.blob()?.toString() ?? '';
  }

  longText(): string {
    return this.longBlob()?.toString() ?? '';
  }
}

/** Writes the primitives of TTC. */
export class Writer {
  private buffer = Buffer.allocUnsafe(1024);
  private length = 0;

  private room(bytes: number): number {
    const at = this.length;
    this.length += bytes;
    if (this.length > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length));
      this.buffer.copy(larger, 0, 0, at);
      this.buffer = larger;
    }
    return at;
  }

  /** A copy of everything written so far. */
  done(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.length));
  }

  u8(...values: readonly number[]): this {
    const at = this.room(values.length);
    this.buffer.set(values, at);
    return this;
  }

  u16(...values: readonly number[]): this {
    for (const value of values) this.buffer.writeUInt16BE(value, this.room(2));
    return this;
  }

  u16le(...values: readonly number[]): this {
    for (const value of values) this.buffer.writeUInt16LE(value, this.room(2));
    return this;
  }

  u32(...values: readonly number[]): this {
    for (const value of values) this.buffer.writeUInt32BE(value >>> 0, this.room(4));
    return this;
  }

  zeros(count: number): this {
    const at = this.room(count);
    this.buffer.fill(0, at, at + count);
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.room(bytes.length);
    this.buffer.set(bytes, at);
    return this;
  }

  int(...values: readonly number[]): this {
    for (const value of values) {
      const magnitude: number[] = [];
      for (let rest = Math.abs(value); rest > 0; rest = Math.floor(rest / 256)) {
        magnitude.unshift(rest % 256);
      }
      this.u8(magnitude.length | (value < 0 ? NEGATIVE : 0), ...magnitude);
    }
    return this;
  }

  blob(value: Uint8Array | string | null): this {
    if (value === null) return this.u8(0);
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    if (bytes.length <= SHORT_BYTES_MAX) return this.u8(bytes.length).raw(bytes);
    this.u8(CHUNKED);
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      const chunk = bytes.subarray(at, at + CHUNK_BYTES);
      this.int(chunk.length).raw(chunk);
    }
    return this.int(0);
  }

  longBlob(value: Uint8Array | string): this {
    const length = Buffer.byteLength(value);
    this.int(length);
    return length === 0 ? this : this.blob(value);
  }

  keyValue(key: string, value: string, flags = 0): this {
    return this.longBlob(key).longBlob(value).int(flags);
  }
}
