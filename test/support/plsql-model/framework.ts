import { readFileSync } from 'node:fs';
import { PlsqlPackage } from './package.ts';
import { PlsqlRecord, type Value } from './values.ts';

const FOLDER = new URL('../../../src/targets/oracle/framework/', import.meta.url);

function source(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8');
}

/** The schema whose session it is. */
export const SCHEMA = 'ODTM';

/** The package that reads statements, of the framework for Oracle. */
export function ddlPackage(): PlsqlPackage {
  const ddl = new PlsqlPackage(source('33-dom$ddl.pks'), source('53-dom$ddl.pkb'));
  return ddl.replace('sys_context', () => SCHEMA);
}

/** The package that decides doubts, of the framework for Oracle. */
export function doubtPackage(ddl: PlsqlPackage): PlsqlPackage {
  const doubt = new PlsqlPackage(source('34-dom$doubt.pks'), source('54-dom$doubt.pkb'));
  return doubt.knows('dom$ddl', ddl);
}

/** The answer of a routine that gives a record. */
export function recordOf(value: Value): PlsqlRecord {
  if (!(value instanceof PlsqlRecord)) throw new Error('a record was asked for');
  return value;
}
