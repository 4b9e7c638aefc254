import { lex } from '../../../src/targets/plsql/tokens.ts';

/** A word of a source, in small letters. */
export interface Code {
  readonly text: string;
  readonly line: number;
}

/** The words of a source, without blanks, comments and what stands in literals. */
export function codeOf(text: string): Code[] {
  return lex(text).flatMap(({ kind, text: piece, line }) => {
    if (kind === 'space' || kind === 'comment') return [];
    return [{ text: kind === 'string' ? "''" : piece.toLowerCase(), line }];
  });
}

/** The arguments that stand in the brackets that open at a place; 0 where none opens. */
export function argumentsAt(code: readonly Code[], at: number): string[][] {
  if (code[at]?.text !== '(') return [];
  const found: string[][] = [[]];
  let depth = 0;
  for (const { text } of code.slice(at)) {
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    if (depth === 0) return found;
    if (text === ',' && depth === 1) found.push([]);
    else if (depth > 1 || text !== '(') found.at(-1)?.push(text);
  }
  return found;
}

/** A procedure or function, as its head says. */
export interface Routine {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly header: string;
}

/** Procedures and functions that a source declares or defines. */
export function routinesIn(code: readonly Code[]): Routine[] {
  return code.flatMap(({ text }, at) => {
    const name = code[at + 1]?.text;
    if ((text !== 'procedure' && text !== 'function') || name === undefined) return [];
    const parameters = argumentsAt(code, at + 2);
    const optional = parameters.filter((words) => words.includes('default')).length;
    const header = `${name}(${parameters.map((words) => words.join(' ')).join(', ')})`;
    return [{ name, most: parameters.length, least: parameters.length - optional, header }];
  });
}
