import type { ControlPorts } from '../control/ports.ts';
import type { Engine } from '../core/engine.ts';
import type { Clock } from '../ports/clock.ts';
import type { ProjectReader } from '../ports/project-files.ts';
import type { TargetEngine } from '../ports/target.ts';

/** Where a command writes. Without `isTTY` there is no live view; without `columns` lines are not cut. */
export type TextStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** What the options of every command say about the repository; what is missing comes from the environment. */
export interface ConnectionOptions {
  /** The URL of a server; without it the embedded one. */
  readonly repository?: string;
  /** The folder of the embedded server. */
  readonly dataDir?: string;
}

/** A controller in this very process. */
export interface RunningController {
  readonly id: string;
  /** How many streams it drives now. */
  active(): number;
  /** Holds its streams, releases their leases and signs off. Calling it twice is harmless. */
  stop(): Promise<void>;
}

/** A controller that was started in the background and outlives this process. */
export interface SpawnedController {
  readonly pid: number;
  readonly logFile: string;
}

/** An open repository, with all that the use cases need. */
export interface CliSession extends ControlPorts {
  /** Where the repository is, for people; never with a password. */
  readonly address: string;
  startController(options: { readonly slots?: number }): Promise<RunningController>;
  /** Starts a controller in this process where none is alive; null: another one serves. */
  ensureController(): Promise<RunningController | null>;
  /** Starts a background controller, which ends when nothing is left to do; null: another one serves. */
  spawnController(): Promise<SpawnedController | null>;
  /** Stops what was started in this process and closes every connection. */
  close(): Promise<void>;
}

/** The embedded server of the repository. */
export interface EmbeddedStatus {
  readonly dataDir: string;
  readonly running: boolean;
  readonly port: number | null;
  readonly pid: number | null;
  readonly version: string | null;
}

export interface EmbeddedRepository {
  /** Adopts or starts it. @throws OdtmError EMBEDDED_SERVER_FAILED */
  start(options: ConnectionOptions): Promise<EmbeddedStatus>;
  /** False: it did not run. */
  stop(options: ConnectionOptions): Promise<boolean>;
  status(options: ConnectionOptions): Promise<EmbeddedStatus>;
}

export type Signal = 'SIGINT' | 'SIGTERM';

/** What the commands ask of the program around them; built in one place, held still by tests. */
export interface CliServices {
  readonly version: string;
  readonly out: TextStream;
  readonly err: TextStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Who asks, as the repository records it. */
  readonly user: string;
  /** Paths on the command line are relative to it. */
  readonly cwd: string;
  readonly clock: Clock;
  readonly projects: ProjectReader;
  /** Opens the repository and migrates it. @throws OdtmError REPOSITORY_UNREACHABLE, REPOSITORY_NEWER */
  connect(options: ConnectionOptions): Promise<CliSession>;
  readonly engine: (engine: Engine) => Promise<TargetEngine>;
  readonly embedded: EmbeddedRepository;
  /** The text of the JSON Schema of the definition files. */
  schema(): Promise<string>;
  /** Listens to a signal instead of the process's default; returns how to stop listening. */
  onSignal(listener: (signal: Signal) => void): () => void;
}
