import { odtmError } from '../../src/core/errors/catalogue.ts';
import type { StatementRecord, UnitRecord } from '../../src/core/run/log-records.ts';
import { mayFollow, type StreamStatus, type Wish } from '../../src/core/run/stream-status.ts';
import type { UnitStatus } from '../../src/core/run/unit.ts';
import { tryId } from '../../src/executor/log-buffer.ts';
import type {
  AcquiredStream,
  Lease,
  LogBatch,
  RenewedLease,
  StreamEnd,
  StreamStore,
} from '../../src/ports/repository.ts';
import type { Life, World } from './world.ts';

export const STREAM_ID = '1';

/** What a try that was lost or in doubt may turn out to be. */
const RECORDED: readonly UnitStatus[] = ['done', 'complete', 'skipped'];

function mayReplace(before: UnitStatus | undefined, after: UnitStatus): boolean {
  if (before === undefined || before === 'running') return true;
  return (before === 'lost' || before === 'in_doubt') && RECORDED.includes(after);
}

const away = (): Error =>
  odtmError('REPOSITORY_UNREACHABLE', { address: 'simulated', reason: 'away' });

/** The stream's row and its logs, as the repository would have them. */
export class SimRepository {
  readonly world: World;
  readonly units = new Map<string, UnitRecord>();
  readonly statements = new Map<string, StatementRecord>();
  readonly violations: string[] = [];
  status: StreamStatus = 'waiting';
  wish: Wish = 'none';
  attempt = 0;
  finalDue = false;
  private token: string | null = null;
  private leaseUntil = 0;
  private startedMs = 0;
  private awaySinceMs: number | null = null;
  /** How often the stream gave its place to others because its target was away. */
  gaveWay = 0;

  constructor(world: World) {
    this.world = world;
  }

  /** Moves the stream, along permitted edges only. */
  move(to: StreamStatus): void {
    if (!mayFollow(this.status, to)) this.violations.push(`${this.status} → ${to}`);
    this.status = to;
  }

  /** What the same command does: a stopped stream goes on. */
  restart(): void {
    this.wish = 'none';
    if (this.status !== 'waiting') this.move('waiting');
  }

  acquire(leaseMs: number): AcquiredStream | null {
    const now = this.world.clock.monotonicMs();
    if (this.status === 'running' && this.leaseUntil > now) return null;
    if (this.status === 'waiting') this.move('admitted');
    this.move('running');
    this.attempt += 1;
    const token = `token ${this.attempt}`;
    this.token = token;
    this.leaseUntil = now + leaseMs;
    this.startedMs = now;
    const finalDue = this.finalDue;
    this.finalDue = true;
    const { plan } = this.world;
    return {
      ...{ streamId: STREAM_ID, runId: '1', handle: 'handle', token, attempt: this.attempt, plan },
      ...{
        preview: null,
        acceptDrift: false,
        wish: this.wish,
        decisions: [],
        finalDue,
        workedMs: 0,
        awayMs: this.awaySinceMs === null ? 0 : now - this.awaySinceMs,
        rowsBefore: 0,
      },
    };
  }

  holds(lease: Lease): boolean {
    return lease.token === this.token;
  }

  renew(lease: Lease, leaseMs: number): boolean {
    if (!this.holds(lease)) return false;
    this.leaseUntil = this.world.clock.monotonicMs() + leaseMs;
    return true;
  }

  write(batch: LogBatch): void {
    for (const unit of batch.units) {
      const id = tryId(unit);
      if (mayReplace(this.units.get(id)?.status, unit.status)) this.units.set(id, unit);
    }
    for (const row of batch.statements) {
      const id = `${tryId(row)}:${row.seq}`;
      const before = this.statements.get(id)?.status;
      const ended = before === 'committed' || before === 'failed';
      if (!ended && !(before === 'executed' && row.status === 'running'))
        this.statements.set(id, row);
    }
    for (const closed of batch.closed) {
      for (const [id, row] of this.statements) {
        const open = row.status === 'running' || row.status === 'executed';
        if (tryId(row) === tryId(closed) && open) {
          this.statements.set(id, { ...row, status: closed.statements });
        }
      }
    }
  }

  settle(attempt: number): void {
    for (const [id, unit] of this.units) {
      const open = unit.status === 'running' && unit.streamAttempt < attempt;
      if (open) this.units.set(id, { ...unit, status: 'lost' });
    }
    for (const [id, row] of this.statements) {
      const open = row.status === 'running' || row.status === 'executed';
      if (open && row.streamAttempt < attempt) {
        this.statements.set(id, { ...row, status: 'rolled_back' });
      }
    }
  }

  end(end: StreamEnd): void {
    const code = end.failure?.code ?? '';
    // What happens to the repository or to a controller is never a failure of the stream.
    if (/^ODTM-(4|5)/.test(code)) this.violations.push(`failed with ${code}`);
    if (end.awayRetryMs === undefined) this.awaySinceMs = null;
    else this.awaySinceMs ??= this.startedMs;
    if (end.awayRetryMs !== undefined) this.gaveWay += 1;
    this.move(end.status);
    this.finalDue = end.finalDue;
    this.token = null;
  }

  /** The port, as one controller sees it: sometimes away, before or after it has done what was asked. */
  portFor(life: Life): StreamStore {
    const sometimesAway = async <T>(name: string, work: () => T): Promise<T> => {
      if (life.dead) await new Promise(() => undefined);
      if (this.world.strikes('repositoryAway', `${name}, before`)) throw away();
      const result = work();
      if (this.world.strikes('repositoryAway', `${name}, after`)) throw away();
      return life.answer(result);
    };
    const renewed = (lease: Lease): RenewedLease => ({ ...lease, wish: this.wish });
    return {
      acquire: (_stream, _controller, leaseMs) => Promise.resolve(this.acquire(leaseMs)),
      renew: (leases, leaseMs) =>
        sometimesAway('renew', () => leases.filter((l) => this.renew(l, leaseMs)).map(renewed)),
      write: (batches) =>
        sometimesAway('write', () => {
          const held = batches.filter(({ lease }) => this.holds(lease));
          for (const batch of held) this.write(batch);
          return new Set(held.map(({ lease }) => lease.streamId));
        }),
      settle: (lease, attempt) =>
        sometimesAway('settle', () => {
          if (!this.holds(lease)) return false;
          this.settle(attempt);
          return true;
        }),
      end: (lease, end) =>
        sometimesAway('end', () => {
          if (!this.holds(lease)) return false;
          this.end(end);
          return true;
        }),
      over: (handles) => sometimesAway('over', () => handles.filter((h) => h === 'never')),
    };
  }
}
