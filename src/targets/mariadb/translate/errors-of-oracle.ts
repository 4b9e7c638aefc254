/** A condition of a handler: an error number of MariaDB, an SQL state, or a condition's name. */
export type Condition = number | string;

/**
 * ORA codes and the errors by which MariaDB says the same. An empty list: MariaDB does what Oracle refuses
 * because it is done already, so that nothing is ever raised.
 */
const CONDITIONS: ReadonlyMap<number, readonly Condition[]> = new Map([
  [-1, [1062, 1586]],
  [-54, [1205]],
  [-60, [1213]],
  [-904, [1054]],
  [-942, [1146, 1051, 4092]],
  [-955, [1050, 1061, 1304]],
  [-1013, [1317]],
  [-1400, [1048, 1364]],
  [-1403, [1329]],
  [-1407, [1048]],
  [-1408, []],
  [-1418, [1091]],
  [-1422, [1172]],
  [-1426, [1264]],
  [-1427, [1242]],
  [-1430, [1060]],
  [-1438, [1264]],
  [-1442, []],
  [-1451, []],
  [-1476, [1365]],
  [-1722, [1292, 1366]],
  [-1830, [1292, 1411]],
  [-1841, [1292, 1411]],
  [-1843, [1292, 1411]],
  [-1847, [1292, 1411]],
  [-1858, [1292, 1411]],
  [-1861, [1292, 1411]],
  [-2149, [1735, 1507]],
  [-2260, [1068]],
  [-2261, []],
  [-2264, [1826]],
  [-2275, [1826, 1005]],
  [-2289, [4091]],
  [-2290, [4025]],
  [-2291, [1452, 1216]],
  [-2292, [1451, 1217]],
  [-2443, [1091]],
  [-4043, [1305]],
  [-4080, [1360]],
  [-6502, [1406, 1264, 1366, 1265, 1292]],
  [-6511, [1325]],
  [-6592, [1339]],
  [-1001, [1326]],
  [-12899, [1406]],
  [-14006, [1507, 1735]],
  [-14013, [1517]],
  [-14312, [1517]],
  [-14074, [1493]],
  [-14083, [1508]],
  [-14400, [1526]],
  [-14758, [1508]],
  [-30006, [1205]],
]);

/** Exceptions that PL/SQL declares itself, as ORA codes. */
const PREDEFINED: Readonly<Record<string, number>> = {
  CASE_NOT_FOUND: -6592,
  CURSOR_ALREADY_OPEN: -6511,
  DUP_VAL_ON_INDEX: -1,
  INVALID_CURSOR: -1001,
  INVALID_NUMBER: -1722,
  NO_DATA_FOUND: -1403,
  TIMEOUT_ON_RESOURCE: -54,
  TOO_MANY_ROWS: -1422,
  VALUE_ERROR: -6502,
  ZERO_DIVIDE: -1476,
};

const FIRST_OWN = -20999;
const LAST_OWN = -20000;

/** The code of an exception that every PL/SQL program knows by name. */
export function predefinedCode(name: string): number | null {
  return Object.hasOwn(PREDEFINED, name) ? (PREDEFINED[name] ?? null) : null;
}

/** What a handler for an ORA code waits for on MariaDB; null where nothing there corresponds to it. */
export function conditionsFor(code: number): readonly Condition[] | null {
  if (code >= FIRST_OWN && code <= LAST_OWN) return [-code];
  return CONDITIONS.get(code) ?? null;
}

const NO_DATA_CODE = -1403;
const CODE_DIGITS = 5;

/**
 * Raises the error of an ORA code. NO_DATA_FOUND goes with the SQL state 02000: by that state it is caught
 * by its name, and being signalled it is an error where nobody catches it.
 */
export function signalOf(code: number, message = ''): string {
  const number = conditionsFor(code)?.find((condition) => typeof condition === 'number') ?? -code;
  const state = code === NO_DATA_CODE ? '02000' : '45000';
  const name = `ORA-${String(-code).padStart(CODE_DIGITS, '0')}`;
  const text = `${name}: ${message}`.replaceAll("'", "''");
  return `SIGNAL SQLSTATE '${state}' SET MYSQL_ERRNO = ${number}, MESSAGE_TEXT = '${text}'`;
}

const STATE_LETTERS = 36;
const STATE_VALUES = STATE_LETTERS ** 4;
const HASH_FACTOR = 31;
const UNHANDLED = 6510;

/** The SQL state by which an exception that a package declares without a code is told from every other. */
export function ownState(exception: string): string {
  let hash = 0;
  for (const letter of exception) {
    hash = (hash * HASH_FACTOR + (letter.codePointAt(0) ?? 0)) % STATE_VALUES;
  }
  return `U${hash.toString(STATE_LETTERS).toUpperCase().padStart(4, '0')}`;
}

/** Raises an exception that a package declares without a code. */
export function ownSignal(exception: string): string {
  const text = `ORA-06510: unhandled user-defined exception ${exception.toLowerCase()}`;
  const state = ownState(exception);
  return `SIGNAL SQLSTATE '${state}' SET MYSQL_ERRNO = ${UNHANDLED}, MESSAGE_TEXT = '${text}'`;
}
