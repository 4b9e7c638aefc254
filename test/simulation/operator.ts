import type { Instance } from '../../src/core/definitions/model.ts';
import { odtmError } from '../../src/core/errors/catalogue.ts';
import { FINAL, RESTARTABLE } from '../../src/core/run/stream-status.ts';
import { driveStream } from '../../src/executor/drive-stream.ts';
import { LeaseKeeper } from '../../src/executor/lease-keeper.ts';
import { LogWriter } from '../../src/executor/log-writer.ts';
import { DEFAULT_SETTINGS, type ExecutorPorts } from '../../src/executor/ports.ts';
import type { TargetEngine } from '../../src/ports/target.ts';
import { SimDatabase } from './sim-database.ts';
import { SimRepository, STREAM_ID } from './sim-repository.ts';
import { SimTarget } from './sim-target.ts';
import { Life, type Rates, SILENT, World } from './world.ts';

const INSTANCE: Instance = {
  ...{ name: 'shop_eu', engine: 'postgres', host: 'simulated', port: 1, database: 'shop' },
  ...{ user: 'odtm', credential: null, options: {}, environments: [], labels: {} },
  ...{ enabled: true, maxStreams: 1 },
};

const LEASE_MS = 10_000;
const HOURS_MS = 3_600_000;

/** One simulated run, with somebody who gives the same command again until it is completed. */
export class Simulation {
  readonly world: World;
  readonly database: SimDatabase;
  readonly repository: SimRepository;

  constructor(seed: number, rates: Rates) {
    this.world = new World(seed, rates);
    this.database = new SimDatabase(this.world);
    this.repository = new SimRepository(this.world);
  }

  async run(): Promise<void> {
    this.database.mayStart = () => this.repository.status === 'running';
    void this.wishNowAndThen();
    await this.world.clock.run(this.untilCompleted(), 100 * HOURS_MS);
  }

  /** Somebody halts the run at random moments. */
  private async wishNowAndThen(): Promise<void> {
    const { world, repository } = this;
    while (!FINAL.includes(repository.status)) {
      await world.clock.sleep(world.random.integer(50, 3_000));
      if (repository.status !== 'running' || !world.strikes('halts', 'any moment')) continue;
      repository.wish = world.random.chance(0.5) ? 'halt' : 'halt_now';
    }
  }

  private async untilCompleted(): Promise<void> {
    while (!FINAL.includes(this.repository.status)) {
      await this.oneController();
      if (RESTARTABLE.includes(this.repository.status)) {
        this.checkFinal();
        this.repository.restart();
      }
      await this.world.clock.sleep(this.world.random.integer(10, 12_000));
    }
  }

  /** What `initial` switched off is on again while nobody works, or the repository knows that it is not. */
  private checkFinal(): void {
    const last = this.database.history
      .map(({ call }) => call.unit.task)
      .filter((task) => task === 'initial' || task.startsWith('final'))
      .at(-1);
    if (last === 'initial' && !this.repository.finalDue) {
      this.repository.violations.push(`stopped as ${this.repository.status} without a final`);
    }
  }

  /** A controller that takes the stream and drives it until it is done or killed. */
  private async oneController(): Promise<void> {
    const life = new Life();
    const askedMs = this.world.clock.monotonicMs();
    const stream = this.repository.acquire(LEASE_MS);
    if (stream === null) return;
    await new Promise<void>((resolve, reject) => {
      const ports = this.portsFor(life, resolve);
      const keeper = new LeaseKeeper(ports);
      const control = keeper.add(stream, askedMs);
      const ended = (): void => {
        keeper.remove(STREAM_ID);
        keeper.stop();
        resolve();
      };
      driveStream(ports, new LogWriter(ports), stream, control).then(ended, reject);
    });
  }

  private portsFor(life: Life, onDeath: () => void): ExecutorPorts {
    const { world } = this;
    return {
      streams: this.repository.portFor(life),
      packages: {
        version: (name, engine, sha256) => life.answer({ name, engine, files: [], sha256 }),
      },
      instances: { instance: () => life.answer(INSTANCE) },
      credentials: { resolve: () => life.answer('secret') },
      engine: () => life.answer(this.engineFor(life)),
      clock: world.clock,
      journal: SILENT,
      faults: world.faultsFor(life, onDeath),
      settings: { ...DEFAULT_SETTINGS, foldEvery: 1 },
    };
  }

  private engineFor(life: Life): TargetEngine {
    return {
      engine: 'postgres',
      capabilities: { preview: true },
      clientScript: () => '',
      connect: () => {
        const away = this.world.strikes('connectFails', 'connect');
        const lost = odtmError('TARGET_UNREACHABLE', {
          ...{ instance: INSTANCE.name, address: 'simulated', reason: 'no connection' },
        });
        return life.answer(away ? Promise.reject(lost) : new SimTarget(this.database, life));
      },
    };
  }
}
