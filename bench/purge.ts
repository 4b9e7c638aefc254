import { spawn, spawnSync } from 'node:child_process';
import { type Connection, createConnection } from 'mariadb';
import type { Workload } from './definitions.ts';
import { figure, median, printTable, range } from './figures.ts';
import type { Stand } from './stand.ts';

const ROWS = 2_000_000;
const PURGED = 1_000_000;
const CHUNK = 10_000;
const ROUNDS = 3;
const SESSIONS = [1, 2, 4] as const;

/** The purge as a chunked task, in so many sessions. */
export const PURGE_WORKLOADS: readonly Workload[] = SESSIONS.map((parallel) => ({
  id: 500 + parallel,
  name: `purge_${parallel}`,
  tasks: ['purge_range'],
  rounds: 1,
  chunks: {
    by: 'sql',
    sql: `SELECT s.seq, s.seq + ${CHUNK} FROM seq_1_to_${PURGED}_step_${CHUNK} s ORDER BY s.seq`,
    parallel,
  },
}));

/** A side of the comparison; resolves when the rows are gone. */
interface Side {
  readonly name: string;
  readonly purge: () => Promise<void>;
}

/**
 * How many rows a second does a purge of half a table delete: by a chunked task, everything from the start of
 * the run to its recorded end, and by pt-archiver with the flags that are its quickest here.
 */
export async function benchPurge(stand: Stand): Promise<void> {
  const controller = await stand.app.startController(4);
  const { engine: _engine, database, ...login } = stand.target.place;
  const root = await createConnection({ ...login, database });
  try {
    await stand.run('trivial', 1);
    const sides: Side[] = [
      ...(hasArchiver() ? [{ name: ARCHIVER.join(' '), purge: () => archive(stand) }] : []),
      ...SESSIONS.map((sessions) => ({
        name: `ODTM, chunks of ${figure(CHUNK, 0)}, ${sessions} sessions`,
        purge: async () => {
          await stand.run(`purge_${sessions}`, 1);
        },
      })),
    ];
    const rates = new Map(sides.map(({ name }): [string, number[]] => [name, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const side of sides) rates.get(side.name)?.push(await measured(root, side));
    }
    print(rates);
  } finally {
    await root.end();
    await controller.stop();
  }
}

async function measured(root: Connection, { name, purge }: Side): Promise<number> {
  await fill(root);
  const startedMs = performance.now();
  await purge();
  const seconds = (performance.now() - startedMs) / 1_000;
  const left: { left: number }[] = await root.query('SELECT COUNT(*) AS `left` FROM event');
  if (Number(left[0]?.left) !== ROWS - PURGED)
    throw new Error(`${name} left ${left[0]?.left} rows`);
  return PURGED / seconds;
}

async function fill(root: Connection): Promise<void> {
  await root.query('DROP TABLE IF EXISTS event');
  await root.query(`CREATE TABLE event (id BIGINT PRIMARY KEY, account INTEGER NOT NULL,
    at DATETIME NOT NULL, amount DECIMAL(12, 2) NOT NULL, note VARCHAR(60) NOT NULL)`);
  await root.query(`INSERT INTO event SELECT s.seq, s.seq % 5000,
    TIMESTAMP '2024-01-01 00:00:00' + INTERVAL s.seq SECOND, s.seq % 100,
    CONCAT('posting number ', s.seq) FROM seq_1_to_${ROWS} s`);
  // Both begin with a table that has been read and written to disk.
  await root.query('ANALYZE TABLE event');
  await root.query('SELECT COUNT(*) FROM event WHERE amount >= 0');
}

const ARCHIVER = [
  'pt-archiver',
  '--limit',
  String(CHUNK),
  '--bulk-delete',
  '--commit-each',
  '--primary-key-only',
];

function hasArchiver(): boolean {
  if (spawnSync('pt-archiver', ['--version']).status === 0) return true;
  process.stderr.write('pt-archiver is not here (Debian: percona-toolkit): ODTM runs alone.\n');
  return false;
}

function archive(stand: Stand): Promise<void> {
  const { host, port, user, password, database } = stand.target.place;
  const source = `h=${host},P=${port},u=${user},p=${password},D=${database},t=event`;
  const [command = '', ...flags] = ARCHIVER;
  const args = ['--source', source, '--purge', '--where', `id <= ${PURGED}`, ...flags];
  const child = spawn(command, [...args, '--no-check-charset'], { stdio: ['ignore', 2, 2] });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`)),
    );
  });
}

function print(rates: ReadonlyMap<string, readonly number[]>): void {
  const [first = []] = [...rates.values()];
  printTable(
    `Purge of ${figure(PURGED, 0)} of ${figure(ROWS, 0)} rows, medians of ${ROUNDS} interleaved rounds`,
    ['by', 'rows/s', 'rounds', 'ratio to the first'],
    [...rates].map(([name, each]) => [
      name,
      figure(median(each), 0),
      range(each),
      `${figure(median(each) / median(first))}×`,
    ]),
  );
}
