import { MalformedMessage, ServerError } from './errors.ts';
import { ORACLE_TYPES } from './types.ts';

const DATE = ORACLE_TYPES.DATE.code;
const ZONED = ORACLE_TYPES.TIMESTAMP_TZ.code;
const LOCAL_ZONED = ORACLE_TYPES.TIMESTAMP_LTZ.code;
const NANOS_AT = 7;

/** Year, month, day, hour, minute, second, nanosecond. */
type Clock = readonly [number, number, number, number, number, number, number];

const TEXT = /^(\d{1,4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?/;

/**
 * DATE and the TIMESTAMPs. Types with a zone travel in UTC. Those without are wall-clock time: a Date
 * gives its local fields, since the driver reads them as local time; a text is taken as it stands.
 */
export function encodeDatetime(value: unknown, typeCode: number): Buffer {
  const zoned = typeCode === ZONED || typeCode === LOCAL_ZONED;
  const [year, month, day, hour, minute, second, nanos] = clockOf(value, zoned);
  const century = Math.trunc(year / 100) + 100;
  const head = Buffer.of(century, (year % 100) + 100, month, day, hour + 1, minute + 1, second + 1);
  if (typeCode === DATE || (nanos === 0 && typeCode !== ZONED)) return head;
  const fraction = Buffer.alloc(4);
  fraction.writeUInt32BE(nanos);
  const zone = typeCode === ZONED ? Buffer.of(20, 60) : Buffer.alloc(0);
  return Buffer.concat([head, fraction, zone]);
}

function clockOf(value: unknown, utc: boolean): Clock {
  if (typeof value === 'string') {
    if (!utc || !/(Z|[+-]\d\d:\d\d)$/.test(value)) return clockOfText(value);
    return clockOf(new Date(value), utc);
  }
  const date = value instanceof Date ? value : new Date(Number(value));
  if (Number.isNaN(date.getTime())) throw new ServerError(1841, 'not a valid date');
  const nanos = date.getUTCMilliseconds() * 1_000_000;
  const [year, month, day] = utc
    ? [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
    : [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  const [hour, minute, second] = utc
    ? [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
    : [date.getHours(), date.getMinutes(), date.getSeconds()];
  return [year, month, day, hour, minute, second, nanos];
}

function clockOfText(text: string): Clock {
  const match = TEXT.exec(text);
  if (match === null) throw new ServerError(1861, 'literal does not match format string');
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = ''] = match;
  const nanos = Number(fraction.padEnd(9, '0'));
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  return [Number(year), Number(month), Number(day), h, m, s, nanos];
}

/** An instant for types with a zone; wall-clock text, which no zone of this process bends, for the others. */
export function decodeDatetime(bytes: Buffer, typeCode: number): string | Date {
  const [century, year, month, day, hour, minute, second] = bytes;
  if (century === undefined || year === undefined || second === undefined) {
    throw new MalformedMessage('A date is too short.');
  }
  const date = `${padded((century - 100) * 100 + year - 100, 4)}-${padded(month)}-${padded(day)}`;
  const time = [hour, minute, second].map((part) => padded((part ?? 1) - 1)).join(':');
  const nanos = bytes.length >= NANOS_AT + 4 ? bytes.readUInt32BE(NANOS_AT) : 0;
  const fraction = nanos === 0 ? '' : `.${padded(nanos, 9).replace(/0+$/, '')}`;
  const text = `${date}T${time}${fraction}`;
  if (typeCode !== ZONED && typeCode !== LOCAL_ZONED) return text;
  return new Date(`${date}T${time}.${padded(Math.trunc(nanos / 1_000_000), 3)}Z`);
}

function padded(value: number | undefined, width = 2): string {
  return String(value).padStart(width, '0');
}
