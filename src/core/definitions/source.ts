import type { Engine } from '../engine.ts';
import type { PackageVersion } from './model.ts';
import type { Place } from './problem.ts';

/**
 * The shapes of the definition files, as a person writes them: short forms, durations as text, most keys
 * left out. `build.ts` turns them into the definitions; `checks/` finds what is wrong in them.
 */
export type Scalar = string | number | boolean;

export interface EnvironmentSource {
  id: number;
  code: string;
  description?: string | null | undefined;
  max_duration?: string | null | undefined;
  max_streams?: number | null | undefined;
  enabled?: boolean | undefined;
}

export type MembershipSource = string | { code: string; enabled?: boolean | undefined };

export interface InstanceSource {
  name: string;
  engine: Engine;
  address?: string | null | undefined;
  host?: string | null | undefined;
  port?: number | null | undefined;
  database?: string | null | undefined;
  user: string;
  credential?: string | null | undefined;
  options?: Record<string, Scalar> | null | undefined;
  environments: MembershipSource[];
  labels?: Record<string, Scalar> | null | undefined;
  max_streams?: number | undefined;
  enabled?: boolean | undefined;
}

export interface ChunksSource {
  table?: string | null | undefined;
  column?: string | null | undefined;
  size?: number | string | null | undefined;
  sql?: string | null | undefined;
  parallel?: number | undefined;
}

export interface TaskSource {
  name: string;
  order?: number | null | undefined;
  enabled?: boolean | undefined;
  procedure?: string | null | undefined;
  sql?: string | null | undefined;
  done_when?: string | null | undefined;
  chunks?: ChunksSource | null | undefined;
  retry_on?: string[] | null | undefined;
  needs?: Partial<Record<Engine, string[] | null | undefined>> | null | undefined;
}

export type OperationEnvironmentSource =
  | string
  | { code: string; enabled?: boolean | undefined; max_duration?: string | null | undefined };

export type OperationInstanceSource = string | { name: string; enabled?: boolean | undefined };

export type ObjectSource =
  | string
  | {
      owner: string;
      name: string;
      order?: number | null | undefined;
      enabled?: boolean | undefined;
      instances?: string[] | null | undefined;
    };

export type VariantSource =
  | string
  | { name: string; description?: string | null | undefined; enabled?: boolean | undefined };

export interface ParameterSourceEntry {
  name: string;
  value: string | number;
  type?: 'string' | 'number' | 'date' | null | undefined;
  enabled?: boolean | undefined;
  environment?: string | null | undefined;
  instance?: string | null | undefined;
  object?: string | null | undefined;
  variant?: string | null | undefined;
}

export interface OperationSource {
  id: number;
  name: string;
  description?: string | null | undefined;
  package?: string | null | undefined;
  enabled?: boolean | undefined;
  max_duration?: string | null | undefined;
  max_streams?: number | null | undefined;
  retry_on?: string[] | null | undefined;
  environments: OperationEnvironmentSource[];
  instances?: OperationInstanceSource[] | null | undefined;
  labels?: Record<string, Scalar> | null | undefined;
  tasks: TaskSource[];
  objects?: ObjectSource[] | null | undefined;
  variants?: VariantSource[] | null | undefined;
  parameters?: ParameterSourceEntry[] | null | undefined;
}

/**
 * A source of which any part may be missing. What has the wrong shape is reported by the reader and left
 * out, so that the checks still see the rest and find every other problem in the same go.
 */
export type Partly<T> = T extends string | number | boolean | null | undefined
  ? T | undefined
  : T extends readonly (infer E)[]
    ? readonly Partly<E>[]
    : { readonly [K in keyof T]?: Partly<T[K]> | undefined };

export type Path = readonly (string | number)[];

/** One entry of a definition file, with the places of all that is in it. */
export interface Entry<T> {
  readonly value: Partly<T>;
  /** The place of what a path leads to, or of the nearest that is there. */
  placeOf(path: Path): Place;
}

/** Everything that the files of a project say, before it is checked. */
export interface ProjectSource {
  readonly environments: readonly Entry<EnvironmentSource>[];
  readonly instances: readonly Entry<InstanceSource>[];
  readonly operations: readonly Entry<OperationSource>[];
  readonly packages: readonly PackageVersion[];
  /** Folders in packages/, also those without usable files: their names are known all the same. */
  readonly packageNames: readonly string[];
}

/** The value of an entry that was found without any problem, which is why nothing of it can be missing. */
export function whole<T>(entry: Entry<T>): T {
  return entry.value as T;
}
