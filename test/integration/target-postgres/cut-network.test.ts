import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TargetFixture } from '../../conformance/target/fixture.ts';
import { postgresFixture } from '../../conformance/target/postgres-fixture.ts';
import { callOf, run, Stand } from '../../conformance/target/stand.ts';

/** A way to the server that can be cut, or fall silent. */
class Wire {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private silent = false;

  constructor(host: string, port: number) {
    this.server = createServer((client) => {
      const upstream = connect(port, host);
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.sockets.add(from);
        from.on('data', (data) => {
          if (!this.silent) to.write(data);
        });
        from.on('close', () => {
          if (!this.silent) to.destroy();
        });
        from.on('error', () => undefined);
      }
    });
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.server.listen(0, '127.0.0.1', () => {
        const address = this.server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }

  fallSilent(): void {
    this.silent = true;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe('a network that breaks', () => {
  let fixture: TargetFixture;
  let stand: Stand;
  let wire: Wire;

  beforeEach(async () => {
    const direct = await postgresFixture();
    wire = new Wire(direct.instance.host, direct.instance.port);
    const port = await wire.listen();
    fixture = { ...direct, instance: { ...direct.instance, host: '127.0.0.1', port } };
    stand = new Stand(fixture);
  });
  afterEach(async () => {
    await wire.close();
    await stand.close();
    await fixture.drop();
  });

  test('cut while a unit runs: lost, and a new attempt ends the session that is still there', async () => {
    const session = await (await stand.attach()).session();
    const open = await fixture.closeGate();
    const running = run(session, callOf('hold'));
    await fixture.someoneAtGate();
    wire.cut();
    expect((await running).error?.kind).toBe('lost');
    const again = await stand.attach(2);
    await open();
    expect(await again.outcome(callOf('hold').unit)).toBeNull();
    const call = callOf('hold', { streamAttempt: 2 });
    expect((await run(await again.session(), call)).result?.outcome).toBe('done');
    expect(await fixture.written()).toEqual(['before the gate', 'behind the gate']);
  });

  test('silence is noticed: after 15 seconds without an answer the connection counts as lost', async () => {
    const session = await (await stand.attach()).session();
    const open = await fixture.closeGate();
    const running = run(session, callOf('hold'));
    await fixture.someoneAtGate();
    wire.fallSilent();
    const sinceMs = performance.now();
    const { error } = await running;
    expect(error).toMatchObject({
      kind: 'lost',
      message: expect.stringMatching(/not answered for 15 s/),
    });
    expect(performance.now() - sinceMs).toBeLessThan(30_000);
    await open();
  });
});
