import type { Reader, Writer } from './bytes.ts';

const AL32UTF8 = 873;
const AL16UTF16 = 2000;
const COMPILE_BYTES = 53;
const FIELD_VERSION_AT = 7;
const RESPONSE_END_AT = 40;
const RESPONSE_END = 0x20;
const SIGNED_BYTE_TYPE = 27;
const UNIVERSAL = 1;
const TYPES = [1, 2, 8, 12, 23, 24, 96, 100, 101, 102, 112, 113, 180, 181, 231];
const NATIVE_TYPES = new Set([2, 12]);

/** What client and server have agreed on. */
export interface Agreement {
  /** TTC field version in force. */
  readonly fieldVersion: number;
  readonly endOfResponse: boolean;
  readonly clientTimeZone: boolean;
  /** Drivers before 6.3 want one-byte signed fields as universal integers. */
  readonly hasUniversalBytes: boolean;
}

/** Skips the client's protocol message: its versions and its name, a zero byte behind either. */
export function readProtocol(reader: Reader): void {
  for (let ends = 0; ends < 2; ) if (reader.u8() === 0) ends += 1;
}

/** The server's capabilities. */
export function writeProtocol(
  writer: Writer,
  { fieldVersion, maxStringSize }: { fieldVersion: number; maxStringSize: number },
): Writer {
  writer.u8(1, 6, 0).raw(Buffer.from('x86_64/Linux 2.4.xx\0')).u16le(AL32UTF8).u8(1).u16le(0);
  writer.u16(11).zeros(9).u16(AL16UTF16);
  const compile = Buffer.alloc(COMPILE_BYTES);
  compile.writeUInt8(fieldVersion, FIELD_VERSION_AT);
  const runtime = Buffer.alloc(12);
  // Byte 1: time zones in the data types message. Byte 6: 0x04 says strings of 32,767 bytes.
  runtime.set([2, 1, 0, 1, 24, 0, maxStringSize === 32767 ? 0x7f : 0x7b, 1]);
  return writer.blob(compile).blob(runtime);
}

/** Reads the client's data types message: the lower of both versions is in force. */
export function readDataTypes(reader: Reader, offered: Agreement): Agreement {
  reader.skip(5);
  const compile = reader.blob() ?? Buffer.alloc(0);
  const runtime = reader.blob() ?? Buffer.alloc(0);
  const clientTimeZone = runtime[1] === 1;
  if (clientTimeZone) reader.skip(11);
  let hasUniversalBytes = false;
  for (let type = reader.u16(); type !== 0; type = reader.u16()) {
    if (reader.u16() === 0) continue;
    const representation = reader.u16();
    reader.skip(2);
    if (type === SIGNED_BYTE_TYPE) hasUniversalBytes = representation === UNIVERSAL;
  }
  const clientVersion = compile[FIELD_VERSION_AT] ?? offered.fieldVersion;
  const fieldVersion = Math.min(offered.fieldVersion, clientVersion);
  const wantsEnd = ((compile[RESPONSE_END_AT] ?? 0) & RESPONSE_END) !== 0;
  const endOfResponse = offered.endOfResponse && fieldVersion >= 24 && wantsEnd;
  return { fieldVersion, endOfResponse, clientTimeZone, hasUniversalBytes };
}

/** The server's data types. Its time zone is UTC. */
export function writeDataTypes(writer: Writer, { clientTimeZone }: Agreement): Writer {
  writer.u8(2);
  if (clientTimeZone) writer.u8(0x80).zeros(3).u8(60, 60, 60, 0x80).zeros(3);
  for (const type of TYPES) writer.u16(type, type, NATIVE_TYPES.has(type) ? 10 : 1, 0);
  return writer.u16(0);
}
