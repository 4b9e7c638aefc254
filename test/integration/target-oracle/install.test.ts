import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PackageVersion } from '../../../src/core/definitions/model.ts';
import { isOdtmError, type OdtmError } from '../../../src/core/errors/catalogue.ts';
import { oracleFixture, type StandInFixture } from '../../conformance/target/oracle-fixture.ts';
import { callOf, run, Stand } from '../../conformance/target/stand.ts';
import type { Call } from '../../support/orawire/server.ts';

/** Each lost connection costs a whole install; so many places are enough to meet every kind of call. */
const LOSSES = 10;
const ALL_LOSSES_MS = 240_000;

describe('installing on oracle, when things go wrong', () => {
  let fixture: StandInFixture;
  let stand: Stand;

  beforeEach(async () => {
    fixture = await oracleFixture();
    stand = new Stand(fixture);
  });
  afterEach(async () => {
    fixture.standIn.inject(() => undefined);
    await stand.close();
    await fixture.drop();
  });

  async function install(version: PackageVersion) {
    const target = await stand.connect();
    return target.install({ package: version, acceptDrift: false });
  }

  async function failure(work: Promise<unknown>): Promise<OdtmError> {
    const error = await work.then(() => null).catch((thrown: unknown) => thrown);
    if (isOdtmError(error)) return error;
    throw new Error('no error of the catalogue', { cause: error });
  }

  function failOn(pattern: RegExp, code: number, message: string): void {
    fixture.standIn.inject(({ sql }) =>
      sql !== undefined && pattern.test(sql)
        ? { kind: 'error', error: { code, message } }
        : undefined,
    );
  }

  test('a body that stands before its specification is compiled once more', async () => {
    const files = fixture.package.files.map((file) =>
      file.path === '20-body.sql' ? { ...file, path: '05-body.sql' } : file,
    );
    const turned = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    await install({ ...fixture.package, files: turned });
    const compiled = fixture.standIn.calls.filter(({ sql }) => sql?.startsWith('ALTER PACKAGE'));
    expect(compiled.map(({ sql }) => sql)).toEqual(['ALTER PACKAGE "CONF" COMPILE BODY']);
    const attachment = await stand.attachTo(await stand.connect());
    const { result } = await run(await attachment.session(), callOf('write_row'));
    expect(result?.outcome).toBe('done');
  });

  test('a package that somebody keeps locked is waited for by the server, and then reported', async () => {
    await install(fixture.package);
    const before = await fixture.snapshot();
    const text = 'timeout occurred while waiting to lock object ODTM.CONF';
    failOn(/^CREATE OR REPLACE PACKAGE BODY conf[\s\S]*new row/, 4021, text);
    const error = await failure(install(fixture.variants.changed));
    expect(error.errorName).toBe('PACKAGE_INSTALL_FAILED');
    expect(error.message).toMatch(/ORA-04021: timeout occurred .*dba_ddl_locks/);
    expect(await fixture.snapshot(), 'the version before is whole').toBe(before);
    const attachment = await stand.attachTo(await stand.connect());
    await run(await attachment.session(), callOf('write_row'));
    expect(await fixture.written()).toEqual(['row']);
  });

  test('a missing privilege is named with the statement that needs it, and nothing stays', async () => {
    const before = await fixture.snapshot();
    failOn(/^CREATE SEQUENCE written_seq/, 1031, 'insufficient privileges');
    const error = await failure(install(fixture.package));
    expect(error.errorName).toBe('PRIVILEGE_MISSING');
    expect(error.message).toMatch(/ORA-01031.*state\.sql:9/);
    expect(await fixture.snapshot()).toBe(before);
  });

  test('a package that is not whole is refused before the first change', async () => {
    const files = fixture.package.files.map((file) => ({
      ...file,
      text: file.text.replaceAll('PROCEDURE initial', 'PROCEDURE initially'),
    }));
    const error = await failure(install({ ...fixture.package, files }));
    expect(error.message).toMatch(/initial/);
    const changes = fixture.standIn.calls.filter(({ sql }) => /^(CREATE|ALTER)/i.test(sql ?? ''));
    expect(changes).toEqual([]);
  });

  test('an error of the compiler comes with the line of the source', async () => {
    const { package: broken, line } = fixture.variants.broken;
    const error = await failure(install(broken));
    const source = broken.files.find(({ path }) => path === '20-body.sql')?.text.split('\n');
    expect(error.message).toContain(`20-body.sql:${line}`);
    expect(error.message).toContain(source?.[line - 1]?.trim());
  });

  test('lost anywhere, the same install again', { timeout: ALL_LOSSES_MS }, async () => {
    const before = await fixture.snapshot();
    await install(fixture.package);
    const calls = fixture.standIn.calls.length;
    for (let loss = 1; loss <= LOSSES; loss += 1) {
      const target = await stand.connect();
      await target.uninstall({ package: null, force: true });
      expect(await fixture.snapshot(), `before loss ${loss}`).toBe(before);
      cutAt(Math.round((calls * loss) / (LOSSES + 1)));
      const failed = await install(fixture.package).then(
        () => null,
        (error: unknown) => error,
      );
      expect(failed, `call ${loss}`).not.toBeNull();
      fixture.standIn.inject(() => undefined);
      await install(fixture.package);
      expect((await install(fixture.package)).installed).toEqual([]);
    }
  });

  /** Cuts the connection of the first call from that number on that asks the server for something. */
  function cutAt(number: number): void {
    let seen = 0;
    let isCut = false;
    fixture.standIn.inject(({ name }: Call) => {
      seen += 1;
      if (isCut || seen < number || !/^(?:execute|fetch|commit|auth)$/.test(name)) return undefined;
      isCut = true;
      return { kind: 'drop', at: seen % 2 === 0 ? 'before' : 'after' };
    });
  }
});
