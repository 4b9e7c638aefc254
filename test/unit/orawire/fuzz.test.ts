import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ShortOfBytes } from '../../support/orawire/bytes.ts';
import { Dispatcher } from '../../support/orawire/dispatcher.ts';
import { isOraError, MalformedMessage } from '../../support/orawire/errors.ts';
import { StatementFailed } from '../../support/orawire/execution.ts';
import { encodePacket } from '../../support/orawire/packets.ts';
import { OraWireServer } from '../../support/orawire/server.ts';
import { ServerSession } from '../../support/orawire/session.ts';
import { settingsOf } from '../../support/orawire/settings.ts';
import { waitFor } from '../../support/wait-for.ts';
import { connectBody, dataPacket, RawClient } from './raw-client.ts';
import { answerAnything, recordRequests } from './recording.ts';

const SEED = Number(process.env.ODTM_FUZZ_SEED ?? 20_261_127);
const MEMORY_BYTES_MAX = 200 * 1024 * 1024;
const PING = Buffer.of(3, 147, 1);
/** No header of a packet is all zeros: whatever came before, the connection ends here. */
const END = Buffer.alloc(70_000);

const settings = {
  users: { SCOTT: 'tiger' },
  pbkdf2Iterations: 8,
  maxRequestBytes: 1024 * 1024,
  cancelGraceMs: 500,
};

/** Where in a text or a list, from 0 to just below 1. */
const place = fc.nat(9999).map((part) => part / 10_000);

/** What is done to the bytes of a request. */
const mutation = fc.array(
  fc.record({
    kind: fc.constantFrom('set', 'set', 'set', 'cut', 'drop', 'insert', 'repeat'),
    place,
    byte: fc.oneof(fc.constantFrom(0, 1, 4, 8, 127, 128, 253, 254, 255), fc.nat(255)),
    length: fc.integer({ min: 1, max: 9 }),
  }),
  { minLength: 1, maxLength: 3 },
);

type Mutations = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

function mutated(request: Buffer, mutations: Mutations): Buffer {
  let bytes = Buffer.from(request);
  for (const { kind, place, byte, length } of mutations) {
    const at = Math.floor(place * bytes.length);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const changes: Readonly<Record<string, Buffer>> = {
      set: Buffer.concat([before, Buffer.of(byte), after.subarray(1)]),
      cut: before,
      drop: Buffer.concat([before, after.subarray(length)]),
      insert: Buffer.concat([before, Buffer.alloc(length, byte), after]),
      repeat: Buffer.concat([before, after.subarray(0, length), after]),
    };
    bytes = Buffer.from(changes[kind] ?? bytes);
  }
  return bytes;
}

function isExpected(error: unknown): boolean {
  return (
    error instanceof ShortOfBytes ||
    error instanceof MalformedMessage ||
    error instanceof StatementFailed ||
    isOraError(error)
  );
}

