import type { Clock } from '../ports/clock.ts';
import type { DeliveredJob, Dispatcher, DriveOutcome } from '../ports/dispatcher.ts';
import type { Journal } from '../ports/journal.ts';
import type {
  AcquiredStream,
  ControllerInfo,
  ControllerStore,
  StreamStore,
} from '../ports/repository.ts';
import { LEASE_TIMES, LeaseKeeper, type LeaseTimes } from './lease-keeper.ts';
import type { StreamControl } from './stream-control.ts';

/** The repository notifies this channel, with the id of the run, when somebody wishes something. */
const WISH_CHANNEL = 'odtm_wish';

const BEAT_EVERY_MS = 2_000;

/**
 * After the repository was away, no stream is taken this long: leases that expired meanwhile are renewed by
 * their controllers, who notice its return at the same time as this one, and whose units are still running.
 */
const GRACE_AFTER_OUTAGE_MS = 6_000;

export interface ControllerPorts {
  readonly streams: Pick<StreamStore, 'acquire' | 'renew'>;
  readonly controllers: ControllerStore;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Drives a stream until its attempt has ended or its lease is lost. */
  readonly drive: (stream: AcquiredStream, control: StreamControl) => Promise<void>;
}

/** A controller that serves. */
export interface ServingController {
  readonly id: string;
  /** How many streams it drives now. */
  active(): number;
  /** Holds its streams, releases their leases and signs off. Calling it twice is harmless. */
  stop(): Promise<void>;
}

/** The service loop of one controller: takes streams, keeps their leases, drives them. */
class Controller {
  private readonly ports: ControllerPorts;
  private readonly info: ControllerInfo;
  private readonly times: LeaseTimes;
  private readonly keeper: LeaseKeeper;
  private awayUntilMs = Number.NEGATIVE_INFINITY;
  private beating = false;
  private silent = false;

  constructor(ports: ControllerPorts, info: ControllerInfo, times: LeaseTimes) {
    this.ports = ports;
    this.info = info;
    this.times = times;
    this.keeper = new LeaseKeeper(ports, times);
  }

  async serve(): Promise<ServingController> {
    const { dispatcher, controllers, clock } = this.ports;
    const { id, slots } = this.info;
    await dispatcher.start();
    await controllers.register(this.info);
    const stopBeating = clock.every(BEAT_EVERY_MS, () => void this.beat());
    const unlisten = dispatcher.onNotification(WISH_CHANNEL, () => void this.keeper.renewNow());
    const service = await dispatcher.serve({
      slots,
      drive: (job, signal) => this.take(job, signal),
    });
    this.ports.journal.info('the controller serves', { ...this.info });
    let stopped: Promise<void> | null = null;
    const stop = async () => {
      unlisten();
      this.keeper.shutDown();
      await service.stop();
      stopBeating();
      this.keeper.stop();
      await this.signOff();
    };
    return {
      id,
      active: () => service.active,
      stop: () => {
        stopped ??= stop();
        return stopped;
      },
    };
  }

  private async take(job: DeliveredJob, signal: AbortSignal): Promise<DriveOutcome> {
    const { clock, journal } = this.ports;
    if (signal.aborted) return 'held';
    if (clock.monotonicMs() < this.awayUntilMs) return 'held';
    const askedMs = clock.monotonicMs();
    const stream = await this.acquire(job.streamId);
    // Only the lease of a controller that went silent comes free by waiting; else the stream is not to be
    // driven any more, or another controller drives it.
    if (stream === null) return job.redelivered ? 'held' : 'over';
    const what = { run: stream.runId, instance: stream.plan.instance, attempt: stream.attempt };
    journal.info('a stream is taken', { ...what, redelivered: job.redelivered });
    const control = this.keeper.add(stream, askedMs);
    try {
      await this.ports.drive(stream, control);
    } finally {
      this.keeper.remove(stream.streamId);
    }
    journal.info('a stream is left', what);
    return 'over';
  }

  private async acquire(streamId: string): Promise<AcquiredStream | null> {
    try {
      return await this.ports.streams.acquire(streamId, this.info.id, this.times.leaseMs);
    } catch (error) {
      this.noteOutage();
      throw error;
    }
  }

  private async beat(): Promise<void> {
    if (this.beating) return this.noteOutage();
    this.beating = true;
    try {
      // After an outage signs on anew: it may have been forgotten meanwhile.
      if (this.silent) await this.ports.controllers.register(this.info);
      else await this.ports.controllers.beat(this.info.id);
      this.silent = false;
    } catch {
      // The loops of the dispatcher and the keeper of the leases journal that the repository is away.
      this.silent = true;
      this.noteOutage();
    } finally {
      this.beating = false;
    }
  }

  private noteOutage(): void {
    this.awayUntilMs = this.ports.clock.monotonicMs() + GRACE_AFTER_OUTAGE_MS;
  }

  private async signOff(): Promise<void> {
    const { controllers, journal } = this.ports;
    try {
      await controllers.unregister(this.info.id);
      journal.info('the controller has signed off', { id: this.info.id });
    } catch (error) {
      // Others see by the missing beats that it is gone.
      const reason = error instanceof Error ? error.message : String(error);
      journal.warn('the controller could not sign off', { id: this.info.id, reason });
    }
  }
}

/**
 * Registers a controller and serves until `stop`: fetches jobs of streams, takes their leases, drives them.
 * @throws OdtmError REPOSITORY_UNREACHABLE
 */
export function startController(
  ports: ControllerPorts,
  info: ControllerInfo,
  times: LeaseTimes = LEASE_TIMES,
): Promise<ServingController> {
  return new Controller(ports, info, times).serve();
}
