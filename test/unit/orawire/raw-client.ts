import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Reader, Writer } from '../../support/orawire/bytes.ts';
import {
  encodePacket,
  PACKET,
  type Packet,
  PacketSplitter,
} from '../../support/orawire/packets.ts';

const SDU = 8192;
const FIELD_VERSION = 13;
const DESCRIPTOR = '(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=ORCLPDB1)))';
const END_OF_REQUEST = Buffer.of(0x08, 0);

/** A client without a driver: it logs on, and then sends whatever a test wants to see refused. */
export class RawClient {
  readonly socket: Socket;
  private readonly splitter = new PacketSplitter();
  private readonly arrived: Packet[] = [];
  private wake = () => {};
  private isOpen = true;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.splitter.push(bytes);
      for (let packet = this.splitter.next(); packet; packet = this.splitter.next()) {
        this.arrived.push(packet);
        // Lengths have four bytes from ACCEPT on.
        if (packet.type === PACKET.accept) this.splitter.useLongLengths(SDU);
      }
      this.wake();
    });
    // What matters is that the connection ends, however it does.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isOpen = false;
      this.wake();
    });
  }

  /** Connects, and sends nothing yet. */
  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Connects, and goes through everything up to a session. */
  static async logOn(port: number, user: string, password: string): Promise<RawClient> {
    const client = await RawClient.connect(port);
    client.socket.write(encodePacket(PACKET.connect, connectBody(), false));
    await client.next();
    await client.call(Buffer.from('\x01\x06\0raw\0', 'latin1'));
    await client.call(dataTypes());
    const challenge = readValues(await client.call(logon(118, user, {})));
    const session = answer(challenge, password);
    await client.call(logon(115, user, session));
    return client;
  }

  /** The next packet; undefined when the server has closed the connection. */
  async next(): Promise<Packet | undefined> {
    for (;;) {
      const packet = this.arrived.shift();
      if (packet !== undefined || !this.isOpen) return packet;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** Sends a payload as one request, and gives the payload of the first packet of the answer. */
  async call(payload: Buffer): Promise<Buffer> {
    this.send(payload);
    const packet = await this.next();
    if (packet?.type !== PACKET.data) throw new Error(`No answer, but ${packet?.type}.`);
    return packet.body.subarray(2);
  }

  /** Sends a payload as one request. */
  send(payload: Buffer): void {
    this.socket.write(dataPacket(payload));
  }

  /** Waits until the server closes the connection; what it still sends is dropped. */
  async closed(): Promise<void> {
    while ((await this.next()) !== undefined);
  }
}

/** A DATA packet that ends its request. */
export function dataPacket(payload: Buffer): Buffer {
  return encodePacket(PACKET.data, Buffer.concat([END_OF_REQUEST, payload]), true);
}

/** The body of a CONNECT packet. */
export function connectBody(): Buffer {
  const body = Buffer.alloc(66);
  body.writeUInt16BE(DESCRIPTOR.length, 16);
  body.writeUInt16BE(74, 18);
  body.writeUInt32BE(SDU, 50);
  return Buffer.concat([body, Buffer.from(DESCRIPTOR)]);
}

function dataTypes(): Buffer {
  const compile = Buffer.alloc(53);
  compile.writeUInt8(FIELD_VERSION, 7);
  return new Writer().u8(2).zeros(5).blob(compile).blob(Buffer.of(2, 0)).u16(0).done();
}

function logon(code: number, user: string, values: Readonly<Record<string, string>>): Buffer {
  const writer = new Writer().u8(3, code, 1, 1).int(user.length, 1).u8(1);
  writer.int(Object.keys(values).length).u8(1, 1).blob(user);
  for (const [key, value] of Object.entries(values)) writer.keyValue(key, value);
  return writer.done();
}

/** Keys and values of a reply, with their values as bytes. */
function readValues(reply: Buffer): ReadonlyMap<string, string> {
  const reader = new Reader(reply);
  reader.skip(1);
  const values = new Map<string, string>();
  for (let left = reader.count(); left > 0; left--) {
    const key = reader.longText();
    values.set(key, reader.longText());
    reader.int();
  }
  return values;
}

/** The client's half of O5LOGON. */
export function answer(challenge: ReadonlyMap<string, string>, password: string) {
  const bytes = (key: string) => Buffer.from(challenge.get(key) ?? '', 'hex');
  const salt = bytes('AUTH_VFR_DATA');
  const rounds = Number(challenge.get('AUTH_PBKDF2_VGEN_COUNT'));
  const speedy = Buffer.concat([salt, Buffer.from('AUTH_PBKDF2_SPEEDY_KEY')]);
  const derived = pbkdf2Sync(password, speedy, rounds, 64, 'sha512');
  const key = createHash('sha512').update(derived).update(salt).digest().subarray(0, 32);
  const serverPart = crypt(createDecipheriv('aes-256-cbc', key, IV), bytes('AUTH_SESSKEY'));
  const ownPart = randomBytes(32);
  const mixed = Buffer.concat([ownPart, serverPart]).toString('hex').toUpperCase();
  const sessionKey = pbkdf2Sync(mixed, bytes('AUTH_PBKDF2_CSK_SALT'), 3, 32, 'sha512');
  const plain = Buffer.concat([randomBytes(16), Buffer.from(password)]);
  const fill = 16 - (plain.length % 16);
  const padded = Buffer.concat([plain, Buffer.alloc(fill, fill)]);
  return {
    AUTH_SESSKEY: crypt(createCipheriv('aes-256-cbc', key, IV), ownPart).toString('hex'),
    AUTH_PASSWORD: crypt(createCipheriv('aes-256-cbc', sessionKey, IV), padded).toString('hex'),
  };
}

const IV = Buffer.alloc(16);

function crypt(
  cipher: ReturnType<typeof createCipheriv | typeof createDecipheriv>,
  bytes: Buffer,
): Buffer {
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(bytes), cipher.final()]);
}
