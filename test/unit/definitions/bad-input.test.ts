import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { DefinitionsInvalid } from '../../../src/core/definitions/problem.ts';
import { projectReader } from '../../../src/definition-files/project-reader.ts';

/**
 * Every folder is a broken project, and its expected.txt what a person gets to read: file:line:column, what
 * is wrong, the value, what to do.
 */
const root = path.resolve(import.meta.dirname, '../../bad-input/definitions');
const cases = readdirSync(root);

async function problemsOf(folder: string): Promise<DefinitionsInvalid> {
  const outcome = await projectReader.read(folder).catch((error: unknown) => error);
  if (outcome instanceof DefinitionsInvalid) return outcome;
  throw new Error(`The project ${folder} should be refused, but: ${String(outcome)}`);
}

describe('broken definitions', () => {
  test('there are at least 40 of them', () => {
    expect(cases.length).toBeGreaterThanOrEqual(40);
  });

  test.each(cases)('%s', async (name) => {
    const folder = path.join(root, name);
    const error = await problemsOf(folder);
    const expected = readFileSync(path.join(folder, 'expected.txt'), 'utf8');
    expect(`${error.problems.join('\n')}\n`).toBe(expected);
    expect(error.errorName).toBe('DEFINITIONS_INVALID');
    expect(error.message).toContain(`${error.problems.length} problem(s)`);
    for (const problem of error.problems) expect(error.message).toContain(String(problem));
  });

  test.each(cases.filter((name) => /credential|password|unknown-tag/.test(name)))(
    '%s: the secret is not repeated',
    async (name) => {
      const { message } = await problemsOf(path.join(root, name));
      expect(message).not.toMatch(/S3cret|Passw0rd|4711|geheim/);
    },
  );
});
