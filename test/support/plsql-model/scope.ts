import type { Type, Value } from './values.ts';

/** What names mean while a routine runs. */
export interface Scope {
  declare(name: string, type: Type, value?: Value): void;
  valueAt(steps: readonly Step[]): Value;
  assign(steps: readonly Step[], value: Value): void;
  /** Calls a function of the server. */
  builtIn(name: string, values: readonly Value[]): Value;
}

/** An expression, and where it is a variable or a part of one, the way to change it. */
export interface Expression {
  evaluate(scope: Scope): Value;
  readonly place?: Place;
}

export interface Place {
  set(scope: Scope, value: Value): void;
}

/** A name, or what stands in brackets behind one. */
export type Step = { readonly name: string } | { readonly list: readonly Expression[] };
