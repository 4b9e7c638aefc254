import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ReferencedCredentials } from '../../../src/app/credentials.ts';
import { OdtmError } from '../../../src/core/errors/catalogue.ts';

const SECRET = 's3cret-Value';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'odtm-credentials-'));
});

afterAll(() => rm(folder, { recursive: true }));

function credentials(env: Record<string, string> = {}, execTimeoutMs = 5_000) {
  const warnings: string[] = [];
  const journal = {
    info: () => undefined,
    warn: (message: string, details?: Readonly<Record<string, unknown>>) => {
      warnings.push(`${message} ${JSON.stringify(details)}`);
    },
    error: () => undefined,
  };
  return { store: new ReferencedCredentials({ env, journal, execTimeoutMs }), warnings };
}

async function failure(reference: string, env: Record<string, string> = {}, execTimeoutMs = 5_000) {
  const { store } = credentials(env, execTimeoutMs);
  const error = await store.resolve(reference, 'instance erp1').catch((e: unknown) => e);
  expect(error).toBeInstanceOf(OdtmError);
  const odtm = error as OdtmError;
  expect(odtm.errorName).toBe('CREDENTIAL_UNAVAILABLE');
  expect(odtm.cause).toBeUndefined();
  return odtm.message;
}

describe('env', () => {
  test('the value of a variable, unchanged', async () => {
    const { store } = credentials({ ERP_PASSWORD: ` ${SECRET}\n` });
    expect(await store.resolve('env:ERP_PASSWORD', 'instance erp1')).toBe(` ${SECRET}\n`);
  });

  test('a missing variable is named, with the owner', async () => {
    expect(await failure('env:NOWHERE')).toBe(
      'The credential env:NOWHERE of instance erp1 cannot be read: ' +
        'the environment variable NOWHERE is not set.',
    );
  });

  test('an empty variable is no secret', async () => {
    expect(await failure('env:EMPTY', { EMPTY: '' })).toContain('it is empty');
  });
});

describe('file', () => {
  test('loses one line end and nothing else', async () => {
    const path = join(folder, 'secret');
    await writeFile(path, ` ${SECRET} \n\n`, { mode: 0o600 });
    const { store, warnings } = credentials();
    expect(await store.resolve(`file:${path}`, 'erp1')).toBe(` ${SECRET} \n`);
    expect(warnings).toEqual([]);
  });

  test('one that everybody can read is told, without its content', async () => {
    const path = join(folder, 'open');
    await writeFile(path, SECRET);
    await chmod(path, 0o644);
    const { store, warnings } = credentials();
    expect(await store.resolve(`file:${path}`, 'erp1')).toBe(SECRET);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(path);
    expect(warnings[0]).not.toContain(SECRET);
  });

  test('a missing file and a folder are told by their code', async () => {
    expect(await failure(`file:${join(folder, 'absent')}`)).toContain('(ENOENT)');
    expect(await failure(`file:${folder}`)).toContain('(EISDIR)');
  });
});

describe('exec', () => {
  test('takes what the command prints to stdout only', async () => {
    const { store } = credentials();
    const command = `exec:echo noise >&2; printf '%s\\n' "${SECRET}"`;
    expect(await store.resolve(command, 'erp1')).toBe(SECRET);
  });

  test('a failing command is told by its exit code, not by its words', async () => {
    const message = await failure(`exec:cat ${join(folder, 'secret')}; cat >&2; exit 3`);
    expect(message).toContain('exit code 3');
    expect(message).not.toContain(SECRET);
  });

  test('a command that hangs is ended with all that it has started', async () => {
    const started = performance.now();
    expect(await failure('exec:sleep 60 | cat; true', {}, 200)).toContain('within 0.2 s');
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test('a command that prints without end is stopped', async () => {
    expect(await failure('exec:yes')).toContain('more than a secret');
  });

  test('a command that is killed is told by its signal', async () => {
    expect(await failure('exec:kill -9 $$')).toContain('signal SIGKILL');
  });
});

test('an unknown kind of reference is refused', async () => {
  expect(await failure('vault:erp')).toContain('none of env:NAME, file:PATH and exec:COMMAND');
});
