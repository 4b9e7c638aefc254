import { ControllerProcess } from './controller-process.ts';
import { figure, median, printTable } from './figures.ts';
import type { Stand } from './stand.ts';

const KILLS = 5;
const STREAMS = 8;

/** After `kill -9` of one of two controllers, how long do its streams stand still? */
export async function benchTakeover(stand: Stand): Promise<void> {
  const runId = await stand.start('pauses', STREAMS);
  let controllers = await Promise.all([started(stand), started(stand)]);
  const still: number[] = [];
  try {
    for (let kill = 0; kill < KILLS; kill += 1) {
      const [victim, heir] = controllers;
      await allDriven(stand, runId);
      still.push(...(await killed(stand, runId, victim)));
      controllers = [heir, await started(stand)];
    }
  } finally {
    await stand.app.repository.runs.wish(runId, 'cancel', 'bench');
    await stand.completed(runId).catch(() => undefined);
    await Promise.all(controllers.map((one) => one.end('SIGTERM')));
  }
  const sorted = still.map((ms) => ms / 1_000).sort((a, b) => a - b);
  printTable(
    `Kill -9 of a controller to the first new unit of its streams, ${KILLS} kills`,
    ['streams taken over', 'least', 'median', 'most'],
    [
      [
        String(sorted.length),
        ...[sorted[0] ?? 0, median(sorted), sorted.at(-1) ?? 0].map((s) => `${figure(s)} s`),
      ],
    ],
  );
}

async function started(stand: Stand): Promise<ControllerProcess> {
  const controller = new ControllerProcess(stand.env, STREAMS);
  await controller.ready();
  return controller;
}

async function allDriven(stand: Stand, runId: string): Promise<void> {
  for (;;) {
    const { rows } = await stand.sql.query(
      `SELECT count(*)::int AS n FROM odtm.stream s WHERE s.run_id = $1 AND s.status = 'running'
         AND EXISTS (SELECT FROM odtm.unit_log u WHERE u.stream_id = s.id AND u.kind = 'task'
                     AND u.stream_attempt = s.attempt)`,
      [runId],
    );
    if (rows[0].n === STREAMS) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Milliseconds from the kill to the first task of each stream of the victim under another controller. */
async function killed(stand: Stand, runId: string, victim: ControllerProcess): Promise<number[]> {
  const { rows: mine } = await stand.sql.query<{ id: string; attempt: number }>(
    `SELECT s.id, s.attempt FROM odtm.stream s JOIN odtm.controller c ON c.id = s.controller_id
     WHERE s.run_id = $1 AND c.pid = $2`,
    [runId, victim.pid],
  );
  const atMs = Date.now();
  await victim.end('SIGKILL');
  await allDrivenAnew(stand, mine);
  const { rows } = await stand.sql.query<{ at: number }>(
    `SELECT extract(epoch FROM min(u.started_at))::float8 * 1000 AS at
     FROM unnest($1::bigint[], $2::int[]) AS m (id, attempt)
     JOIN odtm.unit_log u ON u.stream_id = m.id AND u.stream_attempt > m.attempt AND u.kind = 'task'
     GROUP BY m.id`,
    [mine.map(({ id }) => id), mine.map(({ attempt }) => attempt)],
  );
  return rows.map(({ at }) => at - atMs);
}

async function allDrivenAnew(
  stand: Stand,
  streams: readonly { id: string; attempt: number }[],
): Promise<void> {
  for (;;) {
    const { rows } = await stand.sql.query(
      `SELECT count(DISTINCT m.id)::int AS n FROM unnest($1::bigint[], $2::int[]) AS m (id, attempt)
       JOIN odtm.unit_log u ON u.stream_id = m.id AND u.stream_attempt > m.attempt AND u.kind = 'task'`,
      [streams.map(({ id }) => id), streams.map(({ attempt }) => attempt)],
    );
    if (rows[0].n === streams.length) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
