import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PREVIEW_MODES } from '../../../src/ports/target.ts';
import type { TargetFixture } from './fixture.ts';
import { FIXTURES, LACKS } from './fixtures.ts';
import { callOf, run, Stand, sqlCall } from './stand.ts';

for (const [engine, makeFixture] of FIXTURES) {
  const lack = LACKS[engine]?.preview;
  const name = lack === undefined ? engine : `${engine}: ${lack}`;
  describe.skipIf(lack !== undefined)(`a preview on ${name}`, () => {
    let fixture: TargetFixture;
    let stand: Stand;

    beforeEach(async () => {
      fixture = await makeFixture();
      stand = new Stand(fixture);
    });
    afterEach(async () => {
      await stand.close();
      await fixture.drop();
    });

    async function walk(preview: 'rollback' | 'statements') {
      const attachment = await stand.attach(1, { preview, package: fixture.package });
      const [one, two] = [await attachment.session(), await attachment.session()];
      const calls = [
        run(one, callOf('iterator')),
        run(two, callOf('three_rows')),
        run(one, callOf('fail')),
        run(two, callOf('nothing')),
        run(one, sqlCall(fixture.texts.commitsByItself)),
        run(two, callOf('write_row')),
      ];
      const ran = await Promise.all(calls);
      const record = await attachment.record();
      await attachment.close();
      return { ran, record };
    }

    test.each(PREVIEW_MODES)(
      '%s: nothing changes on a target where nothing is installed',
      async (mode) => {
        const before = await fixture.snapshot();
        const { ran } = await walk(mode);
        expect(ran.map(({ result }) => result?.recordedOutcome ?? null)).toEqual([
          'done',
          'done',
          mode === 'rollback' ? null : 'done',
          'done',
          'done',
          'done',
        ]);
        expect(await fixture.snapshot()).toBe(before);
      },
    );

    test.each(PREVIEW_MODES)(
      '%s: nothing changes where an older version is installed',
      async (mode) => {
        const target = await stand.connect();
        await target.install({ package: fixture.variants.changed, acceptDrift: false });
        const before = await fixture.snapshot();
        await walk(mode);
        expect(await fixture.snapshot()).toBe(before);
      },
    );

    test('rollback: statements are executed with their rows; a failed unit stops no other', async () => {
      const { ran, record } = await walk('rollback');
      expect(ran[1]?.statements.map(({ status, rows }) => [status, rows])).toEqual([
        ['previewed', 1],
        ['previewed', 2],
        ['previewed', 3],
      ]);
      expect(ran[2]?.error?.failure.code).toBe(fixture.divisionByZero);
      expect(ran[4]?.statements.map(({ text, status }) => [text, status])).toEqual([
        [fixture.texts.commitsByItself, 'previewed'],
      ]);
      expect(record[0]?.tasksDone).toEqual(['nothing', 'plain', 'three_rows', 'write_row']);
    });

    test('statements: they are logged in full and not executed', async () => {
      const { ran } = await walk('statements');
      expect(ran[1]?.statements.map(({ status, rows }) => [status, rows])).toEqual([
        ['previewed', null],
        ['previewed', null],
        ['previewed', null],
      ]);
      expect(ran[2]?.statements.map(({ text }) => text).at(-1)).toBe(fixture.texts.failing);
    });
  });
}
