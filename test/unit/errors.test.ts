import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ERRORS_PAGE } from '../../scripts/make-errors-doc.ts';
import { asOdtmError, errorDocument, errorText } from '../../src/cli/render/errors.ts';
import { Paint } from '../../src/cli/render/paint.ts';
import { DefinitionProblem, DefinitionsInvalid } from '../../src/core/definitions/problem.ts';
import { catalogue, fill, isOdtmError, odtmError } from '../../src/core/errors/catalogue.ts';
import type { ErrorEntry } from '../../src/core/errors/define.ts';
import { definitionErrors } from '../../src/core/errors/definition-errors.ts';
import { repositoryErrors } from '../../src/core/errors/repository-errors.ts';
import { runErrors } from '../../src/core/errors/run-errors.ts';
import { targetErrors } from '../../src/core/errors/target-errors.ts';
import { usageErrors } from '../../src/core/errors/usage-errors.ts';

const GROUPS: readonly (readonly [string, Record<string, ErrorEntry>])[] = [
  ['ODTM-1', definitionErrors],
  ['ODTM-2', runErrors],
  ['ODTM-3', targetErrors],
  ['ODTM-4', repositoryErrors],
  ['ODTM-5', usageErrors],
];
const ALL = GROUPS.flatMap(([, group]) => Object.entries(group));

/** The sections of the page: `CODE NAME` → what is written below it. */
function sectionsOfPage(): Map<string, string> {
  const page = readFileSync(ERRORS_PAGE, 'utf8');
  const found = [...page.matchAll(/^### (.+)\n([\s\S]*?)(?=\n###? |$(?![\s\S]))/gm)];
  return new Map(found.map(([, title = '', text = '']) => [title, text]));
}

describe('docs/ERRORS.md (written by scripts/make-errors-doc.ts)', () => {
  const sections = sectionsOfPage();

  test.each(ALL)('has a section for %s with its texts', (name, entry) => {
    const text = sections.get(`${entry.code} ${name}`);
    expect(text).toContain(`\n${entry.message}\n→ ${entry.remedy}\n`);
    expect(text).toContain(`Exit code ${entry.exitCode}, HTTP status ${entry.httpStatus};`);
    const phrase = entry.retry === 'final' ? 'fails again until' : 'may succeed when';
    expect(text).toContain(phrase);
  });

  test('has no section for anything else', () => {
    const known = ALL.map(([name, entry]) => `${entry.code} ${name}`);
    expect([...sections.keys()].filter((title) => !known.includes(title))).toEqual([]);
    expect(sections.size).toBe(ALL.length);
  });
});

describe('the catalogue', () => {
  test('gives every error a name and a code of its own', () => {
    expect(new Set(ALL.map(([name]) => name)).size).toBe(ALL.length);
    expect(new Set(ALL.map(([, { code }]) => code)).size).toBe(ALL.length);
    expect(Object.keys(catalogue)).toHaveLength(ALL.length);
  });

  test.each(GROUPS)('%sxxx: codes of the group', (prefix, group) => {
    for (const { code } of Object.values(group)) {
      expect(code).toMatch(/^ODTM-\d{4}$/);
      expect(code.startsWith(prefix)).toBe(true);
    }
  });

  test('says what to do in whole sentences', () => {
    for (const [name, { remedy }] of ALL) expect(remedy, name).toMatch(/^[A-Z].*\.$/s);
  });
});

test('an error holds its texts with the values', () => {
  const error = odtmError('RUN_UNKNOWN', { run: 'seven' }, new Error('cause'));
  expect(error.message).toBe('There is no run seven.');
  expect(error.code).toBe('ODTM-2004');
  expect(error.remedy).toBe('List the runs with "odtm runs".');
  expect((error.cause as Error).message).toBe('cause');
  expect(isOdtmError(error, 'RUN_UNKNOWN')).toBe(true);
  expect(isOdtmError(error, 'RUN_ENDED')).toBe(false);
  expect(isOdtmError(new Error('x'))).toBe(false);
});

test('a value is put in as it is, also where it looks like a pattern', () => {
  expect(fill('{a} and {b} and {c}', { a: '{b}', b: '$&' })).toBe('{b} and $& and {c}');
});

test('an error is written as code, message and remedy', () => {
  const error = odtmError('RUN_UNKNOWN', { run: '\u001b[2J8' });
  expect(errorText(error, new Paint(false))).toBe(
    'ODTM-2004: There is no run  [2J8.\n→ List the runs with "odtm runs".',
  );
});

test('anything else that is thrown is an internal error', () => {
  expect(asOdtmError(new TypeError('x is not a function')).message).toBe(
    'An unexpected error: x is not a function',
  );
  expect(asOdtmError('text').code).toBe('ODTM-5999');
  const known = odtmError('RUN_UNKNOWN', { run: 1 });
  expect(asOdtmError(known)).toBe(known);
});

test('as JSON, problems of definitions are a list', () => {
  const place = { file: 'a.yaml', line: 3, column: 5 };
  const error = new DefinitionsInvalid('p', [new DefinitionProblem(place, 'Wrong.')]);
  expect(errorDocument(error)).toEqual({
    error: {
      code: 'ODTM-1001',
      name: 'DEFINITIONS_INVALID',
      message: '1 problem(s) in the definitions of p:\n  a.yaml:3:5: Wrong.',
      remedy: 'Correct the lines named above and run the command again; nothing was applied.',
      retryable: false,
      problems: [{ ...place, message: 'Wrong.' }],
    },
  });
});
