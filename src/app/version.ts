import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The version in package.json, which lies above the sources and above what is built of them. */
export async function packageVersion(): Promise<string> {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => null);
    const { name, version } = text === null ? {} : JSON.parse(text);
    if (name === 'odtm') return version;
  }
  return 'unknown';
}
