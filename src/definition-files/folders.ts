import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { compareText } from '../core/definitions/names.ts';

/** What a folder holds, by name; links are followed; hidden files are left out. */
export interface FolderContent {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

const MAX_DEPTH = 12;

/** The content of a folder in the order of the names; empty where there is no such folder. */
export async function contentOf(folder: string): Promise<FolderContent> {
  const files: string[] = [];
  const folders: string[] = [];
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  for (const name of names.sort(compareText)) {
    if (name.startsWith('.')) continue;
    const kind = await stat(path.join(folder, name)).catch(() => null);
    if (kind?.isDirectory()) folders.push(name);
    else files.push(name);
  }
  return { files, folders };
}

/**
 * The definition files of a project, relative to it: *.yaml and *.yml in the folder itself, and at any
 * depth in definitions/ and operations/.
 */
export async function definitionFilesIn(project: string): Promise<string[]> {
  const found = await yamlFiles(project, '', 0);
  for (const folder of ['definitions', 'operations']) {
    found.push(...(await yamlFiles(project, folder, MAX_DEPTH)));
  }
  return found;
}

async function yamlFiles(project: string, folder: string, depth: number): Promise<string[]> {
  const { files, folders } = await contentOf(path.join(project, folder));
  const found = files
    .filter((name) => /\.ya?ml$/i.test(name))
    .map((name) => path.posix.join(folder, name));
  if (depth === 0) return found;
  for (const name of folders) {
    found.push(...(await yamlFiles(project, path.posix.join(folder, name), depth - 1)));
  }
  return found;
}
