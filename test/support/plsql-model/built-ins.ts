import { textOf, type Value } from './values.ts';

type Function_ = (...args: Value[]) => Value;

const POSIX: Readonly<Record<string, string>> = {
  space: '\\s',
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
};

/** A regular expression of Oracle, as far as its characters mean the same here. */
function regExp(pattern: Value, from: Value = 1): RegExp {
  const source = textOf(pattern).replaceAll(/\[:(\w+):\]/g, (_all, name: string) => {
    const characters = POSIX[name];
    if (characters === undefined) throw new Error(`no class of characters ${name}`);
    return characters;
  });
  const expression = new RegExp(source, 'g');
  expression.lastIndex = Number(from) - 1;
  return expression;
}

/** Where something is null, so is the answer. */
function strict(work: Function_): Function_ {
  return (...args) => (args.includes(null) ? null : nullOf(work(...args)));
}

function nullOf(value: Value): Value {
  return value === '' ? null : value;
}

function substr(text: Value, from: Value, length?: Value): Value {
  const all = textOf(text);
  const at = Number(from) < 0 ? all.length + Number(from) : Math.max(Number(from) - 1, 0);
  return length === undefined ? all.slice(at) : all.slice(at, at + Math.max(Number(length), 0));
}

function trimmed(text: Value, characters: Value, sides: 'both' | 'right'): string {
  const isCut = (character: string | undefined): boolean =>
    character !== undefined && textOf(characters).includes(character);
  let cut = textOf(text);
  while (isCut(cut.at(-1))) cut = cut.slice(0, -1);
  while (sides === 'both' && isCut(cut[0])) cut = cut.slice(1);
  return cut;
}

/** Functions that Oracle has, by their names in small letters. */
export const BUILT_INS: Readonly<Record<string, Function_>> = {
  nvl: (value, otherwise) => (value === null ? (otherwise ?? null) : (value ?? null)),
  upper: strict((text) => textOf(text ?? null).toUpperCase()),
  lower: strict((text) => textOf(text ?? null).toLowerCase()),
  length: strict((text) => textOf(text ?? null).length),
  chr: strict((code) => String.fromCharCode(Number(code))),
  to_char: strict((value) => textOf(value ?? null)),
  substr: strict((text, from, length) => substr(text ?? null, from ?? null, length)),
  instr: strict(
    (text, part, from = 1) =>
      textOf(text ?? null).indexOf(textOf(part ?? null), Number(from) - 1) + 1,
  ),
  trim: strict((text, characters = ' ') => trimmed(text ?? null, characters, 'both')),
  rtrim: strict((text, characters = ' ') => trimmed(text ?? null, characters, 'right')),
  regexp_like: strict((text, pattern) => regExp(pattern ?? null).test(textOf(text ?? null))),
  regexp_instr: strict((text, pattern, from) => {
    const found = regExp(pattern ?? null, from).exec(textOf(text ?? null));
    return found === null ? 0 : found.index + 1;
  }),
  regexp_substr: (text, pattern, from = 1, _occurrence, _flags, group = 0) => {
    if (text === null || text === undefined) return null;
    const found = regExp(pattern ?? null, from).exec(textOf(text));
    return nullOf(found?.[Number(group)] ?? null);
  },
  'dbms_lob.substr': strict((text, length, from = 1) => substr(text ?? null, from, length ?? null)),
};
