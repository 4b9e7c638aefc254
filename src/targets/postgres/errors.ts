import { DatabaseError } from 'pg';
import { type Failure, plainFailure } from '../../core/run/failure.ts';
import { TargetError, type TargetErrorKind } from '../../ports/target.ts';
import { type PackageLines, placeOf } from './package-lines.ts';

/** SQLSTATEs of the framework. */
export const COMPLETE = 'OD100';
export const NOTHING_TO_PERFORM = 'OD007';
const FENCED = 'OD409';

const RETRYABLE = new Set(['40001', '40P01']);
/** The session is over: shut down, crashed, terminated, timed out while idle, or its database dropped. */
const SESSION_ENDED = new Set(['57P01', '57P02', '57P03', '57P04', '57P05', '25P03', '25P04']);
const QUERY_CANCELED = '57014';
export const PERMISSION_DENIED = '42501';
const INSIDE_TRANSACTION = '25001';
const TRANSACTION_TERMINATION = '2D000';
/** Errors by which a statement says that it cannot be part of a transaction, or ends transactions itself. */
export const NEEDS_NO_TRANSACTION: ReadonlySet<string | null> = new Set([
  INSIDE_TRANSACTION,
  TRANSACTION_TERMINATION,
]);
const CONNECTION_LOST = '08006';

/** What is known about a statement when it fails. */
export interface ErrorScene {
  /** We have asked the server to cancel it. */
  readonly cancelAsked?: boolean;
  /** The statement that the framework was executing. */
  readonly statement?: string | null;
  readonly lines?: PackageLines | null;
}

/** The SQLSTATE of an error that the server reported, else null. */
export function sqlState(error: unknown): string | null {
  if (error instanceof TargetError && error.cause instanceof DatabaseError)
    return error.cause.code ?? null;
  return error instanceof DatabaseError ? (error.code ?? null) : null;
}

/** What a rejected query means. An error that the server did not report is a lost connection. */
export function targetError(error: unknown, scene: ErrorScene = {}): TargetError {
  if (error instanceof TargetError) return error;
  if (!(error instanceof DatabaseError)) {
    return new TargetError('lost', plainFailure(CONNECTION_LOST, reasonOf(error)), error);
  }
  return new TargetError(kindOf(error, scene), failureOf(error, scene), error);
}

function kindOf(error: DatabaseError, scene: ErrorScene): TargetErrorKind {
  const code = error.code ?? '';
  if (code === FENCED) return 'fenced';
  if (RETRYABLE.has(code)) return 'retryable';
  if (code === QUERY_CANCELED && scene.cancelAsked === true) return 'cancelled';
  const ended = SESSION_ENDED.has(code) || code.startsWith('08');
  return ended || ['FATAL', 'PANIC'].includes(error.severity ?? '') ? 'lost' : 'failed';
}

const HINTS: Readonly<Record<string, string>> = {
  [COMPLETE]: 'Only the iterator may call dom.operation_complete.',
  [TRANSACTION_TERMINATION]:
    'A unit is one transaction: a procedure must not commit. Cut long work into chunks or iterations.',
};

function failureOf(error: DatabaseError, scene: ErrorScene): Failure {
  const context = error.where ?? null;
  const code = error.code ?? 'XX000';
  const place = placeOf(scene.lines ?? null, context);
  return {
    code,
    message: error.message,
    detail: error.detail ?? null,
    hint: error.hint ?? HINTS[code] ?? null,
    context,
    statement: scene.statement ?? error.internalQuery ?? statementInContext(context),
    file: place?.file ?? null,
    line: place?.line ?? null,
  };
}

/** The innermost call is a statement of the package's own code: the server quotes it in the first line. */
function statementInContext(context: string | null): string | null {
  const match = /^SQL statement "([\s\S]*?)"\n/.exec(context ?? '');
  return match?.[1] ?? null;
}

/** The same error with a hint added to its failure. */
export function withHint(error: TargetError, hint: string): TargetError {
  const old = error.failure.hint;
  const failure = { ...error.failure, hint: old === null ? hint : `${old} ${hint}` };
  return new TargetError(error.kind, failure, error.cause);
}

/** An error in words, also where the driver gives several at once (one an address) and no message. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
