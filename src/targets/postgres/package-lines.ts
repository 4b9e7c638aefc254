import type { PackageFile } from '../../core/definitions/model.ts';
import { type SqlStatement, splitStatements } from './sql-tokens.ts';

/** Where the body of a routine begins: the line of its opening quote, which the server counts as 1. */
export interface BodyPlace {
  readonly file: string;
  readonly line: number;
}

/** Routine, as error contexts name it without its schema (`rebuild(text)`) → its body. */
export interface PackageLines {
  readonly schema: string;
  readonly routines: Readonly<Record<string, BodyPlace>>;
}

/** A routine that the server has, with the text of its body. */
export interface InstalledRoutine {
  readonly signature: string;
  readonly name: string;
  readonly body: string;
}

/** Finds the bodies of installed routines in the files that created them. */
export function linesOf(
  schema: string,
  files: readonly PackageFile[],
  routines: readonly InstalledRoutine[],
): PackageLines {
  const bodies = files.flatMap((file) =>
    splitStatements(file.text).flatMap((statement) => bodyOf(file.path, statement)),
  );
  const found: Record<string, BodyPlace> = {};
  for (const { signature, name, body } of routines) {
    const match = bodies.findLast(
      (candidate) => candidate.name === name && candidate.body === body,
    );
    if (match !== undefined) found[signature] = { file: match.file, line: match.line };
  }
  return { schema, routines: found };
}

interface FoundBody extends BodyPlace {
  readonly name: string;
  readonly body: string;
}

function bodyOf(file: string, { tokens, line, text }: SqlStatement): FoundBody[] {
  const kind = tokens.findIndex(({ value }) => value === 'function' || value === 'procedure');
  const open = tokens.findIndex(({ text: token }) => token === '(');
  const body = tokens.find(({ type }) => type === 'dollar');
  const name = tokens[open - 1];
  if (tokens[0]?.value !== 'create' || kind < 0 || name === undefined || body === undefined)
    return [];
  const before = text.slice(0, body.start).split('\n').length - 1;
  return [{ file, line: line + before, name: name.value, body: body.value }];
}

/**
 * The place in the package's files that an error context names, innermost first. The words of a context are
 * in the server's language, so only the routine and the first number behind it are looked at.
 */
export function placeOf(lines: PackageLines | null, context: string | null): BodyPlace | null {
  if (lines === null || context === null) return null;
  for (const text of context.split('\n')) {
    for (const [signature, body] of Object.entries(lines.routines)) {
      const behind = textBehind(text, signature, lines.schema);
      const number = /\d+/.exec(behind ?? '')?.[0];
      if (number !== undefined) return { file: body.file, line: body.line + Number(number) - 1 };
    }
  }
  return null;
}

function textBehind(text: string, signature: string, schema: string): string | null {
  for (const name of [` ${signature} `, ` ${schema}.${signature} `]) {
    const at = text.indexOf(name);
    if (at >= 0) return text.slice(at + name.length);
  }
  return null;
}
