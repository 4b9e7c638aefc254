import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureDatabase } from '../../../src/repository/embedded/database.ts';
import type { EmbeddedServer } from '../../../src/repository/embedded/server.ts';
import { ensureServer } from '../../../src/repository/embedded/supervisor.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Fleet } from './fleet.ts';

let folder: TempDir;
let server: EmbeddedServer;
let fleet: Fleet;

beforeEach(async () => {
  folder = await tempDir();
  server = await ensureServer({ dataDir: `${folder.path}/repository` });
});

afterEach(async () => {
  await fleet.close();
  await server.stop('immediate');
  await folder.remove();
});

test('controllers survive kill -9 of the repository, keep their streams and go on', {
  timeout: 120_000,
}, async () => {
  const url = await ensureDatabase(server.url, 'odtm');
  fleet = await Fleet.create(url, { instances: 12 }, 200);
  // Two streams are in the middle of something long when the repository goes away.
  await fleet.sql(`update fleet.work set ms = 20000 where instance in ('db1', 'db2')`);
  await fleet.start();
  const controllers = await Promise.all([fleet.controller('a', 2), fleet.controller('b', 2)]);
  await waitFor(async () => (await fleet.statuses()).completed === 4);
  // The second time it is away longer than leases and heartbeats of jobs live.
  for (const pauseMs of [0, 12_000]) {
    await server.kill();
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    server = await ensureServer({ dataDir: server.dataDir });
    expect(server.url).toContain(new URL(url).host);
    await waitFor(async () => (await fleet.statuses()).running !== undefined);
  }
  await fleet.completed(60_000);
  for (const { child, journal } of controllers) expect(child.exitCode, journal).toBeNull();
  const driven = await fleet.driven();
  // Nobody took over what was still being worked on.
  expect(driven.map(({ attempt }) => attempt)).toEqual(driven.map(() => 1));
  expect(driven).toHaveLength(12);
  expect(controllers.map(({ journal }) => journal).join()).toContain('works again');
});
