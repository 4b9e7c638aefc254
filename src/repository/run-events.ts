import { sql } from 'kysely';
import type { Session } from './connection.ts';

/** What persons and controllers did to runs. */
export const RUN_EVENTS = [
  'started',
  'restarted',
  'package_changed',
  'halt',
  'halt_now',
  'cancel',
  'cancel_without_final',
  'skipped',
  'done',
  'again',
  'taken_over',
  'ended',
] as const;
export type RunEventKind = (typeof RUN_EVENTS)[number];

export interface NewRunEvent {
  readonly runId: string;
  readonly instance?: string;
  readonly kind: RunEventKind;
  readonly by: string;
  readonly detail?: string | null;
}

export async function insertRunEvent(session: Session, event: NewRunEvent): Promise<void> {
  await session.query(sql`
    insert into odtm.run_event (run_id, instance, kind, by, detail)
    values (${event.runId}, ${event.instance ?? null}, ${event.kind}, ${event.by}, ${event.detail ?? null})`);
}
