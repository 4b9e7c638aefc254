import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import type { Repository } from '../../../src/repository/repository.ts';
import { openRepository } from '../../../src/repository/repository.ts';
import { waitFor } from '../../support/wait-for.ts';
import {
  definitionsOf,
  type FleetShape,
  instanceNames,
  startRequest,
} from './fleet-definitions.ts';

/** One line of what controllers did, in the order of time. */
export interface Noted {
  readonly stream: string;
  readonly run: string;
  readonly instance: string;
  readonly attempt: number;
  readonly controller: string;
  readonly what: string;
  readonly at: number;
}

/** A time in which a stream was driven by one controller. */
export interface Driven extends Noted {
  /** Infinity: it never said that it ended. */
  readonly until: number;
}

/** A controller in a process of its own. */
export class ControllerProcess {
  readonly id: string;
  readonly child: ChildProcess;
  private errors = '';

  constructor(id: string, slots: number, url: string) {
    this.id = id;
    const program = join(import.meta.dirname, 'controller-process.ts');
    this.child = spawn(process.execPath, ['--no-warnings', program], {
      env: { ...process.env, FLEET_URL: url, FLEET_ID: id, FLEET_SLOTS: String(slots) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stderr?.on('data', (part) => {
      this.errors += part;
    });
  }

  get journal(): string {
    return this.errors;
  }

  async ready(): Promise<void> {
    const stdout = this.child.stdout;
    if (stdout === null) throw new Error('the controller has no output');
    await Promise.race([
      once(stdout, 'data'),
      once(this.child, 'exit').then(() => {
        throw new Error(`controller ${this.id} ended:\n${this.errors}`);
      }),
    ]);
  }

  /** Sends a signal and waits for the end. Returns how long it took, in milliseconds. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return 0;
    const began = performance.now();
    const exit = once(this.child, 'exit');
    this.child.kill(signal);
    await exit;
    return performance.now() - began;
  }
}

/** A repository with definitions, the runs on it, and controllers in processes of their own. */
export class Fleet {
  readonly repository: Repository;
  private readonly shape: FleetShape;
  private readonly url: string;
  private readonly pool: pg.Pool;
  private readonly processes: ControllerProcess[] = [];

  private constructor(url: string, shape: FleetShape, repository: Repository) {
    this.url = url;
    this.shape = shape;
    this.repository = repository;
    this.pool = new pg.Pool({ connectionString: url, max: 3 });
    this.pool.on('error', () => undefined);
  }

  static async create(url: string, shape: FleetShape, workMs: number): Promise<Fleet> {
    const repository = await openRepository({ url });
    await repository.migrate();
    await repository.definitions.replace(definitionsOf(shape), 0, 'test');
    const fleet = new Fleet(url, shape, repository);
    await fleet.sql(`create schema fleet;
      create table fleet.work (instance text primary key, ms integer not null);
      create table fleet.drive_log (stream text, run text, instance text, attempt integer, controller text,
                                    what text, at double precision);`);
    await fleet.sql('insert into fleet.work select i, $2 from unnest($1::text[]) i', [
      instanceNames(shape),
      workMs,
    ]);
    return fleet;
  }

  async sql<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query(text, values)).rows;
  }

  async start(operationId = 1): Promise<string> {
    return (await this.repository.runs.start(startRequest(this.shape, operationId))).runId;
  }

  async controller(id: string, slots: number): Promise<ControllerProcess> {
    const started = new ControllerProcess(id, slots, this.url);
    this.processes.push(started);
    await started.ready();
    return started;
  }

  /** Number of streams by status. */
  async statuses(): Promise<Record<string, number>> {
    const rows = await this.sql<{ status: string; count: number }>(
      'select status, count(*)::int as count from odtm.stream group by status',
    );
    return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
  }

  async completed(timeoutMs = 30_000): Promise<void> {
    await waitFor(async () => Object.keys(await this.statuses()).join() === 'completed', {
      timeoutMs,
    });
  }

  noted(): Promise<Noted[]> {
    return this.sql<Noted>('select * from fleet.drive_log order by at');
  }

  async driven(): Promise<Driven[]> {
    const noted = await this.noted();
    return noted
      .filter(({ what }) => what === 'begin')
      .map((begin) => {
        const end = noted.find(
          ({ stream, attempt, what }) =>
            stream === begin.stream && attempt === begin.attempt && what !== 'begin',
        );
        return { ...begin, until: end?.at ?? Number.POSITIVE_INFINITY };
      });
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((one) => one.end('SIGKILL')));
    await this.pool.end();
    await this.repository.close();
  }
}

/** The most that were driven at one moment, among those with the same key. */
export function mostAtOnce(driven: readonly Driven[], key: (one: Driven) => string): number {
  const most = driven.map(
    (one) =>
      driven.filter(
        (other) => key(other) === key(one) && other.at <= one.at && other.until > one.at,
      ).length,
  );
  return Math.max(0, ...most);
}