describe.each(['19', '23'] as const)(`broken requests, profile %s (seed ${SEED})`, (profile) => {
  let server: OraWireServer;
  let requests: Buffer[];

  beforeAll(async () => {
    server = new OraWireServer({ ...settings, profile, execute: answerAnything });
    await server.listen();
    requests = await recordRequests(server, 'node');
    await waitFor(() => server.sessions.length === 0);
    expect(server.failures).toEqual([]);
  });

  afterAll(async () => {
    await server.close();
  });

  /** A session's brain without its socket, in the state that the recorded requests leave it in. */
  async function sessionAfter(count: number): Promise<Dispatcher> {
    const session = new ServerSession(1, 50);
    const backend = { execute: answerAnything };
    const dispatcher = new Dispatcher(settingsOf({ ...settings, profile }), backend, session);
    dispatcher.isLoggedOn = true;
    for (const request of requests.slice(0, count)) {
      await serve(dispatcher, request).catch((error) => expect(error).toSatisfy(isExpected));
    }
    return dispatcher;
  }

  async function serve(dispatcher: Dispatcher, request: Buffer): Promise<Buffer> {
    const { piggybacks, body } = dispatcher.parse(request);
    for (const piggyback of piggybacks) await dispatcher.apply(piggyback);
    return dispatcher.run(body, new AbortController().signal);
  }

  test('the recorded requests are understood, to the last byte', async () => {
    expect(requests.length).toBeGreaterThan(15);
    const dispatcher = await sessionAfter(0);
    const kinds: string[] = [];
    for (const request of requests) {
      for (let length = 0; length < request.length; length++) {
        expect(() => dispatcher.parse(request.subarray(0, length))).toThrow(ShortOfBytes);
      }
      kinds.push(dispatcher.parse(request).body.kind);
      await serve(dispatcher, request).catch((error) => expect(error).toSatisfy(isExpected));
    }
    const all = ['commit', 'execute', 'fetch', 'lob', 'logoff', 'ping', 'rollback'];
    expect([...new Set(kinds)].sort()).toEqual(all);
  });

  test('the requests are the same behind a connect text with a packet of its own', async () => {
    expect(await recordRequests(server, `/${'long/'.repeat(60)}node`)).toEqual(requests);
    await waitFor(() => server.sessions.length === 0);
    expect(server.failures).toEqual([]);
  });

  test('whatever is done to a request ends in a reply or in an error that is expected', async () => {
    let replies = 0;
    let errors = 0;
    await fc.assert(
      fc.asyncProperty(place, mutation, async (which, mutations) => {
        const index = Math.floor(which * requests.length);
        const dispatcher = await sessionAfter(index);
        const request = mutated(requests[index] ?? PING, mutations);
        try {
          await serve(dispatcher, request);
          replies += 1;
        } catch (error) {
          expect(error).toSatisfy(isExpected);
          errors += 1;
        }
      }),
      { seed: SEED, numRuns: 400 },
    );
    expect(Math.min(replies, errors)).toBeGreaterThan(50);
  });

  test('random bytes end in a reply or in an error that is expected', async () => {
    const dispatcher = await sessionAfter(requests.length - 1);
    const begin = fc.constantFrom(
      [3, 94],
      [3, 4],
      [3, 78],
      [3, 5],
      [3, 96],
      [17, 135],
      [17, 105],
      [],
    );
    const rest = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.constantFrom(0, 1, 2, 7, 254), { maxLength: 200 }),
    );
    await fc.assert(
      fc.asyncProperty(begin, rest, async (head, tail) => {
        const request = Buffer.from([...head, ...tail]);
        await serve(dispatcher, request).catch((error) => expect(error).toSatisfy(isExpected));
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });

  test('over a socket: an answer or an end, and no session, time or memory is lost', async () => {
    const before = process.memoryUsage();
    const flags = fc.constantFrom(0x0800, 0, 0x0040, 0xffff);
    const type = fc.oneof({ weight: 8, arbitrary: fc.constant(6) }, fc.nat(20));
    await fc.assert(
      fc.asyncProperty(place, mutation, flags, type, async (which, mutations, flag, packetType) => {
        const client = await RawClient.logOn(server.port, 'SCOTT', 'tiger');
        const index = Math.floor(which * requests.length);
        const payload = mutated(requests[index] ?? PING, mutations);
        const head = Buffer.alloc(2);
        head.writeUInt16BE(flag);
        client.socket.write(encodePacket(packetType, Buffer.concat([head, payload]), true));
        client.socket.write(encodePacket(12, Buffer.of(1, 0, mutations.length), true));
        client.socket.write(dataPacket(PING));
        client.socket.end(END);
        await client.closed();
      }),
      { seed: SEED, numRuns: 100 },
    );
    await waitFor(() => server.sessions.length === 0);
    expect(server.failures.filter((error) => !isExpected(error))).toEqual([]);
    const after = process.memoryUsage();
    expect(after.heapUsed - before.heapUsed).toBeLessThan(MEMORY_BYTES_MAX);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(MEMORY_BYTES_MAX);
  });

  test('a logon that is broken anywhere is refused, and the next client is served', async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(bytes, mutation, fc.boolean(), async (noise, mutations, isConnected) => {
        const client = await RawClient.connect(server.port);
        const connect = encodePacket(1, connectBody(), false);
        client.socket.write(isConnected ? connect : mutated(connect, mutations));
        client.socket.write(dataPacket(Buffer.from(noise)));
        client.socket.end(END);
        await client.closed();
      }),
      { seed: SEED, numRuns: 100 },
    );
    expect(server.sessions).toEqual([]);
    expect(server.failures.filter((error) => !isExpected(error))).toEqual([]);
    const client = await RawClient.logOn(server.port, 'SCOTT', 'tiger');
    expect((await client.call(PING))[0]).toBe(9);
    client.socket.destroy();
  });
});

describe('clients that go too far', () => {
  async function serverOf(options: object = {}) {
    const server = new OraWireServer({ ...settings, ...options, execute: answerAnything });
    await server.listen();
    return server;
  }

  test('nothing is done for a client that has not logged on', async () => {
    const server = await serverOf();
    const client = await RawClient.connect(server.port);
    client.socket.write(encodePacket(1, connectBody(), false));
    await client.next();
    const reply = await client.call(PING);
    expect(reply.toString()).toContain('ORA-01012: not logged on');
    await client.closed();
    await server.close();
  });

  test.each(['wrong', ''])('the password "%s" is refused', async (password) => {
    const server = await serverOf();
    const client = await RawClient.logOn(server.port, 'SCOTT', password);
    await client.closed();
    expect(server.sessions).toEqual([]);
    await server.close();
  });

  test('a request without an end is cut off at the limit', async () => {
    const server = await serverOf({ maxRequestBytes: 20_000 });
    const client = await RawClient.logOn(server.port, 'SCOTT', 'tiger');
    const endless = encodePacket(
      6,
      Buffer.concat([Buffer.of(0, 0, 3, 94), Buffer.alloc(4000)]),
      true,
    );
    for (let time = 0; time < 10; time++) client.socket.write(endless);
    await client.closed();
    expect(server.failures.map(String)).toEqual([expect.stringMatching(/A request is longer/)]);
    await server.close();
  });

  test('requests that pile up are cut off', async () => {
    const server = await serverOf();
    const client = await RawClient.logOn(server.port, 'SCOTT', 'tiger');
    for (let time = 0; time < 200; time++) client.send(PING);
    await client.closed();
    expect(server.failures.map(String)).toEqual([expect.stringMatching(/Too many requests/)]);
    await server.close();
  });

  test('a function that the stand-in lacks is ORA-03001, and the session goes on', async () => {
    const server = await serverOf({ errorMarkers: false });
    const client = await RawClient.logOn(server.port, 'SCOTT', 'tiger');
    const reply = await client.call(Buffer.of(3, 200, 1));
    expect(reply.toString()).toContain('ORA-03001: unimplemented feature (TTC function 200)');
    expect((await client.call(PING))[0]).toBe(9);
    client.socket.destroy();
    await server.close();
  });
});
