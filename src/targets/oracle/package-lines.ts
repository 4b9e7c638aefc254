import type { PackageFile } from '../../core/definitions/model.ts';
import { type SourceUnit, sourceUnits } from '../plsql/source-units.ts';
import { lex, newlinesIn } from '../plsql/tokens.ts';

/** Where the source of something begins, which the server counts as its line 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
}

/** Name of a package (as the catalogue has it) or a standalone routine → where its source begins. */
export interface PackageLines {
  readonly routines: Readonly<Record<string, SourcePlace>>;
}

/** A unit that an error stack can name, innermost kinds last: of a package the body counts. */
const TRACED: readonly SourceUnit['kind'][] = [
  'package',
  'procedure',
  'function',
  'trigger',
  'type',
  'package body',
];

/** Finds the sources of a package's routines in its files. */
export function linesOf(files: readonly Pick<PackageFile, 'path' | 'text'>[]): PackageLines {
  const found: Record<string, SourcePlace & { readonly rank: number }> = {};
  for (const { path, text } of files) {
    for (const unit of sourceUnits(text)) {
      const rank = TRACED.indexOf(unit.kind);
      if (rank < 0 || unit.name === null) continue;
      const name = unit.name.toUpperCase();
      if ((found[name]?.rank ?? -1) > rank) continue;
      found[name] = { file: path, line: firstTracedLine(unit), rank };
    }
  }
  return {
    routines: Object.fromEntries(
      Object.entries(found).map(([name, { file, line }]) => [name, { file, line }]),
    ),
  };
}

/**
 * The line of the file that the server counts as the first: CREATE OR REPLACE is no part of the source that
 * it keeps, which begins with PACKAGE, PROCEDURE …
 */
export function firstLine({ text, kind, line }: SourceUnit): number {
  const first = kind.split(' ')[0]?.toUpperCase();
  let lines = 0;
  for (const { kind: token, text: piece } of lex(text)) {
    if (token === 'word' && piece.toUpperCase() === first) return line + lines;
    lines += newlinesIn(piece);
  }
  return line;
}

/**
 * The line that an error stack counts as the first: as firstLine, but that of a trigger is where its block
 * begins.
 */
function firstTracedLine(unit: SourceUnit): number {
  if (unit.kind !== 'trigger') return firstLine(unit);
  let lines = 0;
  for (const { kind: token, text: piece } of lex(unit.text)) {
    if (token === 'word' && /^(?:DECLARE|BEGIN)$/i.test(piece)) return unit.line + lines;
    lines += newlinesIn(piece);
  }
  return firstLine(unit);
}

/** A line of an error stack: ORA-06512: at "OWNER.NAME", line 12. The words are in the server's language. */
const STACK_LINE = /ORA-06512:[^"\n]*"(?:"?[^".\n]+"?\.)?"?([^".\n]+)[^"\n]*"[^\d\n]*(\d+)/g;

/** The place in the package's files that an error stack names, innermost first. */
export function placeOf(lines: PackageLines, stack: string | null): SourcePlace | null {
  for (const [, name = '', line] of (stack ?? '').matchAll(STACK_LINE)) {
    const start = lines.routines[name] ?? lines.routines[name.toUpperCase()];
    if (start !== undefined) return { file: start.file, line: start.line + Number(line) - 1 };
  }
  return null;
}
