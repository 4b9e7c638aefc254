import { OdtmError } from '../errors/catalogue.ts';

/** Where something stands in the files of a project. Line and column count from 1. */
export interface Place {
  /** Path relative to the project folder, with forward slashes. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong in the files of a project: what, the value, and what to do. */
export class DefinitionProblem implements Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;

  constructor(place: Place, message: string) {
    this.file = place.file;
    this.line = place.line;
    this.column = place.column;
    this.message = message;
  }

  toString(): string {
    return `${this.file}:${this.line}:${this.column}: ${this.message}`;
  }
}

/** Takes note of a problem; the check goes on, so that every problem is found in one go. */
export type Report = (place: Place, message: string) => void;

/** The error DEFINITIONS_INVALID together with the problems that it lists. */
export class DefinitionsInvalid extends OdtmError {
  readonly problems: readonly DefinitionProblem[];

  constructor(project: string, problems: readonly DefinitionProblem[]) {
    const sorted = [...problems].sort(byPlace);
    const text = sorted.map((problem) => `  ${problem}`).join('\n');
    super('DEFINITIONS_INVALID', { count: sorted.length, project, problems: text });
    this.problems = sorted;
  }
}

function byPlace(a: Place, b: Place): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
