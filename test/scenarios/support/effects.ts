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
export async function effectsOf(world: World, runId = '1'): Promise<Effects> {
  const banks: Record<string, unknown> = {};
  for (const bank of world.banks) banks[bank.name] = await contentsOf(bank);
  return {
    banks,
    units: await texts(world, runId, UNITS),
    statements: await texts(world, runId, STATEMENTS),
    open: await texts(world, runId, OPEN),
  };
}

async function contentsOf(bank: Bank): Promise<unknown> {
  const seals = await bank.sql<{ name: string }>(
    `SELECT format('torture.%I', relname) AS name FROM pg_class
      WHERE relnamespace = to_regnamespace('torture') AND relkind = 'r' AND relname LIKE 'seal%' ORDER BY 1`,
  );
  const totals = seals.map(({ name }) => `SELECT '${name}' AS seal, total FROM ${name}`);
  const sealed = totals.length === 0 ? `SELECT 'none' AS seal` : totals.join(' UNION ALL ');
  const [row] = await bank.sql<{ contents: unknown }>(
    `SELECT jsonb_build_object(
       'account', (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM bank.account t),
       'saving', (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM bank.saving t),
       'ledger', (SELECT jsonb_agg(to_jsonb(t) ORDER BY to_jsonb(t)) FROM bank.ledger t),
       'side', (SELECT jsonb_agg(to_jsonb(t) ORDER BY name) FROM bank.side t),
       'switch', (SELECT jsonb_agg(to_jsonb(t)) FROM bank.switch t),
       'round', (SELECT jsonb_agg(to_jsonb(t) ORDER BY to_jsonb(t)) FROM torture.round t),
       'seals', (SELECT jsonb_agg(to_jsonb(t) ORDER BY to_jsonb(t)) FROM (${sealed}) t),
       'indexes', (SELECT jsonb_agg(jsonb_build_array(indexrelid::regclass, indisvalid) ORDER BY indexrelid)
                     FROM pg_index WHERE indrelid = 'bank.ledger'::regclass)) AS contents`,
  );
  return row?.contents;
}

/** How many rows of the framework are left on a target. */
export async function rowsLeft(bank: Bank): Promise<number> {
  const [row] = await bank.sql<{ rows: number }>(
    `SELECT ((SELECT count(*) FROM dom.dom$unit) + (SELECT count(*) FROM dom.dom$statement)
           + (SELECT count(*) FROM dom.dom$chunk) + (SELECT count(*) FROM dom.dom$parameter)
           + (SELECT count(*) FROM dom.dom$stream))::integer AS rows`,
  );
  return row?.rows ?? Number.NaN;
}

async function texts(world: World, runId: string, query: string): Promise<string[]> {
  return (await world.sql<{ text: string }>(query, [runId])).map(({ text }) => text).sort();
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
