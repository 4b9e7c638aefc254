import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { textOf } from '../../examples/purge-orders/demo/odtm-command.ts';
import { bootstrap, withClient } from '../../examples/purge-orders/demo/shop.ts';
import { asSuperuser, createDatabase, dropRole, type TestDatabase } from '../support/database.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { odtmHere } from './odtm-here.ts';

const ROOT = join(import.meta.dirname, '../..');
const suffix = randomBytes(5).toString('hex');
const login = { user: `odtm_${suffix}`, password: randomBytes(12).toString('hex') };
const owner = `app_${suffix}`;

let folder: TempDir;
let repository: TestDatabase;
let shop: TestDatabase;

beforeAll(async () => {
  folder = await tempDir();
  repository = await createDatabase('repository');
  shop = await createDatabase('shop');
  await asSuperuser(
    `CREATE ROLE ${owner} NOLOGIN;
     CREATE SCHEMA app AUTHORIZATION ${owner};
     CREATE TABLE app.drafts AS SELECT generate_series(1, 25000) AS id;
     ALTER TABLE app.drafts OWNER TO ${owner}`,
    shop.url,
  );
});

afterAll(async () => {
  for (const database of [shop, repository]) await database.drop();
  await dropRole(login.user);
  await dropRole(owner);
  await folder.remove();
});

it('the first operation of the README works as it is written', async () => {
  const odtm = odtmHere(folder.path, {
    ODTM_REPOSITORY: repository.url,
    SHOP_PASSWORD: login.password,
  });
  for (const [file, text] of await filesOfReadme()) {
    const path = join(folder.path, file);
    await mkdir(dirname(path), { recursive: true });
    const address = `${new URL(shop.url).host}/${shop.name}`;
    await writeFile(
      path,
      text.replace('db1:5432/shop', address).replace('odtm,', `${login.user},`),
    );
  }
  const client = ['client-script', '--engine', 'postgres', '--database', shop.name];
  const script = await textOf(odtm, ...client, '--owner', owner, '--user', login.user);
  await bootstrap({ name: 'shop', database: shop.name, url: shop.url }, script, login);

  await textOf(odtm, 'apply');
  expect(await odtm('run', '7', '--env', 'PROD')).toMatchObject({ code: 0 });
  const left = await withClient(shop.url, (connected) =>
    connected.query('SELECT count(*)::integer AS drafts FROM app.drafts'),
  );
  expect(left.rows).toEqual([{ drafts: 0 }]);
  // Three rounds of at most 10,000 rows each.
  const log = await textOf(odtm, 'log', 'last', '--statements');
  expect(log.match(/DELETE FROM app\.drafts/g)).toHaveLength(3);
});

it('ARCHITECTURE names only tests that exist, and at least one for each invariant', async () => {
  const page = await readFile(join(ROOT, 'docs/ARCHITECTURE.md'), 'utf8');
  const invariants = page.split(/^\*\*\d+\. /m).slice(1);
  expect(invariants).toHaveLength(10);
  for (const invariant of invariants) {
    const tests = [...invariant.matchAll(/^- `(\S+\.test\.ts)` “([^”]+)”/gm)];
    expect(tests.length, invariant).toBeGreaterThan(0);
    for (const [, file = '', title = ''] of tests) {
      expect(await readFile(join(ROOT, file), 'utf8'), file).toContain(title);
    }
  }
});

it('the links of the README and of ARCHITECTURE lead somewhere', async () => {
  for (const page of ['README.md', 'docs/ARCHITECTURE.md']) {
    const text = await readFile(join(ROOT, page), 'utf8');
    for (const [, link = ''] of text.matchAll(/\]\((\S+)\)/g)) {
      expect(existsSync(join(ROOT, dirname(page), link)), link).toBe(true);
    }
  }
});

/** The files that the README shows: a block whose first line is a comment with a name. */
async function filesOfReadme(): Promise<[string, string][]> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const blocks = readme.matchAll(/^```\w+\n(?:#|--) (\S+\.(?:yaml|sql))\n([\s\S]*?)^```$/gm);
  const files = [...blocks].map(([, file = '', text = '']): [string, string] => [file, text]);
  expect(files.map(([file]) => file)).toEqual([
    'project.yaml',
    'packages/tidy_up/postgres/tidy_up.sql',
  ]);
  return files;
}
