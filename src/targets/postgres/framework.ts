import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { PackageFile } from '../../core/definitions/model.ts';
import { compareText } from '../../core/definitions/names.ts';

/** The framework's files and the hash by which an installed one is recognised. */
export interface Framework {
  readonly files: readonly PackageFile[];
  readonly sha256: string;
}

const FOLDER = new URL('./framework/', import.meta.url);
let loaded: Promise<Framework> | null = null;

/** Reads the files of the framework, once. */
export function framework(): Promise<Framework> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Framework> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).sort(compareText);
  const files = await Promise.all(names.map(readOne));
  const all = files.map(({ path, sha256 }) => `${path} ${sha256}\n`).join('');
  return { files, sha256: hashOf(all) };
}

async function readOne(path: string): Promise<PackageFile> {
  const text = await readFile(new URL(path, FOLDER), 'utf8');
  return { path, role: 'code', text, sha256: hashOf(text) };
}

/** Hex SHA-256 of a text. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
