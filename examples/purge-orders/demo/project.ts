import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Shop } from './shop.ts';

const EXAMPLE = fileURLToPath(new URL('..', import.meta.url));

/** Copies the example's definitions and package. */
export async function copyProject(folder: string): Promise<void> {
  const isProject = (source: string) => !/\.ts$|\/(demo|shop)$/.test(source);
  await cp(EXAMPLE, folder, { recursive: true, filter: isProject });
}

/** Writes where the shops are and who logs in; all else stays as the example has it. */
export async function placeShops(folder: string, shops: readonly Shop[]): Promise<void> {
  const file = join(folder, 'instances.yaml');
  let text = await readFile(file, 'utf8');
  for (const { name, url, database } of shops) {
    const written = `${name.replace('_', '-')}.example:5432/shop`;
    if (!text.includes(written)) throw new Error(`${file} does not have the address ${written}.`);
    text = text.replace(written, `${new URL(url).host}/${database}`);
  }
  const user = shops[0]?.user ?? 'odtm';
  await writeFile(file, text.replaceAll('user: odtm', `user: ${user}`));
}
