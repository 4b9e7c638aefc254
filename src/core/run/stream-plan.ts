import type { ParameterType, Task } from '../definitions/model.ts';
import type { Engine } from '../engine.ts';

/** Where the value of a parameter comes from. */
export interface ParameterSource {
  readonly level: 'operation' | 'environment' | 'instance' | 'object';
  readonly environment: string | null;
  readonly instance: string | null;
  readonly object: string | null;
  readonly variant: string | null;
}

/** The value that counts, after the scopes have been resolved. */
export interface EffectiveParameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly value: string;
  readonly source: ParameterSource;
}

/** One object in run order, or the single nameless one of an operation without objects. */
export interface PlannedObject {
  /** `owner.name`, or the empty text where the operation has no objects. Part of the unit's key. */
  readonly id: string;
  readonly owner: string | null;
  readonly name: string | null;
  readonly parameters: readonly EffectiveParameter[];
}

/** What one stream executes, frozen when its run is started or restarted. */
export interface StreamPlan {
  readonly operation: { readonly id: number; readonly name: string };
  readonly environment: { readonly id: number; readonly code: string };
  readonly variant: string | null;
  readonly instance: string;
  readonly engine: Engine;
  readonly package: { readonly name: string; readonly sha256: string };
  /** Enabled tasks only, ascending by order, then in the order of their definition. */
  readonly tasks: readonly Task[];
  /** At least one. */
  readonly objects: readonly PlannedObject[];
  readonly maxDurationMs: number | null;
  /** Error codes on which a unit is tried again, where its task says nothing else. An older plan has none. */
  readonly retryOn?: readonly string[];
}
