import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Instance } from '../../../src/core/definitions/model.ts';
import { mariadbEngine } from '../../../src/targets/mariadb/engine.ts';
import { callOf, run } from '../../conformance/target/stand.ts';
import { CutProxy } from '../../scenarios/support/cut-proxy.ts';
import { hasMariadb, mariadbUrl } from '../../support/mariadb/database.ts';
import type { UnitProcessOrder } from './unit-process.ts';
import { Workshop } from './workshop.ts';

const LONGEST_SILENCE_MS = 30_000;

const TASKS = (app: string): Record<string, string> => ({
  gate: `put('before');
    DOM.execute_immediate(p_handle, 'UPDATE ${app}.gate SET passed = passed + 1', NULL);
    put('behind');`,
  commits: `put('before'); COMMIT;
    DOM.execute_immediate(p_handle, 'UPDATE ${app}.gate SET passed = passed + 1', NULL);
    put('behind'); COMMIT;`,
});

describe.skipIf(!hasMariadb())('connections to MariaDB', () => {
  let shop: Workshop;
  let proxy: CutProxy;

  beforeEach(async () => {
    proxy = await CutProxy.to(mariadbUrl());
  });
  afterEach(async () => {
    await proxy.close();
    await shop[Symbol.asyncDispose]();
  });

  const closeGate = () =>
    shop.holder('START TRANSACTION', `SELECT * FROM ${shop.app}.gate WHERE id = 1 FOR UPDATE`);
  const atGate = () => shop.sessionIn(`UPDATE ${shop.app}.gate%`);

  async function isThere(id: number): Promise<boolean> {
    const query = 'SELECT id FROM information_schema.processlist WHERE id = ?';
    return (await shop.column(query, [id])).length > 0;
  }

  test.each(['gate', 'commits'])(
    'a killed process leaves a session (%s), which ends before anything else runs',
    async (task) => {
      shop = await Workshop.open(TASKS);
      await shop.stand.attach();
      const { instance, secret } = shop.fixture;
      const order: UnitProcessOrder = {
        options: { instance, secret, connectTimeoutMs: 10_000 },
        identity: shop.stand.identity(2, {}),
        call: callOf(task, { streamAttempt: 2 }),
      };
      const open = await closeGate();
      const child = spawn(process.execPath, [join(import.meta.dirname, 'unit-process.ts')], {
        env: { ...process.env, NODE_NO_WARNINGS: '1', UNIT_PROCESS: JSON.stringify(order) },
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      const orphan = await atGate();
      child.kill('SIGKILL');
      await once(child, 'exit');
      // The server goes on with what it was asked for, though nobody will hear of it.
      expect(await isThere(orphan)).toBe(true);
      const attachment = await shop.stand.attach(3);
      expect(await isThere(orphan)).toBe(false);
      await open();
      const committed = task === 'commits' ? ['before'] : [];
      expect(await shop.fixture.written()).toEqual(committed);
      const again = await run(await attachment.session(), callOf(task, { streamAttempt: 3 }));
      expect(again.result?.outcome).toBe('done');
      expect(await shop.fixture.written()).toEqual([...committed, 'before', 'behind']);
    },
  );

  /** A stream that comes to the server through the proxy, with its unit at the gate. */
  async function throughProxy() {
    shop = await Workshop.open(TASKS, {}, { host: '127.0.0.1', port: proxy.port });
    const session = await (await shop.stand.attach()).session();
    const open = await closeGate();
    const running = run(session, callOf('gate'));
    await atGate();
    return { open, running };
  }

  test('cut while a unit runs: lost, and a new attempt ends the session that is still there', async () => {
    const { open, running } = await throughProxy();
    proxy.cut();
    expect((await running).error?.kind).toBe('lost');
    const again = await shop.stand.attach(2);
    await open();
    expect(await again.outcome(callOf('gate').unit)).toBeNull();
    const call = callOf('gate', { streamAttempt: 2 });
    expect((await run(await again.session(), call)).result?.outcome).toBe('done');
    expect(await shop.fixture.written()).toEqual(['before', 'behind']);
  });

  test('silence is noticed: after 15 seconds without an answer the connection counts as lost', async () => {
    const { open, running } = await throughProxy();
    proxy.hang();
    const { accepted } = proxy;
    const sinceMs = performance.now();
    const { error } = await running;
    expect(error).toMatchObject({
      kind: 'lost',
      message: expect.stringMatching(/not answered for 15 s/),
    });
    expect(performance.now() - sinceMs).toBeLessThan(LONGEST_SILENCE_MS);
    // The driver's own way to break a connection opens another one, for a KILL, and loses its failure.
    await delay(500);
    expect(proxy.accepted).toBe(accepted);
    proxy.open();
    await open();
  });

  test('unreachable, no such database, wrong password: with the address, never the secret', async () => {
    shop = await Workshop.open(TASKS);
    const { instance } = shop.fixture;
    const attempt = (changes: Partial<Instance>, secret = shop.fixture.secret) =>
      mariadbEngine
        .connect({ instance: { ...instance, ...changes }, secret, connectTimeoutMs: 2_000 })
        .then(() => null)
        .catch((error: Error) => error);
    expect((await attempt({ port: 1 }))?.message).toMatch(
      /conf-1 at .*:1\/.* cannot be reached: .*ECONNREFUSED/,
    );
    expect(await attempt({ database: 'nowhere' })).toMatchObject({
      code: 'ODTM-3012',
      message: expect.stringMatching(/does not let .* in: Access denied .*nowhere/),
    });
    const wrong = await attempt({}, 'not-the-password');
    expect(wrong).toMatchObject({
      code: 'ODTM-3012',
      message: expect.stringMatching(/does not let .* in: Access denied for user/),
    });
    expect(JSON.stringify({ wrong, text: String(wrong?.stack) })).not.toContain('not-the-password');
    expect((await attempt({ options: { nonsense: '1' } }))?.message).toMatch(/nonsense/);
  });
});
