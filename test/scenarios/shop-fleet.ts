import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Account,
  accountOf,
  faultsOf,
  type Retention,
} from '../../examples/purge-orders/demo/account.ts';
import { OdtmCommand } from '../../examples/purge-orders/demo/odtm-command.ts';
import { copyProject, placeShops } from '../../examples/purge-orders/demo/project.ts';
import { bootstrap, createShop, type Shop } from '../../examples/purge-orders/demo/shop.ts';
import { asSuperuser, createDatabase, dropRole, superuserUrl } from '../support/database.ts';
import { tempDir } from '../support/temp-dir.ts';

const NAMES = ['shop_eu', 'shop_us', 'shop_asia', 'shop_latam'];

/** The example on the shared server: a repository and four shops, with roles of their own. */
export interface ShopFleet extends AsyncDisposable {
  readonly odtm: OdtmCommand;
  readonly shops: readonly Shop[];
  shop(name: string): Shop;
  /** Changes a file of the project. */
  edit(file: string, from: string, to: string): Promise<void>;
  accounts(retention?: (instance: string) => Retention): Promise<Map<string, Account>>;
}

export async function createShopFleet(ordersAMonth: number): Promise<ShopFleet> {
  const suffix = randomBytes(5).toString('hex');
  const login = { user: `odtm_${suffix}`, password: randomBytes(12).toString('hex') };
  const owner = `app_owner_${suffix}`;
  const folder = await tempDir();
  const repository = await createDatabase('repository');
  const odtm = new OdtmCommand({
    folder: folder.path,
    env: { ODTM_REPOSITORY: repository.url, SHOP_PASSWORD: login.password },
  });
  const script = (database: string): Promise<string> =>
    odtm.text(
      ...['client-script', '--engine', 'postgres', '--user', login.user],
      ...['--database', database, '--owner', owner],
    );
  const shops: Shop[] = [];
  for (const name of NAMES) {
    const database = `${name}_${suffix}`;
    const request = { name, serverUrl: superuserUrl(), database, owner, ordersAMonth };
    shops.push(await bootstrap(await createShop(request), await script(database), login));
  }
  await copyProject(folder.path);
  await placeShops(folder.path, shops);
  const remove = async (): Promise<void> => {
    odtm.stop();
    for (const { database } of shops) await asSuperuser(`DROP DATABASE ${database} WITH (FORCE)`);
    await dropRole(login.user);
    await dropRole(owner);
    await repository.drop();
    await folder.remove();
  };
  return {
    odtm,
    shops,
    shop: (name) => shopOf(shops, name),
    edit: (file, from, to) => edit(join(folder.path, file), from, to),
    accounts: (retention = inProduction) => accountsOf(shops, retention),
    [Symbol.asyncDispose]: remove,
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
