import { expect, test } from 'vitest';
import { LineJournal, type LogFormat, type LogLevel } from '../../../src/app/journal.ts';

const NOW = new Date('2026-11-21T06:00:00.000Z');

function journal(level: LogLevel, format: LogFormat) {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  return { journal: new LineJournal({ level, format, write, now: () => NOW }), lines };
}

test('text: one line, values quoted where they need it', () => {
  const { journal: log, lines } = journal('info', 'text');
  log.info('a stream is taken', { run: '12', reason: 'a\nb "c"', attempt: 3 });
  expect(lines).toEqual([
    '2026-11-21T06:00:00.000Z info  a stream is taken run=12 reason="a\\nb \\"c\\"" attempt=3\n',
  ]);
});

test('json: one document a line', () => {
  const { journal: log, lines } = journal('info', 'json');
  log.warn('away', { reason: 'x' });
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { at: NOW.toISOString(), level: 'warn', message: 'away', reason: 'x' },
  ]);
});

test('what is below the level is left out', () => {
  const { journal: log, lines } = journal('warn', 'text');
  log.info('one');
  log.warn('two');
  log.error('three');
  expect(lines.map((line) => line.split(' ').slice(1).join(' '))).toEqual([
    'warn  two\n',
    'error three\n',
  ]);
  log.level = 'silent';
  log.error('four');
  expect(lines).toHaveLength(2);
});

test.each<LogFormat>(['text', 'json'])('a password in a URL is never written (%s)', (format) => {
  const { journal: log, lines } = journal('info', format);
  log.error('cannot reach postgresql://odtm:geheim@host/odtm', { url: 'postgres://a:geheim@b/c' });
  expect(lines.join('')).not.toContain('geheim');
  expect(lines.join('')).toContain('odtm:***@host');
});
