import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PackageVersion } from '../../../src/core/definitions/model.ts';
import { isOdtmError, type OdtmError } from '../../../src/core/errors/catalogue.ts';
import type { TargetFixture } from './fixture.ts';
import { FIXTURES } from './fixtures.ts';
import { callOf, run, Stand } from './stand.ts';

describe.each(FIXTURES)('installing on %s', (_engine, makeFixture) => {
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

  async function install(version: PackageVersion, acceptDrift = false) {
    const target = await stand.connect();
    return target.install({ package: version, acceptDrift });
  }

  async function failure(work: Promise<unknown>): Promise<OdtmError> {
    const error = await work.then(() => null).catch((thrown: unknown) => thrown);
    if (isOdtmError(error)) return error;
    throw new Error('no error of the catalogue', { cause: error });
  }

  test('all at first, nothing the second time, only the package when it changed', async () => {
    expect(await install(fixture.package)).toEqual({
      installed: ['framework', 'package', 'state'],
      previousSha256: null,
      acceptedDrift: [],
    });
    const after = await fixture.snapshot();
    expect((await install(fixture.package)).installed).toEqual([]);
    expect(await fixture.snapshot()).toBe(after);
    expect(await install(fixture.variants.changed)).toEqual({
      installed: ['package'],
      previousSha256: fixture.package.sha256,
      acceptedDrift: [],
    });
    const attachment = await stand.attachTo(await stand.connect());
    await run(await attachment.session(), callOf('write_row'));
    expect(await fixture.written()).toEqual(['new row']);
  });

  test('a broken file fails with its line, and nothing stays', async () => {
    const before = await fixture.snapshot();
    const { package: broken, file, line, reason } = fixture.variants.broken;
    const error = await failure(install(broken));
    expect(error.errorName).toBe('PACKAGE_INSTALL_FAILED');
    expect(error.details).toMatchObject({ file, line, reason: expect.stringMatching(reason) });
    expect(await fixture.snapshot()).toBe(before);
    await install(fixture.package);
    const installed = await fixture.snapshot();
    await failure(install(broken));
    expect(await fixture.snapshot(), 'the version before is still whole').toBe(installed);
  });

  test('a mandatory procedure that is missing is named', async () => {
    const error = await failure(install(fixture.variants.incomplete));
    expect(error.errorName).toBe('PACKAGE_INSTALL_FAILED');
    expect(error.message).toMatch(/initial\(/);
  });

  test('a change by hand is found and named; accepted, it is replaced', async () => {
    await install(fixture.package);
    const routine = await fixture.changeByHand();
    for (const version of [fixture.package, fixture.variants.changed]) {
      const error = await failure(install(version));
      expect(error.errorName).toBe('DRIFT_FOUND');
      expect(error.message).toContain(`${routine} changed`);
    }
    const findings = await (await stand.connect()).check([fixture.package], []);
    expect(findings.filter(({ ok }) => !ok)).toEqual([
      { what: 'drift', ok: false, text: expect.stringContaining(routine) },
    ]);
    expect(await install(fixture.package, true)).toMatchObject({
      installed: ['package'],
      acceptedDrift: [routine],
    });
    expect((await install(fixture.package)).installed).toEqual([]);
  });

  test('two controllers install at once: both succeed', async () => {
    const reports = await Promise.all([1, 2, 3].map(() => install(fixture.package)));
    const installed = reports.map((report) => report.installed.length).sort();
    expect(installed).toEqual([0, 0, 3]);
  });

  test('check says how everything stands, before and after', async () => {
    const target = await stand.connect();
    const before = await target.check([fixture.package], []);
    expect(before.filter(({ ok }) => !ok)).toEqual([]);
    expect(before.map(({ text }) => text).join('\n')).toMatch(/not installed yet/);
    await install(fixture.package);
    const after = await target.check([fixture.package], []);
    expect(after.filter(({ ok }) => !ok)).toEqual([]);
    expect(after.filter(({ what }) => what === 'package')[0]?.text).toMatch(/newest/);
    expect(new Set(after.map(({ what }) => what))).toEqual(
      new Set(['connect', 'version', 'privilege', 'framework', 'package', 'drift', 'invalid']),
    );
  });

  test('uninstall leaves nothing behind', async () => {
    const before = await fixture.snapshot();
    const attachment = await stand.attach();
    await run(await attachment.session(), callOf('write_row'));
    const target = await stand.connect();
    const refused = await failure(target.uninstall({ package: null, force: false }));
    expect(refused.errorName).toBe('UNINSTALL_REFUSED');
    expect(refused.message).toContain('run 7');
    await attachment.forget();
    await attachment.close();
    expect(await target.uninstall({ package: null, force: false })).toEqual(['conf', 'dom']);
    expect(await fixture.snapshot()).toBe(before);
    expect(await target.uninstall({ package: null, force: false })).toEqual([]);
    expect(await target.handles()).toEqual([]);
    await target.sweep(['gone']);
  });

  test('one package alone is removed with its streams, by force', async () => {
    const attachment = await stand.attach();
    await attachment.close();
    const target = await stand.connect();
    expect(await target.handles()).toEqual([stand.handle]);
    expect(await target.uninstall({ package: 'conf', force: true })).toEqual(['conf']);
    expect(await target.handles()).toEqual([]);
    expect((await install(fixture.package)).installed).toEqual(['package', 'state']);
  });

  test('sweep removes the rows of streams that are over', async () => {
    const attachment = await stand.attach();
    await run(await attachment.session(), callOf('write_row'));
    await attachment.close();
    const target = await stand.connect();
    await target.sweep([stand.handle]);
    expect(await target.handles()).toEqual([]);
  });
});
