import type { Span } from './sheet.ts';
import { staticSql } from './static-sql.ts';
import { typeNamed, type ValueType } from './types.ts';
import { isProcedural, type Program, type Work } from './work.ts';

/** A table that a statement names; null where the units do not create it, or it is no table. */
interface Source {
  readonly table: string | null;
  readonly alias: string;
}

/**
 * The type of a column that is named in a statement, from the tables that the units create. Where the
 * column may be one of another table, nothing is known of it.
 */
export function typeOfColumn(
  work: Work,
  at: number,
  { table, name }: { readonly table: string | null; readonly name: string },
): ValueType {
  const statement = statementAt(work, at);
  if (statement === undefined) return 'unknown';
  const sources = sourcesOf(work, statement).filter(({ alias }) => (table ?? alias) === alias);
  const found = new Set<ValueType>();
  for (const source of sources) {
    if (source.table === null) return 'unknown';
    const type = work.program.columns.get(`${source.table}.${name}`);
    if (type !== undefined) found.add(typeNamed(type));
  }
  const [only] = found;
  return found.size === 1 && only !== undefined ? only : 'unknown';
}

/** The type of a column of a table that the units create. */
export function columnOfTable({ columns }: Program, table: string, name: string): ValueType {
  return typeNamed(columns.get(`${table}.${name}`) ?? '');
}

const statements = new WeakMap<Work, readonly Span[]>();

function statementAt(work: Work, at: number): Span | undefined {
  if (!isProcedural(work)) return { from: 0, to: work.sheet.length };
  const known = statements.get(work) ?? staticSql(work);
  statements.set(work, known);
  return known.find(({ from, to }) => from <= at && at < to);
}

function sourcesOf(work: Work, statement: Span): Source[] {
  const { sheet } = work;
  const sources: Source[] = [];
  for (let at = statement.from; at < statement.to; at += 1) {
    if (!opensSources(work, at)) continue;
    let next = at + 1;
    do {
      const source = sourceAt(work, next);
      if (source.name !== 'DUAL') sources.push(source);
      next = source.next + 1;
    } while (sheet.word(at) === 'FROM' && sheet.text(next - 1) === ',' && next < statement.to);
  }
  return sources;
}

/** Whether a table stands behind this word. */
function opensSources({ sheet }: Work, at: number): boolean {
  const before = sheet.word(at - 1);
  switch (sheet.kind(at) === 'word' ? sheet.word(at) : '') {
    case 'FROM':
      return !isInFunction(sheet.source({ from: Math.max(0, at - 4), to: at }));
    case 'JOIN':
      return true;
    case 'UPDATE':
      return before !== 'FOR';
    case 'DELETE':
      return sheet.word(at + 1) !== 'FROM';
    case 'INTO':
      return before === 'INSERT';
    case 'TABLE':
      return before === 'CREATE' || before === 'REPLACE';
    default:
      return false;
  }
}

/** EXTRACT(DAY FROM x), TRIM(LEADING '0' FROM x). */
function isInFunction(text: string): boolean {
  return /\b(?:EXTRACT|TRIM)\s*\([^()]*$/i.test(text);
}

function sourceAt({ sheet, program }: Work, at: number): Source & { name: string; next: number } {
  if (sheet.text(at) === '(') {
    const next = sheet.closing(at) + 1;
    return { ...aliasAt(sheet.word(next), next), table: null, name: '' };
  }
  const name = sheet.word(at);
  if (sheet.text(at + 1) === '.') {
    const other = sheet.word(at + 2);
    return { ...aliasAt(sheet.word(at + 3), at + 3, other), table: null, name: other };
  }
  const known = [...program.columns.keys()].some((column) => column.startsWith(`${name}.`));
  return { ...aliasAt(sheet.word(at + 1), at + 1, name), table: known ? name : null, name };
}

const NO_ALIAS = new RegExp(
  `^(?:${[
    'WHERE|SET|VALUES|SELECT|JOIN|ON|USING|GROUP|ORDER|HAVING|UNION|MINUS|INTERSECT|FETCH|FOR|LIMIT',
    'INNER|LEFT|RIGHT|FULL|CROSS|NATURAL|LOOP|PARTITION|INTO',
  ].join('|')})$`,
);

function aliasAt(word: string, at: number, name = ''): { alias: string; next: number } {
  const isAlias = /^\w[\w$#]*$/.test(word) && !NO_ALIAS.test(word);
  return isAlias ? { alias: word, next: at + 1 } : { alias: name, next: at };
}
