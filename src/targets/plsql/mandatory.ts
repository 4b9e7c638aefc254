import type { SourceUnit } from './source-units.ts';
import { lex } from './tokens.ts';

/** Procedures that every package must have, with their number of parameters and their shape in words. */
const MANDATORY: readonly [name: string, parameters: number, shape: string][] = [
  ['iterator', 3, 'iterator(p_handle VARCHAR2, p_owner VARCHAR2, p_object_name VARCHAR2)'],
  ['initial', 1, 'initial(p_handle VARCHAR2)'],
  ['final', 2, "final(p_handle VARCHAR2, p_after_error CHAR DEFAULT 'N')"],
];

/** What a package lacks to be one, in words; null: it is whole. */
export function missingProcedure(name: string, units: readonly SourceUnit[]): string | null {
  const isOwn = (unit: SourceUnit): boolean => unit.name?.toLowerCase() === name.toLowerCase();
  const spec = units.find((unit) => unit.kind === 'package' && isOwn(unit));
  if (spec === undefined) return `package ${name} is created in none of the files`;
  if (!units.some((unit) => unit.kind === 'package body' && isOwn(unit)))
    return `the body of package ${name} is created in none of the files`;
  const declared = declaredProcedures(spec.text);
  for (const [procedure, parameters, shape] of MANDATORY) {
    if (!declared.some(([known, count]) => known === procedure && count === parameters))
      return `procedure ${shape} is missing in package ${name}`;
  }
  return null;
}

/** Procedures of a specification with the number of their parameters, names in lower case. */
function declaredProcedures(spec: string): [string, number][] {
  const tokens = lex(spec).filter(({ kind }) => kind !== 'space' && kind !== 'comment');
  return tokens.flatMap(({ text }, at): [string, number][] => {
    if (text.toUpperCase() !== 'PROCEDURE') return [];
    const name = tokens[at + 1]?.text.replaceAll('"', '').toLowerCase() ?? '';
    if (tokens[at + 2]?.text !== '(') return [[name, 0]];
    let depth = 0;
    let count = 1;
    for (const token of tokens.slice(at + 2)) {
      if (token.text === '(') depth += 1;
      else if (token.text === ')') depth -= 1;
      else if (token.text === ',' && depth === 1) count += 1;
      if (depth === 0) break;
    }
    return [[name, count]];
  });
}
