import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Account,
  accountOf,
  faultsOf,
  type Retention,
} from '../../examples/purge-orders/demo/account.ts';
import { type RunOdtm, textOf } from '../../examples/purge-orders/demo/odtm-command.ts';
import { copyProject, placeShops } from '../../examples/purge-orders/demo/project.ts';
import { bootstrap, createShop, type Shop } from '../../examples/purge-orders/demo/shop.ts';
import {
  asSuperuser,
  createDatabase,
  dropRole,
  superuserUrl,
  type TestDatabase,
} from '../support/database.ts';
import { tempDir } from '../support/temp-dir.ts';
import { odtmHere } from './odtm-here.ts';

const NAMES = ['shop_eu', 'shop_us', 'shop_asia', 'shop_latam'];

/** A filled shop, from which the shops of each test are copied, with the roles that they share. */
export interface ShopModel extends AsyncDisposable {
  readonly database: string;
  readonly owner: string;
  readonly user: string;
  readonly password: string;
}

/** The example on the shared server: a repository and four shops. */
export interface ShopFleet extends AsyncDisposable {
  readonly odtm: RunOdtm;
  readonly shops: readonly Shop[];
  shop(name: string): Shop;
  /** Changes a file of the project. */
  edit(file: string, from: string, to: string): Promise<void>;
  accounts(retention?: (instance: string) => Retention): Promise<Map<string, Account>>;
}

/** Fills a shop. */
export async function createShopModel(ordersAMonth: number): Promise<ShopModel> {
  const suffix = randomBytes(5).toString('hex');
  const [database, owner, user] = [`shop_${suffix}`, `app_owner_${suffix}`, `odtm_${suffix}`];
  await createShop({ name: 'model', serverUrl: superuserUrl(), database, owner, ordersAMonth });
  return {
    database,
    owner,
    user,
    password: randomBytes(12).toString('hex'),
    [Symbol.asyncDispose]: async () => {
      await asSuperuser(`DROP DATABASE ${database} WITH (FORCE)`);
      await dropRole(user);
      await dropRole(owner);
    },
  };
}

/** Four shops like the model, prepared with the script that a DBA gets, and the definitions applied. */
export async function createShopFleet(model: ShopModel): Promise<ShopFleet> {
  const folder = await tempDir();
  const repository = await createDatabase('repository');
  const env = { ODTM_REPOSITORY: repository.url, SHOP_PASSWORD: model.password };
  const odtm = odtmHere(folder.path, env);
  const databases: TestDatabase[] = [];
  const shops: Shop[] = [];
  for (const name of NAMES) {
    const database = await createDatabase(name, { template: model.database });
    databases.push(database);
    const { user, owner } = model;
    const client = ['client-script', '--engine', 'postgres', '--database', database.name];
    const script = await textOf(odtm, ...client, '--user', user, '--owner', owner);
    shops.push(
      await bootstrap({ name, database: database.name, url: database.url }, script, model),
    );
  }
  await copyProject(folder.path);
  await placeShops(folder.path, shops);
  await textOf(odtm, 'apply');
  return {
    odtm,
    shops,
    shop: (name) => shopOf(shops, name),
    edit: (file, from, to) => edit(join(folder.path, file), from, to),
    accounts: (retention = inProduction) => accountsOf(shops, retention),
    [Symbol.asyncDispose]: async () => {
      for (const database of [...databases, repository]) await database.drop();
      await folder.remove();
    },
  };
}

function shopOf(shops: readonly Shop[], name: string): Shop {
  const found = shops.find((shop) => shop.name === name);
  if (found === undefined) throw new Error(`There is no shop ${name}.`);
  return found;
}

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not have: ${from}`);
  await writeFile(file, text.replace(from, to));
}

/** What the example's parameters must come to in PROD, told without asking ODTM. */
export function inProduction(instance: string): Retention {
  return { referenceDate: '2026-07-01', monthsKept: instance === 'shop_latam' ? 30 : 24 };
}

async function accountsOf(
  shops: readonly Shop[],
  retention: (instance: string) => Retention,
): Promise<Map<string, Account>> {
  const accounts = new Map<string, Account>();
  for (const shop of shops) accounts.set(shop.name, await accountOf(shop, retention(shop.name)));
  return accounts;
}

/** What is wrong with the accounts of all shops, before and after a purge. */
export function faultsOfAll(
  before: ReadonlyMap<string, Account>,
  after: ReadonlyMap<string, Account>,
): string[] {
  return [...before].flatMap(([name, account]) => {
    const last = after.get(name);
    const faults = last === undefined ? ['not counted'] : faultsOf(account, last);
    return faults.map((fault) => `${name}: ${fault}`);
  });
}
