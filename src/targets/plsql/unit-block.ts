import type { ChunkSpec } from '../../core/definitions/model.ts';
import type { PlannedObject } from '../../core/run/stream-plan.ts';
import type { UnitCall } from '../../ports/target.ts';
import type { Bind, UnitBlock } from './querier.ts';
import { keyValues } from './record-sql.ts';
import { lex, type Token } from './tokens.ts';

/** The stream, and the attempt on whose behalf a statement is executed. */
export interface StreamRef {
  readonly handle: string;
  readonly attempt: number;
  readonly operationId: number;
  readonly runId: string;
}

/** How an engine writes names into the text of a block. */
export interface BlockNames {
  readonly packageName: string;
  /** Quotes a name, or throws where the engine knows no such name. */
  readonly quote: (name: string) => string;
}

/** The values of a claim, in the order of the parameters of dom$run.claim. */
export function claimValues({ handle }: StreamRef, call: UnitCall): Bind[] {
  return [handle, call.streamAttempt, call.try, call.kind, ...keyValues(call.unit)];
}

/**
 * The block of a unit: claims its row, does its work, records and commits. The comment in front is what a DBA
 * sees of it in the server's list of sessions.
 */
export function unitBlock(stream: StreamRef, call: UnitCall, names: BlockNames): UnitBlock {
  const claim = claimValues(stream, call);
  const { text, values } = workOf(stream, call, names);
  const place = (match: string): string => `:${Number(match.slice(1)) + claim.length}`;
  return {
    text: `/* ${label(stream, call)} */ DECLARE v_go NUMBER(1); BEGIN
dom$run.claim(${claim.map((_, i) => `:${i + 1}`).join(', ')}, v_go);
IF v_go = 1 THEN ${text.replaceAll(/:\d+/g, place)} dom$run.done(); END IF;`,
    values: [...claim, ...values],
  };
}

function label({ operationId, runId }: StreamRef, { unit }: UnitCall): string {
  return `odtm ${operationId}/${unit.task} run ${runId}`.replaceAll('*/', '');
}

function workOf(stream: StreamRef, call: UnitCall, names: BlockNames): UnitBlock {
  const { work, kind, unit, object } = call;
  const { handle } = stream;
  switch (work.call) {
    case 'sql':
      return {
        text: 'dom.execute_immediate(:1, :2, NULL, :3);',
        values: [
          handle,
          withoutEnd(work.sql),
          work.doneWhen === null ? null : withoutEnd(work.doneWhen),
        ],
      };
    case 'split':
      return splitOf(handle, work.chunks, object);
    case 'procedure': {
      const procedure = `${names.quote(names.packageName)}.${names.quote(work.procedure)}`;
      if (kind === 'iterator')
        return { text: `${procedure}(:1, :2, :3);`, values: [handle, object.owner, object.name] };
      if (kind === 'final')
        return {
          text: `${procedure}(:1, :2);`,
          values: [handle, unit.task === 'final_error' ? 'Y' : 'N'],
        };
      return { text: `${procedure}(:1);`, values: [handle] };
    }
  }
}

function splitOf(handle: string, chunks: ChunkSpec, object: PlannedObject): UnitBlock {
  if (chunks.by === 'sql')
    return { text: 'dom$split.by_sql(:1, :2);', values: [handle, withoutEnd(chunks.sql)] };
  const [owner = null, table = null] =
    chunks.table === '@object' ? [object.owner, object.name] : chunks.table.split('.', 2);
  return {
    text: 'dom$split.by_key(:1, :2, :3, :4, :5);',
    values: [handle, owner, table, chunks.column, chunks.size],
  };
}

/** The text of a statement without the semicolon at its end, and without what is only comment behind it. */
function withoutEnd(sql: string): string {
  const tokens = lex(sql);
  const isEnd = ({ kind, text }: Token): boolean =>
    kind === 'space' || kind === 'comment' || text === ';';
  const last = tokens.findLastIndex((token) => !isEnd(token));
  return tokens
    .slice(0, last + 1)
    .map(({ text }) => text)
    .join('');
}
