import type { Engine } from '../engine.ts';

/** A class of databases: DEV, TEST, UAT, PROD. */
export interface Environment {
  readonly id: number;
  readonly code: string;
  readonly description: string | null;
  readonly enabled: boolean;
  /** A stream stops cleanly before its next unit when its run has worked this long. */
  readonly maxDurationMs: number | null;
  /** How many streams may be active in this environment at once; null: no limit. */
  readonly maxStreams: number | null;
}

/** A credential reference, never a value: `env:NAME`, `file:PATH` or `exec:COMMAND`. */
export type CredentialReference = string;

/** One target database. */
export interface Instance {
  readonly name: string;
  readonly engine: Engine;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly credential: CredentialReference | null;
  /** Engine-specific connection options, for instance `sslmode`. */
  readonly options: Readonly<Record<string, string>>;
  readonly environments: readonly Membership[];
  readonly labels: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  /** How many streams may be active on this instance at once. */
  readonly maxStreams: number;
}

/** That an instance belongs to an environment; it can be disabled there alone. */
export interface Membership {
  readonly environment: string;
  readonly enabled: boolean;
}

/** One repeatable stored-procedure call, or plain SQL for what a procedure cannot do. */
export interface Task {
  readonly name: string;
  /** Tasks run in ascending order; tasks with the same order run in parallel. */
  readonly order: number;
  readonly enabled: boolean;
  /** The procedure's name; by default the task's name. Null for a plain-SQL task. */
  readonly procedure: string | null;
  /** The statement of a plain-SQL task. */
  readonly sql: string | null;
  /** A query that answers true when the statement has already taken effect; decides doubt after a crash. */
  readonly doneWhen: string | null;
  readonly chunks: ChunkSpec | null;
  /** As of the operation, for this task alone; null: what the operation says. */
  readonly retryOn: readonly ErrorCode[] | null;
  /** Privileges that the task needs, each as `privilegeText` writes it. */
  readonly needs: Readonly<Partial<Record<Engine, readonly string[]>>>;
}

/** An error code as engines give it, in the form that `errorCode` gives it. */
export type ErrorCode = string;

/** How a task is cut into chunks, each of which is a unit. */
export type ChunkSpec = ChunkByKey | ChunkBySql;

/** Ranges of equal width over an integer or timestamp key column. */
export interface ChunkByKey {
  readonly by: 'key';
  /** `owner.table`, or `@object` for the object that the stream works on. */
  readonly table: string;
  readonly column: string;
  /** Width of a range: an integer for an integer key, an interval text (`1 day`) for a timestamp key. */
  readonly size: string;
  readonly parallel: number;
}

/** The author's own query: two columns, low and high, one row a chunk, in order. */
export interface ChunkBySql {
  readonly by: 'sql';
  readonly sql: string;
  readonly parallel: number;
}

/** Where an operation runs: an environment, which may be disabled for this operation alone. */
export interface OperationEnvironment {
  readonly environment: string;
  readonly enabled: boolean;
  readonly maxDurationMs: number | null;
}

/** That an operation runs, or with `enabled: false` does not run, on an instance. */
export interface OperationInstance {
  readonly instance: string;
  readonly enabled: boolean;
}

/** An owner.table that the operation is applied to. */
export interface ObjectDefinition {
  readonly owner: string;
  readonly name: string;
  readonly order: number;
  readonly enabled: boolean;
  /** The instances that have it; null: all of the operation's. */
  readonly instances: readonly string[] | null;
}

/** A variant of an operation, with parameters of its own. */
export interface Variant {
  readonly name: string;
  readonly description: string | null;
  readonly enabled: boolean;
}

export const PARAMETER_TYPES = ['string', 'number', 'date'] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];

/** One value of a parameter in a scope. Scopes left null are wider; the most specific value wins. */
export interface ParameterValue {
  readonly name: string;
  readonly type: ParameterType;
  /** The value as text; a date as YYYY-MM-DD, optionally with HH:MM:SS. */
  readonly value: string;
  readonly enabled: boolean;
  readonly environment: string | null;
  readonly instance: string | null;
  /** `owner.name` of an object. */
  readonly object: string | null;
  readonly variant: string | null;
}

export interface Operation {
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
  readonly package: string;
  readonly enabled: boolean;
  readonly maxDurationMs: number | null;
  /** How many streams of one run may be active at once; null: no limit. */
  readonly maxStreams: number | null;
  /** A unit that fails with one of these codes is tried again, as after a deadlock. */
  readonly retryOn: readonly ErrorCode[];
  readonly environments: readonly OperationEnvironment[];
  /** Null: every instance of the environment; else those listed (an entry may also only disable one). */
  readonly instances: readonly OperationInstance[] | null;
  /** Only instances with all of these labels; empty: no condition. */
  readonly labels: Readonly<Record<string, string>>;
  readonly tasks: readonly Task[];
  readonly objects: readonly ObjectDefinition[];
  readonly variants: readonly Variant[];
  readonly parameters: readonly ParameterValue[];
}

/** State files create tables when missing and are never undone; code files are replaced as a whole. */
export type PackageFileRole = 'state' | 'code';

export interface PackageFile {
  /** Path relative to the package's engine folder, for instance `10-tasks.sql`. */
  readonly path: string;
  readonly role: PackageFileRole;
  readonly text: string;
  /** Hex SHA-256 of the text. */
  readonly sha256: string;
}

/** One version of the code of an operation for an engine. */
export interface PackageVersion {
  readonly name: string;
  readonly engine: Engine;
  readonly files: readonly PackageFile[];
  /** Hex SHA-256 over the paths, roles and hashes of its files, in path order. */
  readonly sha256: string;
}

/** Everything that the files of a project define. Lists are in the order of their natural keys. */
export interface Definitions {
  readonly environments: readonly Environment[];
  readonly instances: readonly Instance[];
  readonly operations: readonly Operation[];
  readonly packages: readonly PackageVersion[];
}
