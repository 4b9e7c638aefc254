import { randomBytes } from 'node:crypto';
import { Writer } from './bytes.ts';
import { MalformedMessage } from './errors.ts';
import { HEADER_BYTES, SDU_MIN } from './packets.ts';

const SDU_DEFAULT = 8192;
const NO_SUCH_SERVICE = 12514;
const NO_SUCH_SID = 12505;
const ACCEPT_OFFSET = 61;
const FAST_AUTH = 0x10000000;
const END_OF_RESPONSE = 0x02000000;

/** What a CONNECT packet asks for. */
export interface ConnectRequest {
  readonly sdu: number;
  readonly descriptorBytes: number;
  /** Undefined: it was too long for the packet, and follows in one of its own. */
  readonly descriptor: string | undefined;
}

/** Reads the body of CONNECT; the offsets in it count from the packet's start. */
export function readConnect(body: Buffer): ConnectRequest {
  if (body.length < 58 - HEADER_BYTES + 4) throw new MalformedMessage('CONNECT is too short.');
  const descriptorBytes = body.readUInt16BE(24 - HEADER_BYTES);
  const offset = body.readUInt16BE(26 - HEADER_BYTES) - HEADER_BYTES;
  const wanted = body.readUInt32BE(58 - HEADER_BYTES);
  const sdu = wanted === 0 ? SDU_DEFAULT : Math.max(wanted, SDU_MIN);
  if (offset < 0) throw new MalformedMessage('CONNECT has its descriptor in its header.');
  const isHere = body.length >= offset + descriptorBytes;
  const descriptor = isHere ? body.toString('utf8', offset, offset + descriptorBytes) : undefined;
  return { sdu, descriptorBytes, descriptor };
}

/** A value of a connect descriptor, wherever it stands in it. */
export function descriptorValue(descriptor: string, key: string): string | undefined {
  return new RegExp(`\\(\\s*${key}\\s*=([^()]*)\\)`, 'i').exec(descriptor)?.[1]?.trim();
}

/** The body of ACCEPT. Native network services are switched off by its two flag bytes. */
export function acceptBody(profile: '19' | '23', sdu: number): Buffer {
  const isNew = profile === '23';
  return new Writer()
    .u16(isNew ? 319 : 318, 1, Math.min(sdu, 0xffff), 0xffff, 0x100, 0, ACCEPT_OFFSET)
    .u8(4, 8)
    .zeros(8)
    .u32(sdu, sdu)
    .u8(0)
    .u32(isNew ? FAST_AUTH + END_OF_RESPONSE : 0)
    .raw(randomBytes(16))
    .done();
}

/** The body of REFUSE for a service, or a SID, that is not here. */
export function refuseBody(descriptor: string): Buffer {
  const code = descriptorValue(descriptor, 'SID') === undefined ? NO_SUCH_SERVICE : NO_SUCH_SID;
  const stack = `(ERROR_STACK=(ERROR=(CODE=${code})(EMFI=4)))`;
  const text = Buffer.from(`(DESCRIPTION=(TMP=)(VSNNUM=0)(ERR=${code})${stack})`);
  return new Writer().u8(34, 0).u16(text.length).raw(text).done();
}
