import {
  type Call,
  type Rewrite,
  rewriteRound,
  rewriteToChar,
  rewriteToDate,
  rewriteTrunc,
} from './date-functions.ts';
import { meaningOf, report, type Work } from './work.ts';

const REWRITES: Readonly<Record<string, Rewrite>> = {
  TO_CHAR: rewriteToChar,
  TRUNC: rewriteTrunc,
  ROUND: rewriteRound,
  TO_DATE: rewriteToDate,
  ADD_MONTHS: ({ sheet }, { at }) => sheet.replace(at, 'plsql$add_months'),
  LAST_DAY: ({ sheet }, { at }) => sheet.replace(at, 'plsql$last_day'),
  TO_NUMBER: (work, { at, list }) => {
    if (list.length < 2) return;
    report(
      work,
      at,
      'TO_NUMBER with a format',
      'strip the text of its signs and write TO_NUMBER(text)',
    );
  },
  REPLACE: ({ sheet }, { close, list }) => {
    if (list.length === 2) sheet.before(close, ", ''");
  },
  LTRIM: (work, call) => rewriteTrim(work, call, 'LEADING'),
  RTRIM: (work, call) => rewriteTrim(work, call, 'TRAILING'),
  INSTR: ({ sheet }, { at, close, list }) => {
    if (list.length < 3) return;
    sheet.replace(at, 'plsql$instr');
    if (list.length === 3) sheet.before(close, ', 1');
  },
  REGEXP_LIKE: (work, { at, list }) => {
    if (list.length < 3) return;
    report(work, at, 'REGEXP_LIKE with match flags', "put the flags into the pattern: '(?i)…'");
  },
  REGEXP_SUBSTR: (work, call) => rewriteRegexp(work, call, 2),
  REGEXP_REPLACE: (work, call) => {
    if (call.list.length === 2) work.sheet.before(call.close, ', NULL');
    rewriteRegexp(work, call, 3);
  },
  LISTAGG: rewriteListAggregation,
};

const PLAIN_WORDS: Readonly<Record<string, string>> = {
  SYSTIMESTAMP: 'CURRENT_TIMESTAMP(6)',
  USER: "SUBSTRING_INDEX(USER(),'@',1)",
};

/** Functions of Oracle that MariaDB has under other names or with other arguments. */
export function rewriteFunctions(work: Work): void {
  const { sheet } = work;
  for (let at = sheet.length - 1; at >= 0; at -= 1) {
    if (sheet.kind(at) !== 'word' || sheet.text(at - 1) === '.') continue;
    const word = sheet.word(at);
    const plain = Object.hasOwn(PLAIN_WORDS, word) ? PLAIN_WORDS[word] : undefined;
    if (plain !== undefined && isPlainUse(work, at)) sheet.replace(at, plain);
    const rewrite = Object.hasOwn(REWRITES, word) ? REWRITES[word] : undefined;
    if (rewrite === undefined || sheet.text(at + 1) !== '(') continue;
    const close = sheet.closing(at + 1);
    rewrite(work, { at, close, list: sheet.items({ from: at + 2, to: close }) });
  }
}

function isPlainUse(work: Work, at: number): boolean {
  const { sheet } = work;
  const taken = meaningOf(work, at, sheet.word(at)) !== undefined;
  return (
    !taken &&
    !/^[(.]$/.test(sheet.text(at + 1)) &&
    !/^(?:CREATE|ALTER|DROP|AS)$/.test(sheet.word(at - 1))
  );
}

/** A result without any character is NULL on Oracle, as it is of SUBSTR on MariaDB. */
function rewriteRegexp(work: Work, { at, close, list }: Call, most: number): void {
  const { sheet } = work;
  if (list.length > most) {
    report(
      work,
      at,
      `${sheet.word(at)} with more than ${most} arguments`,
      "SUBSTR before it for a position, '(?i)…' in the pattern for match flags",
    );
  }
  sheet.before(at, 'SUBSTR(');
  sheet.after(close, ', 1)');
}

function rewriteTrim(work: Work, { at, close, list }: Call, side: string): void {
  const { sheet } = work;
  const [value, set] = list;
  if (value === undefined || set === undefined) return;
  if (!/^'(?:[^']|'')'$/.test(sheet.source(set))) {
    report(work, at, `${sheet.word(at)} with a set of characters`, 'write REGEXP_REPLACE(text, …)');
    return;
  }
  const sign = sheet.rendering(set);
  sheet.replace(at, 'TRIM');
  sheet.before(value.from, `${side} ${sign} FROM `);
  sheet.blank({ from: value.to, to: close });
}

/** LISTAGG(x, ',') WITHIN GROUP (ORDER BY y) is GROUP_CONCAT(x ORDER BY y SEPARATOR ','). */
function rewriteListAggregation(work: Work, { at, close, list }: Call): void {
  const { sheet } = work;
  const [value, separator] = list;
  const open = close + 3;
  const end = sheet.closing(open);
  const fits =
    value !== undefined && list.length <= 2 && sheet.reads(close + 1, 'WITHIN', 'GROUP', '(');
  if (!fits || sheet.word(end + 1) === 'OVER') {
    report(work, at, 'LISTAGG of this form', "write LISTAGG(x, ',') WITHIN GROUP (ORDER BY y)");
    return;
  }
  const text = separator === undefined ? "''" : sheet.rendering(separator);
  sheet.replace(at, 'GROUP_CONCAT');
  sheet.blank({ from: value.to, to: open + 1 });
  sheet.before(end, ` SEPARATOR ${text}`);
}
