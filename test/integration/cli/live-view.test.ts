import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { waitFor } from '../../support/wait-for.ts';
import { aProgress } from '../../unit/cli/samples.ts';
import { StagedRun } from './staged-run.ts';
import { Terminal } from './terminal.ts';

let database: TestDatabase;
let run: StagedRun;
let open: Terminal | undefined;

beforeEach(async () => {
  database = await createDatabase('live_view');
  run = await StagedRun.create(database.url, 20);
});

afterEach(async () => {
  open?.child.kill('SIGKILL');
  open = undefined;
  await run.repository.close();
  await database.drop();
});

test('on a terminal the view moves in place and fits; Ctrl-C leaves the run alone', async () => {
  const env = { ODTM_REPOSITORY: database.url };
  const terminal = Terminal.onTerminal(['show', 'last', '--follow'], env);
  open = terminal;
  await waitFor(() => terminal.text.includes('20 streams, 20 running'));
  expect(terminal.text).toContain('  db_00  running');
  expect(terminal.text).toMatch(/… 13 more \(13 running\)/);
  const chunks = { chunksDone: 3, chunksTotal: 6, chunksSince: new Date(), chunksDoneThen: 0 };
  await run.progress('db_01', aProgress({ object: 'app.orders', ...chunks }));
  await waitFor(() =>
    /db_01 +running +app\.orders purge_rows.*██████░░░░░░ 3\/6/.test(terminal.text),
  );
  await run.fail('db_00');
  await waitFor(() => terminal.text.includes('19 running, 1 failed'));
  terminal.interrupt();
  expect(await terminal.ended()).toBe(130);
  expect(terminal.text).toContain(`Run ${run.runId} goes on. Watch it with`);
  // The terminal itself shows the key that was pressed, and after it comes the word of farewell.
  const [frames = ''] = terminal.raw.split('^C');
  const widest = Math.max(...linesOf(frames).map((line) => [...line].length));
  expect(widest).toBeLessThanOrEqual(90);
  const detail = await run.repository.queries.run(run.runId);
  expect(detail?.run).toMatchObject({ wish: 'none', streams: { running: 19, failed: 1 } });
});

test('through a pipe each change is a line, to the end, and the exit code is that of the run', async () => {
  const env = { ODTM_REPOSITORY: database.url };
  const terminal = Terminal.withPipes(['show', run.runId, '--follow'], env);
  open = terminal;
  await waitFor(() => terminal.text.includes('db_19  running'));
  await run.progress('db_07', aProgress({ iteration: 4 }));
  await waitFor(() => terminal.text.includes('db_07  running  purge_rows  iteration 4'));
  await run.fail('db_00');
  await run.completeOthers();
  expect(await terminal.ended()).toBe(1);
  const lines = terminal.text.split('\n');
  const failure = '53400: temporary file size exceeds temp_file_limit (1024kB) (10-tasks.sql:41)';
  expect(lines.filter((line) => / db_\d\d {2}completed/.test(line))).toHaveLength(19);
  expect(terminal.text).toMatch(
    new RegExp(`Run ${run.runId} failed: 1 failed, 19 completed, after`),
  );
  expect(lines).toContain(`  db_00 in rebuild, iteration 1: ${failure}`);
  expect(lines).toContain(`→ What happened: odtm log ${run.runId} --instance db_00 --task rebuild`);
  expect(terminal.raw).not.toContain('\u001b');
  expect(terminal.errors).toBe('');
});

/** What stands on lines of its own: each movement of the cursor begins another one. */
function linesOf(raw: string): string[] {
  const parted = raw.replaceAll('\u001b[', '\n\u001b[');
  return stripVTControlCharacters(parted).replaceAll('\r', '').split('\n');
}
