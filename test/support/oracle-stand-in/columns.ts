import type { Column, ResultSet } from '../orawire/server.ts';
import { oracleNumber, oracleText } from './error-numbers.ts';

/** A column as the driver of MariaDB describes it. */
interface Described {
  name(): string;
  readonly type: string;
}

/** Rows of the driver, which carry the description of their columns. */
export type DescribedRows = readonly Readonly<Record<string, unknown>>[] & {
  readonly meta?: readonly Described[];
};

const NUMBERS =
  /^(?:TINY|SHORT|LONG|FLOAT|DOUBLE|LONGLONG|INT24|DECIMAL|NEWDECIMAL|YEAR|INT|BIGINT)$/;
const LARGE = /BLOB|TEXT/;

function columnOf({ name, type }: { name: string; type: string }): Column {
  if (NUMBERS.test(type)) return { name, type: 'NUMBER' };
  if (LARGE.test(type)) return { name, type: 'CLOB' };
  return { name, type: 'VARCHAR2', size: 4000 };
}

/** A result as Oracle describes it: names in capitals, long texts as CLOB, numbers of errors as its own. */
export function resultOf(rows: DescribedRows, sql: string): ResultSet {
  const described = (rows.meta ?? []).map((column) => ({ name: column.name(), type: column.type }));
  const columns = described.map(({ name, type }) => columnOf({ name: name.toUpperCase(), type }));
  const translated = /\bdom\$log\b/i.test(sql) ? rows.map(withOracleNumbers) : rows;
  return {
    columns,
    rows: translated.map((row) => described.map(({ name }) => textOrNumber(row[name]))),
  };
}

function textOrNumber(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return value instanceof Date ? value.toISOString() : (value ?? null);
}

/** The live log has the numbers of the server that ran the statement. */
export function withOracleNumbers<R extends Readonly<Record<string, unknown>>>(row: R): R {
  const { code, sql_text } = row;
  if (typeof code !== 'number') return row;
  return { ...row, code: oracleNumber(code), sql_text: oracleText(code, String(sql_text ?? '')) };
}
