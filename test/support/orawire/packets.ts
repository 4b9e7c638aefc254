import { MalformedMessage } from './errors.ts';

/** Types of TNS packets. */
export const PACKET = {
  connect: 1,
  accept: 2,
  refuse: 4,
  data: 6,
  marker: 12,
} as const;

/** Flags of DATA packets. */
export const DATA_FLAG = {
  endOfFile: 0x0040,
  endOfRequest: 0x0800,
  endOfResponse: 0x2000,
} as const;

/** Kinds of markers. */
export const MARKER = { break: 1, reset: 2, interrupt: 3 } as const;

/** Header of a packet, and of a DATA packet with its flags. */
export const HEADER_BYTES = 8;
export const DATA_HEADER_BYTES = 10;
/** Clients that ask for less get this much. */
export const SDU_MIN = 512;

const SHORT_LENGTH_MAX = 0xffff;
const END_OF_RESPONSE = 29;

/** A packet without its header. */
export interface Packet {
  readonly type: number;
  readonly body: Buffer;
}

/**
 * Cuts a stream of bytes into packets. Up to ACCEPT lengths have two bytes, from then on four; the
 * length of a packet is limited, so that a broken one cannot make the server wait and gather for ever.
 */
export class PacketSplitter {
  private held: Buffer = Buffer.alloc(0);
  private hasLongLengths = false;
  private bytesMax = SHORT_LENGTH_MAX;

  /** Called once the connection is accepted. */
  useLongLengths(bytesMax: number): void {
    this.hasLongLengths = true;
    this.bytesMax = Math.max(bytesMax, SDU_MIN);
  }

  push(bytes: Buffer): void {
    this.held = this.held.length === 0 ? bytes : Buffer.concat([this.held, bytes]);
  }

  /** The next whole packet; undefined when more has to come first. */
  next(): Packet | undefined {
    if (this.held.length < HEADER_BYTES) return undefined;
    const length = this.hasLongLengths ? this.held.readUInt32BE() : this.held.readUInt16BE();
    if (length < HEADER_BYTES || length > this.bytesMax) {
      throw new MalformedMessage(`A packet of ${length} bytes is out of the limits.`);
    }
    if (this.held.length < length) return undefined;
    const packet = this.held.subarray(0, length);
    this.held = this.held.subarray(length);
    return { type: packet.readUInt8(4), body: packet.subarray(HEADER_BYTES) };
  }
}

/** A packet with its header. */
export function encodePacket(type: number, body: Buffer, hasLongLength: boolean): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  if (hasLongLength) header.writeUInt32BE(HEADER_BYTES + body.length);
  else header.writeUInt16BE(HEADER_BYTES + body.length);
  header.writeUInt8(type, 4);
  return Buffer.concat([header, body]);
}

/** The DATA packets of a reply. With end-of-response a byte and a flag close the last one. */
export function encodeReply(reply: Buffer, sdu: number, endOfResponse: boolean): Buffer[] {
  const payload = endOfResponse ? Buffer.concat([reply, Buffer.of(END_OF_RESPONSE)]) : reply;
  const room = sdu - DATA_HEADER_BYTES;
  const packets: Buffer[] = [];
  for (let at = 0; at < payload.length; at += room) {
    const isLast = at + room >= payload.length;
    const flags = Buffer.alloc(2);
    if (endOfResponse && isLast) flags.writeUInt16BE(DATA_FLAG.endOfResponse);
    const body = Buffer.concat([flags, payload.subarray(at, at + room)]);
    packets.push(encodePacket(PACKET.data, body, true));
  }
  return packets;
}

/** A marker packet. */
export function encodeMarker(kind: number): Buffer {
  return encodePacket(PACKET.marker, Buffer.of(1, 0, kind), true);
}
