import { describe, expect, test } from 'vitest';
import { MalformedMessage } from '../../support/orawire/errors.ts';
import { descriptorValue, readConnect, refuseBody } from '../../support/orawire/handshake.ts';
import {
  encodeMarker,
  encodePacket,
  encodeReply,
  PACKET,
  type Packet,
  PacketSplitter,
} from '../../support/orawire/packets.ts';

const LIMIT = 8192;

function splitterOf(hasLongLengths: boolean): PacketSplitter {
  const splitter = new PacketSplitter();
  if (hasLongLengths) splitter.useLongLengths(LIMIT);
  return splitter;
}

function takeAll(splitter: PacketSplitter): Packet[] {
  const packets: Packet[] = [];
  for (let packet = splitter.next(); packet; packet = splitter.next()) packets.push(packet);
  return packets;
}

describe.each([false, true])('packets with long lengths: %s', (hasLongLengths) => {
  const packets: Packet[] = [
    { type: PACKET.data, body: Buffer.from('first') },
    { type: PACKET.marker, body: Buffer.of(1, 0, 3) },
    { type: PACKET.data, body: Buffer.alloc(0) },
    { type: PACKET.data, body: Buffer.alloc(300, 7) },
  ];
  const stream = Buffer.concat(
    packets.map(({ type, body }) => encodePacket(type, body, hasLongLengths)),
  );

  test('come whole out of a stream that is cut in two at any place', () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const splitter = splitterOf(hasLongLengths);
      splitter.push(stream.subarray(0, cut));
      const before = takeAll(splitter);
      splitter.push(stream.subarray(cut));
      expect([...before, ...takeAll(splitter)]).toEqual(packets);
    }
  });

  test('come whole out of single bytes', () => {
    const splitter = splitterOf(hasLongLengths);
    const found: Packet[] = [];
    for (const byte of stream) {
      splitter.push(Buffer.of(byte));
      found.push(...takeAll(splitter));
    }
    expect(found).toEqual(packets);
  });

  test.each([0, 1, 7])('of a length of %i are refused', (length) => {
    const splitter = splitterOf(hasLongLengths);
    const header = Buffer.alloc(8);
    header.writeUInt8(length, hasLongLengths ? 3 : 1);
    splitter.push(header);
    expect(() => splitter.next()).toThrow(MalformedMessage);
  });
});

test('a packet longer than what was agreed is refused before it is gathered', () => {
  const splitter = splitterOf(true);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(LIMIT + 1);
  splitter.push(header);
  expect(() => splitter.next()).toThrow(MalformedMessage);
});

test.each([false, true])(
  'a reply is cut into packets of the agreed size; end of response: %s',
  (ends) => {
    for (const length of [1, 501, 502, 503, 1004, 2000]) {
      const reply = Buffer.from(Array.from({ length }, (_, i) => i & 255));
      const packets = encodeReply(reply, 512, ends);
      expect(packets.every((packet) => packet.length <= 512)).toBe(true);
      const splitter = splitterOf(true);
      splitter.push(Buffer.concat(packets));
      const found = takeAll(splitter);
      const payload = Buffer.concat(found.map(({ body }) => body.subarray(2)));
      expect(payload).toEqual(ends ? Buffer.concat([reply, Buffer.of(0x1d)]) : reply);
      const flags = found.map(({ body }) => body.readUInt16BE());
      const last = ends ? 0x2000 : 0;
      expect(flags).toEqual([...flags.slice(1).map(() => 0), last]);
    }
  },
);

test('a marker is as the driver expects it', () => {
  expect(encodeMarker(1).toString('hex')).toBe('0000000b0c000000010001');
});

describe('CONNECT', () => {
  const descriptor = '(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME = orcl)(CID=(PROGRAM=x))))';

  function connectBody(sdu: number, { isApart = false, offset = 74 } = {}): Buffer {
    const body = Buffer.alloc(66);
    body.writeUInt16BE(descriptor.length, 16);
    body.writeUInt16BE(offset, 18);
    body.writeUInt32BE(sdu, 50);
    return isApart ? body : Buffer.concat([body, Buffer.from(descriptor)]);
  }

  test('names the service', () => {
    const request = readConnect(connectBody(8192));
    expect(request).toEqual({ sdu: 8192, descriptorBytes: descriptor.length, descriptor });
    expect(descriptorValue(descriptor, 'SERVICE_NAME')).toBe('orcl');
    expect(descriptorValue(descriptor, 'SID')).toBeUndefined();
  });

  test('may have its descriptor in the next packet', () => {
    expect(readConnect(connectBody(8192, { isApart: true })).descriptor).toBeUndefined();
  });

  test.each([
    [0, 8192],
    [5, 512],
    [65_535, 65_535],
  ])('an SDU of %i means %i', (wanted, sdu) => {
    expect(readConnect(connectBody(wanted)).sdu).toBe(sdu);
  });

  test('that is cut short, or points into its header, is refused', () => {
    const whole = connectBody(8192);
    for (let length = 0; length < 54; length++) {
      expect(() => readConnect(whole.subarray(0, length))).toThrow(MalformedMessage);
    }
    expect(() => readConnect(connectBody(8192, { offset: 7 }))).toThrow(MalformedMessage);
  });

  test('is refused with the code that fits', () => {
    const text = refuseBody('(CONNECT_DATA=(SID=x))').toString();
    expect(text).toContain('(ERR=12505)');
    expect(refuseBody(descriptor).toString()).toContain('(ERR=12514)');
  });
});
