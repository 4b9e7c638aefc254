import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { TargetFixture } from '../../conformance/target/fixture.ts';
import { mariadbFixture } from '../../conformance/target/mariadb-fixture.ts';
import { postgresFixture } from '../../conformance/target/postgres-fixture.ts';
import { Stand } from '../../conformance/target/stand.ts';
import { CutProxy } from '../../scenarios/support/cut-proxy.ts';
import { Life, SHIPPED, WRITTEN } from './life.ts';

const FIXTURES = { postgres: postgresFixture, mariadb: mariadbFixture };
const LEAST_MESSAGES = 12;
const MOST_MESSAGES = 200;
/** Some forty lives, each of which loses a connection. */
const ALL_MESSAGES_MS = 240_000;

describe.each(['postgres', 'mariadb'] as const)(
  'a connection that is lost at any message of a unit’s life on %s',
  (engine) => {
    let direct: TargetFixture;
    let proxied: TargetFixture;
    let proxy: CutProxy;
    let life: Life | undefined;

    beforeAll(async () => {
      direct = await FIXTURES[engine]();
      const { instance } = direct;
      proxy = await CutProxy.to(`tcp://${instance.host}:${instance.port}`);
      proxied = { ...direct, instance: { ...instance, host: '127.0.0.1', port: proxy.port } };
      const stand = new Stand(direct);
      await (await stand.connect()).install({ package: direct.package, acceptDrift: false });
      await stand.close();
    });
    afterEach(() => life?.close());
    afterAll(async () => {
      await proxy.close();
      await direct.drop();
    });

    test.each(['before', 'after'] as const)(
      '%s it took effect: exactly once',
      { timeout: ALL_MESSAGES_MS },
      async (at) => {
        let messages = 0;
        for (let isCut = true; isCut; ) {
          messages += 1;
          const what = `${at} message ${messages}`;
          const before = (await direct.written()).length;
          const hasCome = proxy.breakAtMessage(messages, at);
          life = new Life(proxied);
          await life.live();
          await life.close();
          isCut = hasCome();
          expect((await direct.written()).slice(before), what).toEqual(WRITTEN);
          expect(life.shipped, what).toEqual(SHIPPED);
          expect(messages).toBeLessThan(MOST_MESSAGES);
        }
        expect(messages).toBeGreaterThan(LEAST_MESSAGES);
      },
    );
  },
);
