import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { PackageFile } from '../../core/definitions/model.ts';
import { compareText } from '../../core/definitions/names.ts';

/** The framework's files and the hash by which an installed one is recognised. */
export interface Framework {
  readonly files: readonly PackageFile[];
  readonly sha256: string;
}

/** A function that reads the files of an adapter's framework, once. */
export function frameworkIn(folder: URL, endings: RegExp): () => Promise<Framework> {
  let loaded: Promise<Framework> | null = null;
  return () => {
    loaded ??= load(folder, endings);
    return loaded;
  };
}

async function load(folder: URL, endings: RegExp): Promise<Framework> {
  const names = (await readdir(folder)).filter((name) => endings.test(name)).sort(compareText);
  const files = await Promise.all(names.map((name) => readOne(folder, name)));
  const all = files.map(({ path, sha256 }) => `${path} ${sha256}\n`).join('');
  return { files, sha256: hashOf(all) };
}

async function readOne(folder: URL, path: string): Promise<PackageFile> {
  // A folder's URL ends with a slash; a name may have characters that a URL would read as its own.
  const text = await readFile(new URL(encodeURIComponent(path), folder), 'utf8');
  return { path, role: 'code', text, sha256: hashOf(text) };
}

/** Hex SHA-256 of a text. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
