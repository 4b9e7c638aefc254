import type { UnitCall, UnitResult } from '../../ports/target.ts';
import type { PlsqlConnection } from './querier.ts';
import { claimValues, type StreamRef } from './unit-block.ts';

/**
 * Records a unit whose call has been rolled back by what the package said; it answers as a unit does, also
 * with the statements that the package had committed before.
 */
export async function recordUnit(
  connection: PlsqlConnection,
  stream: StreamRef,
  call: UnitCall,
  outcome: 'done' | 'complete',
  message: string,
): Promise<UnitResult> {
  const values = [...claimValues(stream, call), outcome, message];
  const places = values.map((_, index) => `:${index + 1}`).join(', ');
  const block = { text: `BEGIN dom$run.say_unit(${places});`, values };
  const { answer } = await connection.runUnit(block, Number.MAX_SAFE_INTEGER, () => ({}));
  return {
    outcome: answer.outcome as UnitResult['outcome'],
    recordedOutcome: answer.status as UnitResult['recordedOutcome'],
    message: answer.message,
    elapsedMs: null,
    rows: answer.row_count,
    statements: answer.statements,
  };
}
