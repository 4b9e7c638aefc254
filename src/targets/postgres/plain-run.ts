import { unitId } from '../../core/run/unit.ts';
import type { UnitCall, UnitResult } from '../../ports/target.ts';
import type { StatementFeed } from '../protocol/statement-feed.ts';
import { inDoubt } from '../protocol/unit-words.ts';
import type { Connection } from './connection.ts';
import { type ErrorScene, targetError, withHint } from './errors.ts';
import { type Facts, factsBefore, leftBehind, type Resolution, resolveDoubt } from './in-doubt.ts';
import { type PlainStatement, plainStatement } from './plain-sql.ts';
import { type ClaimedRow, claimPlain, dropStarted, endPlain, type StreamRef } from './unit-sql.ts';

/** A plain-SQL unit whose statement cannot run in a transaction. */
export interface PlainUnit {
  readonly session: Connection;
  readonly stream: StreamRef;
  readonly instance: string;
  readonly call: UnitCall;
  readonly sql: string;
  readonly doneWhen: string | null;
  readonly statement: PlainStatement;
  readonly feed: StatementFeed;
  readonly scene: () => ErrorScene;
  /** The statement has ended: a cancel must not hit what comes after it. */
  readonly statementEnded: () => void;
}

interface Intent {
  readonly sql: string;
  readonly facts: Facts;
}

/**
 * Intent, effect, outcome: each commits by itself. An intent without outcome, of a crash or a failure
 * before, is first resolved by looking at the catalogue.
 */
export async function runPlain(unit: PlainUnit): Promise<UnitResult> {
  await lockUnit(unit);
  try {
    for (;;) {
      const intent: Intent = {
        sql: unit.sql,
        facts: await factsBefore(unit.session, unit.statement),
      };
      const claim = await claimPlain(unit.session, unit.stream, unit.call, intent);
      if (claim.claimed) return await execute(unit, claim.unit_id, intent);
      if (claim.status !== 'started') return recorded(claim);
      const done = await resolveEarlier(unit, claim);
      if (done !== null) return done;
    }
  } finally {
    await unlockUnit(unit).catch(() => undefined);
  }
}

async function execute(unit: PlainUnit, id: string, intent: Intent): Promise<UnitResult> {
  const { session, stream, feed, sql } = unit;
  feed.beganPlain(sql);
  try {
    const { rowCount } = await session.execute(sql, [], { scene: unit.scene });
    unit.statementEnded();
    const ended = feed.endedPlain(rowCount);
    await endPlain(session, stream, id, ended, null);
    return result(ended.elapsedMs, rowCount, null);
  } catch (error) {
    unit.statementEnded();
    const failure = targetError(error);
    if (failure.kind === 'lost') throw failure;
    const left = await leftBehind(session, unit.statement, intent.facts);
    // The intent stays while something is left behind: by it the next try knows that it may remove it.
    if (left === null) await dropStarted(session, stream, id);
    throw left === null ? failure : withHint(failure, left);
  }
}

/** An intent without an outcome is there. Null: it had no effect and is taken back, begin again. */
async function resolveEarlier(unit: PlainUnit, claim: ClaimedRow): Promise<UnitResult | null> {
  const { session, stream, feed, sql } = unit;
  const earlier = claim.intent as Intent;
  const statement = plainStatement(earlier.sql) ?? { kind: 'other' };
  const found = await resolveDoubt(session, statement, earlier.facts);
  const resolution = found.as === 'unknown' ? await askAuthor(unit) : found;
  if (resolution.as === 'unknown')
    throw inDoubt(unitId(unit.call.unit), unit.instance, doubt(unit));
  if (resolution.as === 'again' || earlier.sql !== sql) {
    await dropStarted(session, stream, claim.unit_id);
    return null;
  }
  const message = `Found in effect after an earlier try: ${resolution.because}.`;
  feed.beganPlain(sql);
  const ended = feed.endedPlain(null);
  await endPlain(session, stream, claim.unit_id, ended, message);
  return result(ended.elapsedMs, null, message);
}

/** The author's own probe, where there is one. */
async function askAuthor({ session, doneWhen }: PlainUnit): Promise<Resolution> {
  if (doneWhen === null) return { as: 'unknown' };
  const rows = await session.query(doneWhen);
  const answer: unknown = Object.values(rows[0] ?? {})[0];
  if (answer === true) return { as: 'done', because: 'done_when answered true' };
  return answer === false || rows.length === 0 ? { as: 'again' } : { as: 'unknown' };
}

function doubt({ doneWhen }: PlainUnit): string {
  return doneWhen === null
    ? 'its statement was begun and no end is recorded, and no done_when is given'
    : 'its statement was begun and no end is recorded, and done_when answered neither true nor false';
}

function recorded({ status, message }: ClaimedRow): UnitResult {
  return {
    outcome: 'recorded',
    recordedOutcome: status,
    message,
    elapsedMs: null,
    rows: null,
    statements: 1,
  };
}

function result(elapsedMs: number, rows: number | null, message: string | null): UnitResult {
  return { outcome: 'done', recordedOutcome: 'done', message, elapsedMs, rows, statements: 1 };
}

const UNIT_LOCK = `pg_catalog.hashtextextended('odtm unit ' || $1, 0)`;

/**
 * Two sessions must not work on one such unit. The lock is asked for again and again instead of waited for:
 * a waiting session holds a snapshot, and CREATE INDEX CONCURRENTLY would wait for that in turn.
 */
async function lockUnit({ session, stream, call, scene }: PlainUnit): Promise<void> {
  const key = `${stream.handle} ${unitId(call.unit)}`;
  for (;;) {
    const rows = await session.query<{ locked: boolean }>(
      `SELECT pg_catalog.pg_try_advisory_lock(${UNIT_LOCK}) AS locked`,
      [key],
      { scene },
    );
    if (rows[0]?.locked === true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function unlockUnit({ session, stream, call }: PlainUnit): Promise<void> {
  await session.query(`SELECT pg_catalog.pg_advisory_unlock(${UNIT_LOCK})`, [
    `${stream.handle} ${unitId(call.unit)}`,
  ]);
}
