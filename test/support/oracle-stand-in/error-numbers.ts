import { SqlError } from 'mariadb';
import { TargetError } from '../../../src/ports/target.ts';
import type { OraError } from '../orawire/server.ts';

/** What Oracle says where MariaDB says a number; the first wording stands for the others. */
const MEANINGS: readonly [mariadb: readonly number[], oracle: number, text?: string][] = [
  [[1062, 1586], 1, 'unique constraint violated'],
  [[1205], 54, 'resource busy and acquire with NOWAIT specified or timeout expired'],
  [[1213], 60, 'deadlock detected while waiting for resource'],
  [[1064, 1149], 900, 'invalid SQL statement'],
  [[1054], 904, 'invalid identifier'],
  [[1146, 1051, 1142, 1049], 942, 'table or view does not exist'],
  [[1050, 1061, 1304], 955, 'name is already used by an existing object'],
  [[1317], 1013, 'user requested cancel of current operation'],
  [[1044, 1227, 1370, 1410], 1031, 'insufficient privileges'],
  [[1048, 1364], 1400, 'cannot insert NULL'],
  [[1329], 1403, 'no data found'],
  [[1172], 1422, 'exact fetch returns more than requested number of rows'],
  [[1060], 1430, 'column being added already exists in table'],
  [[1264], 1438, 'value larger than specified precision allowed for this column'],
  [[1365], 1476, 'divisor is equal to zero'],
  [[1292, 1366], 1722, 'invalid number'],
  [[1068], 2260, 'table can have only one primary key'],
  [[4091], 2289, 'sequence does not exist'],
  [[4025], 2290, 'check constraint violated'],
  [[1452, 1216], 2291, 'integrity constraint violated - parent key not found'],
  [[1451, 1217], 2292, 'integrity constraint violated - child record found'],
  [[1305, 1382], 4043, 'object does not exist'],
  [[1318, 1414], 6550, 'PLS-00306: wrong number or types of arguments in call'],
  [[1406], 12_899, 'value too large for column'],
  [[1507, 1735], 2149, 'Specified partition does not exist'],
];

const BY_NUMBER = new Map(
  MEANINGS.flatMap(([numbers, oracle, text]) =>
    numbers.map((number) => [number, { oracle, text }] as const),
  ),
);

/** Numbers that a package or the framework raises by itself. */
const FIRST_RAISED = 20_000;
const LAST_RAISED = 20_999;
const KILLED = 28;
/** The driver takes some numbers, 600 among them, for the end of the connection. */
const NOT_MAPPED = 3001;

/** The number of Oracle for one of MariaDB. */
export function oracleNumber(number: number): number {
  if (number >= FIRST_RAISED && number <= LAST_RAISED) return number;
  return BY_NUMBER.get(number)?.oracle ?? NOT_MAPPED;
}

/** An error's text as Oracle words it, with what MariaDB has said about the thing. */
export function oracleText(number: number, said: string): string {
  const code = `ORA-${String(oracleNumber(number)).padStart(5, '0')}`;
  const own = said.replace(/^ORA-\d+: /, '');
  if (number >= FIRST_RAISED && number <= LAST_RAISED) return `${code}: ${own}`;
  const text = BY_NUMBER.get(number)?.text ?? `internal error of the stand-in [${number}]`;
  return `${code}: ${text} (${own.replaceAll('\n', ' ')})`;
}

/** The error that MariaDB reported beneath; null: its session is gone. */
export function sqlErrorOf(error: unknown): SqlError | null {
  const cause = error instanceof TargetError ? error.cause : error;
  if (error instanceof TargetError && error.kind === 'lost') return null;
  return cause instanceof SqlError ? cause : null;
}

/** What the client is told; `stack` are the lines of code below, as Oracle writes them. */
export function oracleError(error: unknown, stack: readonly string[] = []): OraError {
  const sql = sqlErrorOf(error);
  if (sql === null) {
    if (error instanceof TargetError)
      return { code: KILLED, message: 'your session has been killed' };
    throw error;
  }
  const text = oracleText(sql.errno, sql.sqlMessage ?? sql.message);
  return { code: oracleNumber(sql.errno), message: [text, ...stack].join('\n') };
}
