import { MalformedMessage, ServerError } from './errors.ts';

const ZERO = 0x80;
const PAIRS_MAX = 20;
const NEGATIVE_END = 102;

/** A number in pairs of decimal digits; `exponent` is the power of 100 of the first pair. */
interface Pairs {
  readonly pairs: number[];
  readonly exponent: number;
}

/** Oracle's NUMBER: an exponent and pairs of decimal digits. Takes whatever String() makes a number of. */
export function encodeNumber(value: unknown): Buffer {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(String(value).trim());
  const [, sign, whole = '', fraction = '', power = '0'] = match ?? [];
  if (whole === '' && fraction === '') throw new ServerError(1722, 'invalid number');
  const number = rounded(pairsOf(whole + fraction, Number(power) - fraction.length));
  if (number === undefined || number.exponent < -65) return Buffer.of(ZERO);
  const { pairs, exponent } = number;
  if (exponent > 62) throw new ServerError(1426, 'numeric overflow');
  if (sign !== '-') return Buffer.of(193 + exponent, ...pairs.map((pair) => pair + 1));
  const end = pairs.length < PAIRS_MAX ? [NEGATIVE_END] : [];
  return Buffer.of(62 - exponent, ...pairs.map((pair) => 101 - pair), ...end);
}

/** Pairs of digits × 10 ^ power; undefined for zero. */
function pairsOf(text: string, power: number): Pairs | undefined {
  let digits = text.replace(/^0+/, '');
  let exponent = power + digits.length;
  digits = digits.replace(/0+$/, '');
  exponent -= digits.length;
  if (digits === '') return undefined;
  if (exponent % 2 !== 0) {
    digits += '0';
    exponent -= 1;
  }
  if (digits.length % 2 !== 0) digits = `0${digits}`;
  const pairs = digits.match(/../g)?.map(Number) ?? [];
  return { pairs, exponent: exponent / 2 + pairs.length - 1 };
}

/** Rounds to the pairs that fit. */
function rounded(number: Pairs | undefined): Pairs | undefined {
  if (number === undefined || number.pairs.length <= PAIRS_MAX) return number;
  const { exponent } = number;
  const pairs = number.pairs.slice(0, PAIRS_MAX);
  let carry = (number.pairs[PAIRS_MAX] ?? 0) >= 50 ? 1 : 0;
  for (let at = pairs.length - 1; at >= 0 && carry > 0; at--) {
    const sum = (pairs[at] ?? 0) + carry;
    pairs[at] = sum % 100;
    carry = sum >= 100 ? 1 : 0;
  }
  if (carry > 0) pairs.unshift(1);
  while (pairs.at(-1) === 0) pairs.pop();
  return { pairs, exponent: exponent + carry };
}

/** The exact decimal text of a NUMBER. */
export function decodeNumber(bytes: Buffer): string {
  const head = bytes[0];
  if (head === undefined) throw new MalformedMessage('A number is empty.');
  const positive = (head & 0x80) !== 0;
  if (bytes.length === 1) return positive ? '0' : '-1e126';
  const end = !positive && bytes.at(-1) === NEGATIVE_END ? -1 : undefined;
  const digits = [...bytes.subarray(1, end)].map((byte) => {
    const pair = positive ? byte - 1 : 101 - byte;
    if (pair < 0 || pair > 99) throw new MalformedMessage('A number has a digit out of range.');
    return String(pair).padStart(2, '0');
  });
  const point = ((positive ? head - 193 : 62 - head) + 1) * 2;
  const text = placed(digits.join(''), point);
  return positive ? text : `-${text}`;
}

/** Sets the decimal point behind so many digits, which may be negative. */
function placed(digits: string, point: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const fraction = point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits;
  const decimals = fraction.replace(/0+$/, '');
  return whole.replace(/^0+(?=\d)/, '') + (decimals === '' ? '' : `.${decimals}`);
}

/** A JavaScript number where it is exact, else the text. */
export function numberValue(bytes: Buffer): number | string {
  const text = decodeNumber(bytes);
  const number = Number(text);
  return String(number) === text || /^-?\d{1,15}(\.\d{1,10})?$/.test(text) ? number : text;
}
