import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { JSON_OPTION, REPOSITORY_OPTIONS } from '../../../src/cli/command.ts';
import { COMMANDS } from '../../../src/cli/program.ts';
import {
  detailDocument,
  statementDocument,
  unitDocument,
} from '../../../src/cli/render/documents.ts';
import { RUN_STATUSES, STREAM_STATUSES } from '../../../src/core/run/stream-status.ts';
import { STATEMENT_STATUSES, UNIT_STATUSES } from '../../../src/core/run/unit.ts';
import {
  aFailure,
  aLoggedStatement,
  aLoggedUnit,
  aProgress,
  aRun,
  aStream,
  aUnit,
} from './samples.ts';

const page = readFileSync(new URL('../../../docs/COMMANDS.md', import.meta.url), 'utf8');
const glossary = readFileSync(new URL('../../../docs/GLOSSARY.md', import.meta.url), 'utf8');
const sections = new Map(
  page
    .split(/\n(?=##+ )/)
    .filter((section) => section.startsWith('### odtm '))
    .map((section) => [/^### odtm (.*)/.exec(section)?.[1] ?? '', section]),
);
const specs = COMMANDS.flatMap(({ commands }) => commands);

test.each(specs.map((spec) => [spec.name, spec] as const))('odtm %s', (name, spec) => {
  const section = sections.get(name);
  expect(section, 'has a section').toBeDefined();
  for (const option of spec.options) {
    if (REPOSITORY_OPTIONS.includes(option) || option === JSON_OPTION) continue;
    const flag = option.flags.split(' ')[0];
    expect(section).toContain(`${flag}`);
  }
});

test('no section is about a command that is not there', () => {
  const known = specs.map(({ name }) => name);
  expect([...sections.keys()].filter((name) => !known.includes(name))).toEqual([]);
});

test('every key of a JSON document is described', () => {
  const progress = aProgress({ chunksDone: 1, chunksTotal: 2 });
  const failure = aFailure();
  const stream = aStream('a', { progress, failure, failedUnit: aUnit(), finalFailure: failure });
  const event = { at: new Date(0), kind: 'started', instance: null, by: 'ann', detail: null };
  const detail = { ...aRun({}, [stream]), events: [event] };
  const documents = [
    { ...detailDocument(detail, new Date(0)), streams_by_status: null },
    unitDocument(aLoggedUnit({ failure })),
    statementDocument(aLoggedStatement()),
  ];
  const keys = new Set(documents.flatMap(keysOf));
  expect(keys.size).toBeGreaterThan(50);
  expect([...keys].filter((key) => !page.includes(`\`${key}\``))).toEqual([]);
  expect([...keys].filter((key) => !/^[a-z0-9_]+$/.test(key))).toEqual([]);
});

function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}

test('every status has its meaning in the glossary', () => {
  for (const status of STREAM_STATUSES) expect(glossary).toContain(`\n| ${status} | `);
  for (const status of [...RUN_STATUSES, ...UNIT_STATUSES, ...STATEMENT_STATUSES]) {
    expect(glossary).toMatch(new RegExp(`\`${status}\``));
  }
});
