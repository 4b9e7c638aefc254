import type { Instance, PackageVersion } from '../../../src/core/definitions/model.ts';
import type { TargetEngine } from '../../../src/ports/target.ts';

/**
 * What the suite asks of an engine: a database of its own with a package in that engine's language, and a
 * DBA's hands in it. The package's procedures (see each engine's fixture) are the same everywhere:
 *
 * - `iterator` writes one row and says complete from the iteration on that parameter `rounds` names
 * - `initial`, `final` write a row; `write_row` writes one by one statement; `three_rows` by three
 * - `fail` executes one statement and then `fails_here` one that divides by zero
 * - `hold` executes a statement, then waits for the gate, then executes another
 * - `caught` catches the error of its second of three statements; `nothing` has nothing to perform
 * - `read_params` writes what the parameter functions answer; `use_chunk` writes its chunk's limits
 */
export interface TargetFixture {
  readonly engine: TargetEngine;
  readonly instance: Instance;
  readonly secret: string;
  readonly package: PackageVersion;
  /** The same package with one routine changed, another file broken, or a mandatory procedure missing. */
  readonly variants: {
    readonly changed: PackageVersion;
    readonly broken: {
      readonly package: PackageVersion;
      readonly file: string;
      readonly line: number;
      readonly reason: RegExp;
    };
    readonly incomplete: PackageVersion;
  };
  /** Where `fail` executes its failing statement. */
  readonly failsAt: { readonly file: string; readonly line: number };
  /** How the call stack of that error names the place. */
  readonly failsIn: string;
  readonly divisionByZero: string;
  readonly texts: FixtureTexts;
  readonly keyTables: KeyTables;
  /** Rows that the package's procedures have committed, in their order. */
  written(): Promise<readonly string[]>;
  /** Closes the gate at which `hold` waits, until the returned function opens it. */
  closeGate(): Promise<() => Promise<void>>;
  /** Resolves when a session waits at the gate. */
  someoneAtGate(): Promise<void>;
  /** Ends all sessions in which a unit is running, as a DBA would; returns how many. */
  killUnitSessions(): Promise<number>;
  /** Changes a routine of the package by hand. */
  changeByHand(): Promise<string>;
  /** The whole catalogue and every row outside of the engine's own schemas, as one comparable text. */
  snapshot(): Promise<string>;
  drop(): Promise<void>;
}

/** Statements of the suite in the engine's own words. */
export interface FixtureTexts {
  /** Writes the row `plain`. */
  readonly insertPlain: string;
  /** What statements that write rows look like. */
  readonly written: RegExp;
  /** What the statement that waits at the gate contains. */
  readonly gate: string;
  /** The statement of `fail` and `caught` that divides by zero. */
  readonly failing: string;
  /** A statement that no transaction can take back. */
  readonly commitsByItself: string;
}

/** Tables for chunks. */
export interface KeyTables {
  readonly owner: string;
  /** `id` 1 … 10 and `at` from 2026-01-01, one row a day. */
  readonly filled: string;
  readonly empty: string;
  /** A query with the chunks (10, 19) and (20, 29). */
  readonly ownSql: string;
}
