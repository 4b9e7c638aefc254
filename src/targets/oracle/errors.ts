import { type Failure, plainFailure } from '../../core/run/failure.ts';
import { TargetError, type TargetErrorKind } from '../../ports/target.ts';
import type { LineMap } from '../plsql/engine-parts.ts';
import { type ErrorScene, RAISED } from '../plsql/error-scene.ts';
import {
  CANCELLED,
  isDeniedCode,
  isDiscardedCode,
  isLoginCode,
  isLostOfDriver,
  kindOfOra,
  oraCode,
} from './error-codes.ts';
import { hintOf } from './error-hints.ts';
import { placeOf } from './package-lines.ts';

/** An error as the driver rejects with it; the server's number stays when the driver puts its own code. */
export interface DriverError extends Error {
  readonly errorNum?: number;
  readonly code?: string;
  /** Where in the statement its parsing stopped, counted from 0; 0 also where it was parsed. */
  readonly offset?: number;
}

const LOST_CODE = 'ORA-03113';
/** A statement of the server's own, for instance in a trigger, has failed: the error behind it tells why. */
const RECURSIVE = 604;
/** Error behind a failure of compiled code: PL/SQL could not be parsed, or a trigger's body failed. */
const WRAPPERS: ReadonlySet<number> = new Set([RECURSIVE, 4088, 12_801]);

function driverError(error: unknown): DriverError | null {
  const cause = error instanceof TargetError ? error.cause : error;
  if (!(cause instanceof Error)) return null;
  const { code } = cause as DriverError;
  return typeof code === 'string' && /^(ORA|NJS|DPI|TNS)-\d+$/.test(code) ? cause : null;
}

/** The server's number of an error; null: the server reported none. */
function oraNumber(error: unknown): number | null {
  const driver = driverError(error);
  if (driver === null) return null;
  const behind = /(?:^|\n)(?:ORA|TNS)-(\d+):/.exec(driver.message)?.[1];
  const own = /^(?:ORA|TNS)-(\d+)$/.exec(driver.code ?? '')?.[1] ?? behind;
  return own === undefined ? null : rootNumber(Number(own), driver.message);
}

/** The number that counts: what stands behind an error that only says that something below it failed. */
function rootNumber(number: number, message: string): number {
  if (!WRAPPERS.has(number)) return number;
  const numbers = [...message.matchAll(/(?:^|\n)ORA-(\d+):/g)].map(([, digits]) => Number(digits));
  const index = numbers.indexOf(number);
  const behind = numbers
    .slice(index + 1)
    .find((candidate) => candidate !== 6512 && !WRAPPERS.has(candidate));
  return behind ?? number;
}

/** The number of an error that the server reported about the work, without its sign; null: it is none. */
export function errorNumber(error: unknown): number | null {
  return isLost(error) ? null : oraNumber(error);
}

/** Whether the user lacks a privilege, or cannot see what it has no right to. */
export function isDenied(error: unknown): boolean {
  return isDeniedCode(oraNumber(error) ?? 0);
}

/** Whether a person must see to it before this login can succeed. */
export function isLoginRefused(error: unknown): boolean {
  return isLoginCode(oraNumber(error) ?? 0);
}

/** Whether packages were compiled anew beneath the session; a fresh one is met once. */
export function isStateDiscarded(error: unknown): boolean {
  return isDiscardedCode(oraNumber(error) ?? 0);
}

/** An error that neither server nor driver has numbered comes from the network below them. */
function isLost(error: unknown): boolean {
  const driver = driverError(error);
  if (driver === null) return true;
  const number = oraNumber(driver);
  if (number !== null) return kindOfOra(number) === 'lost';
  return isLostOfDriver(Number(driver.code?.split('-')[1]));
}

/** What a rejected call means. */
export function targetError(
  error: unknown,
  scene: ErrorScene = {},
  lines: LineMap = {},
): TargetError {
  if (error instanceof TargetError) return error;
  const number = oraNumber(error);
  if (isLost(error)) {
    const code = number === null ? LOST_CODE : oraCode(number);
    return new TargetError('lost', plainFailure(code, reasonOf(error)), error);
  }
  const message = error instanceof Error ? error.message : String(error);
  const failure = failureOf(number, driverError(error)?.code ?? LOST_CODE, message, lines);
  const statement = scene.statement ?? null;
  return new TargetError(kindOf(number, scene), { ...failure, statement }, error);
}

function kindOf(number: number | null, { cancelAsked }: ErrorScene): TargetErrorKind {
  if (number === null) return 'failed';
  if (number === RAISED.fenced) return 'fenced';
  if (CANCELLED.has(number)) return cancelAsked === true ? 'cancelled' : 'failed';
  return kindOfOra(number);
}

/** The failure that an event of the live log tells of: the text is the error with its stack. */
export function eventFailure(code: number, text: string, lines: LineMap = {}): Failure {
  return failureOf(code, oraCode(code), text, lines);
}

function failureOf(number: number | null, code: string, text: string, lines: LineMap): Failure {
  const { message, context } = partsOf(text);
  const place = placeOf({ routines: lines }, context);
  return {
    ...plainFailure(
      number === null ? code : oraCode(number),
      message,
      number === null ? null : hintOf(number, text),
    ),
    context,
    file: place?.file ?? null,
    line: place?.line ?? null,
  };
}

/** The error's own lines, without the code that is told beside them, and the stack below. */
function partsOf(text: string): { readonly message: string; readonly context: string | null } {
  const all = text.split('\n').filter((line) => line !== '' && !/^Help: https?:/.test(line));
  const rest = all.filter(
    (line, index) => !(index === 0 && /^NJS-500:/.test(line) && all.length > 1),
  );
  const stackAt = rest.findIndex((line) => line.startsWith('ORA-06512:'));
  const head = stackAt < 0 ? rest : rest.slice(0, stackAt);
  const stack = stackAt < 0 ? [] : rest.slice(stackAt);
  return {
    message: head.join('\n').replace(/^(?:ORA|NJS)-\d+: /, ''),
    context: stack.length === 0 ? null : stack.join('\n'),
  };
}

/** An error in words, also where the driver gives several at once and no message. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
