import { DatabaseError } from 'pg';
import type { PackageFile } from '../../core/definitions/model.ts';
import { TargetError } from '../../ports/target.ts';
import { type InstallScene, installFailed, privilegeMissing } from '../protocol/install-parts.ts';
import type { Querier } from './connection.ts';
import { PERMISSION_DENIED } from './errors.ts';
import { type SqlStatement, splitStatements } from './sql-tokens.ts';

/** Statements that would end the transaction in which everything is installed. */
const TRANSACTION_WORDS = new Set([
  'begin',
  'start',
  'commit',
  'end',
  'rollback',
  'abort',
  'savepoint',
  'release',
]);

/**
 * Executes the statements of a file one by one, so that an error has its line.
 * @throws OdtmError PACKAGE_INSTALL_FAILED, PRIVILEGE_MISSING; TargetError of kind lost
 */
export async function runFile(
  querier: Querier,
  file: PackageFile,
  scene: InstallScene,
): Promise<void> {
  for (const statement of splitStatements(file.text)) {
    const first = statement.tokens[0]?.value ?? '';
    if (TRANSACTION_WORDS.has(first)) {
      const reason = `${first.toUpperCase()} is not allowed: a package is installed in one transaction`;
      throw installFailed(scene, file.path, statement.line, reason);
    }
    try {
      await querier.query(statement.text);
    } catch (error) {
      throw explain(error, file, statement, scene);
    }
  }
}

function explain(
  error: unknown,
  file: PackageFile,
  statement: SqlStatement,
  scene: InstallScene,
): unknown {
  if (!(error instanceof TargetError) || error.kind === 'lost') return error;
  const line = lineOf(error, statement);
  const { code, message, detail } = error.failure;
  if (code === PERMISSION_DENIED) {
    return privilegeMissing(scene, `${message} (${file.path}:${line})`, error);
  }
  const reason = detail === null ? message : `${message} (${detail})`;
  return installFailed(scene, file.path, line, `${reason} [${code}]`, error);
}

/** The line of the file that the server names: by the offset in the statement, or in a routine's body. */
function lineOf({ cause }: TargetError, { text, line, tokens }: SqlStatement): number {
  if (!(cause instanceof DatabaseError)) return line;
  const offset = cause.position === undefined ? null : Number(cause.position) - 1;
  if (offset !== null) return line + linesBefore(text, offset);
  const inBody = /\d+/.exec(/\d+\s*$/m.exec(cause.where ?? '')?.[0] ?? '');
  const body = tokens.find(({ type }) => type === 'dollar');
  if (inBody === null || body === undefined) return line;
  return line + linesBefore(text, body.start) + Number(inBody[0]) - 1;
}

function linesBefore(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length - 1;
}
