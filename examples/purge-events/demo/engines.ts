import { documentOf, type OdtmCommand } from '../../purge-orders/demo/odtm-command.ts';
import { readRun } from '../../purge-orders/demo/run-record.ts';
import { count, heading, prompt, say, verdict } from '../../purge-orders/demo/terminal.ts';
import { type EventsEvidence, eventChecks, eventsTable } from './checks.ts';
import { type Account, eventToSpoil } from './event-data.ts';
import { accountIn, type EventStore, repair, spoil } from './event-store.ts';
import { type EventsFleet, REGIONS, startEventsFleet, whatIsMissing } from './fleet.ts';

const FAILING = 'events_us';
const RUN = ['run', '30', '--env', 'PROD'];

/** What the demo around it offers. */
export interface DemoStage {
  readonly dataDir: string;
  readonly eventsAMonth: number;
  /** Does a step, unless the demo has been interrupted. */
  step(work: () => Promise<number>): Promise<number>;
  /** The command that an interruption must end. */
  onCommand(odtm: OdtmCommand): void;
  seconds(): string;
}

/** Runs one operation over Oracle's wire, MariaDB and PostgreSQL. False where a check failed. */
export async function demonstrateEngines(stage: DemoStage): Promise<boolean> {
  heading('Five regions on three engines, and a repository');
  const missing = await whatIsMissing();
  if (missing !== null) {
    say(missing);
    return false;
  }
  const { dataDir, eventsAMonth, onCommand } = stage;
  const fleet = await startEventsFleet(dataDir, eventsAMonth, onCommand);
  try {
    return report(await evidenceOf(fleet, stage), stage);
  } finally {
    await fleet.stop();
  }
}

async function evidenceOf(fleet: EventsFleet, stage: DemoStage): Promise<EventsEvidence> {
  const { odtm, stores } = fleet;
  const { eventsAMonth, step } = stage;
  await step(() => odtm.show('apply'));
  const before = await accountsIn(stores);
  const events = [...before.values()].reduce((sum, { event }) => sum + event.rows, 0);
  say('\nOracle is a stand-in: its wire and the unmodified driver, with MariaDB behind it.');
  say(`${count(events)} events, ready after ${stage.seconds()}.`);

  heading(`On ${FAILING} somebody has booked a wrong amount`);
  const { id, amount } = eventToSpoil(eventsAMonth);
  const store = stores.find(({ instance }) => instance === FAILING);
  if (store === undefined) throw new Error(`There is no region ${FAILING}.`);
  prompt(`mariadb -e "${await spoil(store, id)}"`);

  heading('Operation 30 in environment PROD');
  const first = await step(() => odtm.show(...RUN));
  heading('What failed, from the central log');
  await step(() => odtm.show('log', 'last', '--failed', '--statements'));
  const failed = await readRun(odtm.run);

  heading('A DBA repairs the data, and the same command goes on');
  for (const sql of await repair(store, id, amount)) prompt(`mariadb -e "${sql}"`);
  const second = await step(() => odtm.show(...RUN));
  return {
    failing: FAILING,
    eventsAMonth,
    engines: REGIONS,
    monthsKept: await monthsKept(odtm),
    exitCodes: [first, second],
    failed,
    ended: await readRun(odtm.run),
    before,
    after: await accountsIn(stores),
  };
}

function report(evidence: EventsEvidence, { seconds }: DemoStage): boolean {
  heading('The account');
  say(eventsTable(evidence));
  say();
  const checks = eventChecks(evidence);
  for (const { ok, text } of checks) say(`${verdict(ok)}  ${text}`);
  const right = checks.filter(({ ok }) => ok).length;
  const all = right === checks.length;
  say(`\n${verdict(all)}  ${right} of ${checks.length} checks, after ${seconds()}`);
  return all;
}

async function accountsIn(stores: readonly EventStore[]): Promise<Map<string, Account>> {
  const accounts = new Map<string, Account>();
  for (const store of stores) accounts.set(store.instance, await accountIn(store));
  return accounts;
}

/** What counts on each instance, as a person asks for it. */
async function monthsKept(odtm: OdtmCommand): Promise<Map<string, number>> {
  interface Scope {
    readonly instance: string;
    readonly parameters: readonly { readonly name: string; readonly value: string }[];
  }
  const { scopes } = await documentOf<{ scopes: Scope[] }>(
    odtm.run,
    'params',
    '30',
    '--env',
    'PROD',
  );
  return new Map(
    scopes.map(({ instance, parameters }) => [
      instance,
      Number(parameters.find(({ name }) => name === 'months_kept')?.value),
    ]),
  );
}
