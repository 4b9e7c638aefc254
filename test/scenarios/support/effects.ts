import type { Bank } from './bank.ts';
import type { World } from './world.ts';

/** Everything that a run has done, in a form in which two runs can be compared. */
export interface Effects {
  /** Every row of every table that the operation touches, by instance. */
  readonly banks: Readonly<Record<string, unknown>>;
  /** Committed units, as often as the central log has them. */
  readonly units: readonly string[];
  /** Committed statements, as often as the central log has them. */
  readonly statements: readonly string[];
  /** What the central log still has as under way. */
  readonly open: readonly string[];
}

/** Installs, initials and the finals after a stop repeat on purpose with every attempt. */
const REPEATED = `('install', 'initial', 'final_error')`;

/** The effects of a run (the first one) on everything, read past ODTM. */
export async function effectsOf(world: World<Bank>, runId = '1'): Promise<Effects> {
  const banks: Record<string, unknown> = {};
  for (const bank of world.banks) banks[bank.name] = await bank.contents();
  return {
    banks,
    units: await texts(world, runId, UNITS),
    statements: await texts(world, runId, STATEMENTS),
    open: await texts(world, runId, OPEN),
  };
}

/** How many rows of the framework are left on a target. */
export function rowsLeft(bank: Bank): Promise<number> {
  return bank.rowsLeft();
}

async function texts(world: World<Bank>, runId: string, query: string): Promise<string[]> {
  const rows = await world.sql<{ text: string }>(query, [runId]);
  const own = (text: string) => world.banks.reduce((all, bank) => bank.withoutOwnNames(all), text);
  return rows.map(({ text }) => own(text)).sort();
}

const UNIT_NAME = `concat_ws(' ', s.instance, u.object, u.iteration, u.task, u.chunk)`;

const UNITS = `
  SELECT ${UNIT_NAME} || ' ' || u.kind || ' ' || u.status AS text
    FROM odtm.unit_log u JOIN odtm.stream s ON s.id = u.stream_id
   WHERE u.run_id = $1 AND u.status IN ('done', 'complete', 'skipped') AND u.task NOT IN ${REPEATED}`;

/** The handle is another one in each run. */
const STATEMENTS = `
  SELECT ${UNIT_NAME} || ': ' || replace(u.text, s.handle, 'handle') AS text
    FROM odtm.statement_log u JOIN odtm.stream s ON s.id = u.stream_id
   WHERE u.run_id = $1 AND u.status = 'committed' AND u.task NOT IN ${REPEATED}`;

const OPEN = `
  SELECT ${UNIT_NAME} || ' unit ' || u.status AS text
    FROM odtm.unit_log u JOIN odtm.stream s ON s.id = u.stream_id
   WHERE u.run_id = $1 AND u.status = 'running'
  UNION ALL
  SELECT ${UNIT_NAME} || ' statement ' || u.status || ': ' || u.text
    FROM odtm.statement_log u JOIN odtm.stream s ON s.id = u.stream_id
   WHERE u.run_id = $1 AND u.status IN ('running', 'executed')`;
