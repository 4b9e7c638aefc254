import {
  isNumeric,
  type Sum,
  startsExpression,
  sumFrom,
  typeOfExpression,
  typeOfOperand,
  typeOfSum,
} from './expressions.ts';
import type { Span } from './sheet.ts';
import { typeOf, type ValueType } from './types.ts';
import { isProcedural, meaningOf, report, type Work } from './work.ts';

const SECONDS_A_DAY = 86_400;

/**
 * Sums with dates, which MariaDB computes as numbers like 20260131, and numbers that become text, which
 * MariaDB writes with all their decimals.
 */
export function rewriteSums(work: Work): void {
  const { sheet } = work;
  for (let at = 0; at < sheet.length; at += 1) {
    if (startsExpression(sheet, at)) rewriteSum(work, sumFrom(sheet, at, sheet.length));
    if (sheet.text(at) === ':=' && isProcedural(work)) rewriteAssignment(work, at);
  }
}

function rewriteSum(work: Work, sum: Sum): void {
  const { sheet } = work;
  const first = sum.operands[0];
  const last = sum.operands.at(-1);
  if (first === undefined || last === undefined || first.from >= first.to) return;
  let left = typeOfOperand(work, first);
  for (const [index, sign] of sum.signs.entries()) {
    const operand = sum.operands[index + 1];
    if (operand === undefined) break;
    left = rewriteStep(work, left, { first: first.from, sign, operand });
  }
  const joined = sheet.text(first.from - 1) === '||';
  if (joined && sum.signs.length > 0) return;
  if (joined || sheet.text(last.to) === '||') asText(work, { from: first.from, to: last.to }, left);
}

interface Step {
  readonly first: number;
  readonly sign: number;
  readonly operand: Span;
}

/** One sign of a sum; answers with the type of the sum so far. */
function rewriteStep(work: Work, left: ValueType, { first, sign, operand }: Step): ValueType {
  const { sheet } = work;
  const written = sheet.text(sign);
  if (sheet.word(operand.from) === 'INTERVAL') return left;
  const right = typeOfOperand(work, operand);
  if (right === 'date' && written === '-' && left !== 'integer' && left !== 'number') {
    sheet.before(first, '(-TIMESTAMPDIFF(SECOND, ');
    sheet.replace(sign, ',');
    sheet.after(operand.to - 1, `)*1.0000000000/${SECONDS_A_DAY})`);
    return 'number';
  }
  if (right === 'date') {
    report(work, sign, `number ${written} date`, 'write the date first: date + number');
  } else if (left === 'date') {
    if (isNumeric(right) || written === '+') addDays(work, operand, right);
    else {
      const shown = sheet.source(operand).trim();
      report(
        work,
        sign,
        `date - ${shown}, of unknown type`,
        `write - INTERVAL '7' DAY, or declare ${shown} as a NUMBER or DATE variable`,
      );
    }
  }
  return typeOfSum(left, written, right);
}

function addDays({ sheet }: Work, operand: Span, type: ValueType): void {
  const whole = type === 'integer';
  const opening = whole ? 'INTERVAL (' : 'INTERVAL ROUND((';
  sheet.wrap(operand, opening, whole ? ') DAY' : `)*${SECONDS_A_DAY}) SECOND`);
}

/** Makes a number into text as Oracle does: without the zeros of MariaDB's decimals. */
export function asText({ sheet }: Work, span: Span, type: ValueType): void {
  if (type === 'number') sheet.wrap(span, 'plsql$text(', ')');
}

/** A number that is assigned to a variable for text. */
function rewriteAssignment(work: Work, at: number): void {
  const { sheet } = work;
  const name = at - 1;
  if (!sheet.isName(name) || /^(?:;|THEN|ELSE|BEGIN|LOOP|>>)$/.exec(sheet.word(name - 1)) === null)
    return;
  const meaning = meaningOf(work, name, sheet.word(name));
  if (meaning === undefined || typeOf(meaning) !== 'text') return;
  const value = { from: at + 1, to: sheet.endOfStatement(at) };
  asText(work, value, typeOfExpression(work, value));
}
