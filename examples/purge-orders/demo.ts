/**
 * Runs operation 12 over four shops, each a PostgreSQL server with real rows. One of them has too little
 * space for a sort and fails at task 4; the cause is fixed and the same command goes on from there.
 * With --engines all it runs operation 30 over Oracle (a stand-in), MariaDB and PostgreSQL instead.
 * Options: --orders-a-month <number>, --events-a-month <number> (with --engines all), --data-dir <folder>,
 * --keep (leaves the data for looking around, but for MariaDB's).
 */
import { rm } from 'node:fs/promises';
import { inspect, parseArgs } from 'node:util';
import { defaultDataDir } from '../../src/repository/embedded/location.ts';
import { type Account, accountOf, isFeedOn, ordersOf, type Retention } from './demo/account.ts';
import { accountTable, checksOf, type Evidence } from './demo/checks.ts';
import { type Fleet, makeDataDir, runningServers, startFleet, stopFleet } from './demo/fleet.ts';
import { documentOf, type OdtmCommand } from './demo/odtm-command.ts';
import { readRun } from './demo/run-record.ts';
import { limitTemporaryFiles, type Shop } from './demo/shop.ts';
import { count, heading, prompt, say, verdict } from './demo/terminal.ts';

const FAILING = 'shop_asia';
const RUN = ['run', '12', '--env', 'PROD'];

/** What a December's rows under hold need for sorting is above it, what any other month's need below. */
const LIMIT_BYTES_AN_ORDER = 80;

const options = parseArgs({
  options: {
    engines: { type: 'string', default: 'postgres' },
    'events-a-month': { type: 'string', default: '3000' },
    'orders-a-month': { type: 'string', default: '11000' },
    'data-dir': { type: 'string', default: defaultDataDir('demo') },
    keep: { type: 'boolean', default: false },
  },
}).values;
const dataDir = options['data-dir'];
const ordersAMonth = Number.parseInt(options['orders-a-month'], 10);
const startedMs = performance.now();

let fleet: Fleet | undefined;
let command: OdtmCommand | undefined;
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupted = true;
    command?.stop();
  });
}

process.exitCode = 1;
try {
  if (!['postgres', 'all'].includes(options.engines)) {
    throw new Error(`--engines is postgres or all, not ${options.engines}.`);
  }
  // A folder that is not the demo's own is refused here, before anything is stopped or removed.
  await makeDataDir(dataDir);
  process.exitCode = (await demonstrateAndTidyUp()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${interrupted ? 'Interrupted.' : inspect(error)}\n`);
}

async function demonstrateAndTidyUp(): Promise<boolean> {
  try {
    return await (options.engines === 'all' ? demonstrateAllEngines() : demonstrate());
  } finally {
    await tidyUp();
  }
}

/** @throws Error when a server is left running */
async function tidyUp(): Promise<void> {
  await stopFleet(dataDir);
  const left = await runningServers(dataDir);
  if (left.length > 0) throw new Error(`These servers still run: ${left.join(', ')}.`);
  if (!options.keep) await rm(dataDir, { recursive: true, force: true });
  say(options.keep ? `The data stays in ${dataDir}.` : 'No server is left running.');
}

/** Loaded when it is asked for: it needs a server of MariaDB, and the drivers of all engines. */
async function demonstrateAllEngines(): Promise<boolean> {
  const { demonstrateEngines } = await import('../purge-events/demo/engines.ts');
  const eventsAMonth = Number.parseInt(options['events-a-month'], 10);
  const onCommand = (odtm: OdtmCommand) => {
    command = odtm;
  };
  return demonstrateEngines({ dataDir, eventsAMonth, step, onCommand, seconds });
}

async function demonstrate(): Promise<boolean> {
  heading('Four shops, a PostgreSQL server each, and one for the repository');
  fleet = await startFleet(dataDir, ordersAMonth);
  const { shops, odtm } = fleet;
  command = odtm;
  await step(() => odtm.show('apply'));
  const before = await accountsOf(fleet);
  const orders = [...before.values()].reduce((sum, account) => sum + ordersOf(account), 0);
  const items = [...before.values()].reduce((sum, account) => sum + account.allItems, 0);
  say(`\n${count(orders)} orders with ${count(items)} items, ready after ${seconds()}.`);

  heading(`On ${FAILING} a DBA has limited the space for temporary files`);
  await limit(shops, `${Math.round((ordersAMonth * LIMIT_BYTES_AN_ORDER) / 1024)}kB`);

  heading('Operation 12 in environment PROD');
  const first = await step(() => odtm.show(...RUN));

  heading('What failed, from the central log');
  await step(() => odtm.show('log', 'last', '--failed'));
  await step(() => odtm.show('log', 'last', '--failed', '--statements'));
  const failed = await readRun(odtm.run);
  const feeds = await Promise.all(shops.map(isFeedOn));
  const feedsOnAfterFailure = feeds.every((on) => on);

  heading('The cause is fixed, and the same command goes on');
  await limit(shops, null);
  const second = await step(() => odtm.show(...RUN));
  const ended = await readRun(odtm.run);
  const after = await accountsOf(fleet);

  heading('The account');
  const exitCodes = [first, second];
  return report({ failing: FAILING, exitCodes, failed, ended, feedsOnAfterFailure, before, after });
}

function report(evidence: Evidence): boolean {
  say(accountTable(evidence));
  say();
  const checks = checksOf(evidence);
  for (const { ok, text } of checks) say(`${verdict(ok)}  ${text}`);
  const right = checks.filter(({ ok }) => ok).length;
  const all = right === checks.length;
  say(`\n${verdict(all)}  ${right} of ${checks.length} checks, after ${seconds()}`);
  return all;
}

async function limit(shops: readonly Shop[], size: string | null): Promise<void> {
  const shop = shops.find(({ name }) => name === FAILING);
  if (shop === undefined) throw new Error(`There is no shop ${FAILING}.`);
  const change = size === null ? 'RESET temp_file_limit' : `SET temp_file_limit = '${size}'`;
  prompt(`psql ${FAILING} -c "ALTER ROLE ${shop.user} IN DATABASE ${shop.database} ${change}"`);
  await limitTemporaryFiles(shop, size);
}

/** The accounts of all shops, each by the parameters that count there. */
async function accountsOf({ shops, odtm }: Fleet): Promise<Map<string, Account>> {
  interface Parameter {
    readonly name: string;
    readonly value: string;
  }
  const { scopes } = await documentOf<{
    scopes: { instance: string; parameters: Parameter[] }[];
  }>(odtm.run, 'params', '12', '--env', 'PROD');
  const retentionOf = (instance: string): Retention => {
    const parameters = scopes.find((scope) => scope.instance === instance)?.parameters;
    const value = (name: string) => parameters?.find((one) => one.name === name)?.value ?? '';
    return { referenceDate: value('reference_date'), monthsKept: Number(value('months_kept')) };
  };
  const accounts = await Promise.all(
    shops.map(async (shop): Promise<[string, Account]> => {
      return [shop.name, await accountOf(shop, retentionOf(shop.name))];
    }),
  );
  return new Map(accounts);
}

/** @throws Error after a signal, so that nothing more is begun */
async function step(work: () => Promise<number>): Promise<number> {
  throwIfInterrupted();
  const code = await work();
  throwIfInterrupted();
  return code;
}

function throwIfInterrupted(): void {
  if (interrupted) throw new Error('The demo was interrupted.');
}

function seconds(): string {
  return `${Math.round((performance.now() - startedMs) / 1000)} s`;
}
