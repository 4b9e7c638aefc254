import type { ParameterType } from './model.ts';

const NUMBER_PATTERN = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const DATE_PATTERN = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2}):(\d{2}))?$/;

/** The type that a value has where none is written with it. */
export function inferType(value: string | number): ParameterType {
  if (typeof value === 'number') return 'number';
  return DATE_PATTERN.test(value) ? 'date' : 'string';
}

/** Whether a text is a value of the type; a date must be a day that exists. */
export function isOfType(text: string, type: ParameterType): boolean {
  if (type === 'number') return NUMBER_PATTERN.test(text);
  return type === 'string' || isRealDate(text);
}

/** The one way in which a value is written in the definitions: a date has a blank before its time. */
export function valueText(value: string | number, type: ParameterType): string {
  return type === 'date' ? String(value).replace('T', ' ') : String(value);
}

function isRealDate(text: string): boolean {
  const match = DATE_PATTERN.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const date = new Date(Date.UTC(year, month - 1, day));
  date.setUTCFullYear(year);
  const sameDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return year > 0 && sameDay && hour < 24 && minute < 60 && second < 60;
}
