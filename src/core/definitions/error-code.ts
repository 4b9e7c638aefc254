/** A code as a person writes it: ORA-1555, a SQLSTATE, a number of MariaDB; letter case does not matter. */
export const ERROR_CODE_PATTERN = /^([Oo][Rr][Aa]-[0-9]{1,5}|[0-9A-Za-z]{5}|[0-9]{4})$/;

/** The one way to write a code, so that two can be compared: ORA-01555, 40P01. */
export function errorCode(text: string): string {
  return text.toUpperCase().replace(/^ORA-(\d+)$/, (_, digits) => `ORA-${digits.padStart(5, '0')}`);
}
