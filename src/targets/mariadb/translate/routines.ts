/** What is known of a parameter: names in capitals, the default as source text. */
export interface KnownParameter {
  readonly name: string;
  readonly type: string;
  readonly byDefault: string | null;
}

/** A routine of a package, as far as calling it needs. */
export interface KnownRoutine {
  readonly name: string;
  readonly parameters: readonly KnownParameter[];
  /** The type that a function returns; null for a procedure. */
  readonly returns: string | null;
  /** Whether it commits or runs dynamic SQL, which MariaDB allows in no function. */
  readonly breaksFunctions: boolean;
}

/** Packages by name, in capitals; overloads in the order of their declaration. */
export type KnownPackages = Readonly<Record<string, readonly KnownRoutine[]>>;

/** Where the routines stand that no package has. */
export const STANDALONE = '';

/** An argument of a call: where it has a name, that of its parameter. */
export interface Argument {
  readonly name: string | null;
}

/** The routine that a call means, and which argument each of its parameters gets. */
export interface Resolved {
  readonly routine: KnownRoutine;
  /** The index of the argument for each parameter; null: its default. */
  readonly places: readonly (number | null)[];
}

/**
 * The name on MariaDB, which knows no overloads: the first one that is declared keeps its name, another is
 * told by its number of parameters.
 */
export function installedName(
  overloads: readonly KnownRoutine[],
  routine: KnownRoutine,
  written: string,
): string {
  const first = overloads.find(({ name }) => name === routine.name);
  const arity = routine.parameters.length;
  return first === undefined || first.parameters.length === arity ? written : `${written}$${arity}`;
}

/** Finds the overload that takes these arguments; among several, the one with fewest parameters. */
export function resolve(
  overloads: readonly KnownRoutine[],
  name: string,
  given: readonly Argument[],
): Resolved | null {
  const fitting = overloads
    .filter((routine) => routine.name === name)
    .flatMap((routine) => {
      const places = placesOf(routine, given);
      return places === null ? [] : [{ routine, places }];
    })
    .sort((one, other) => one.places.length - other.places.length);
  return fitting[0] ?? null;
}

function placesOf(routine: KnownRoutine, given: readonly Argument[]): (number | null)[] | null {
  const places: (number | null)[] = routine.parameters.map(() => null);
  for (const [index, argument] of given.entries()) {
    const place =
      argument.name === null
        ? index
        : routine.parameters.findIndex(({ name }) => name === argument.name);
    if (place < 0 || place >= places.length || places[place] !== null) return null;
    places[place] = index;
  }
  const complete = routine.parameters.every(
    ({ byDefault }, place) => byDefault !== null || places[place] !== null,
  );
  return complete ? places : null;
}
