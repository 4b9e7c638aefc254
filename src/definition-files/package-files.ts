import { createHash } from 'node:crypto';
import path from 'node:path';
import type { PackageFile, PackageVersion } from '../core/definitions/model.ts';
import { compareText } from '../core/definitions/names.ts';
import type { Report } from '../core/definitions/problem.ts';
import { suggestion } from '../core/definitions/suggestion.ts';
import { ENGINES, type Engine } from '../core/engine.ts';
import { contentOf } from './folders.ts';
import { readText } from './text-file.ts';

/** The packages of a project, and the names of all folders in packages/. */
export interface ReadPackages {
  readonly packages: readonly PackageVersion[];
  readonly names: readonly string[];
}

/** Reads packages/<name>/<engine>/*.sql; what does not belong there is reported. */
export async function readPackages(project: string, report: Report): Promise<ReadPackages> {
  const { files, folders } = await contentOf(path.join(project, 'packages'));
  const packages: PackageVersion[] = [];
  reportStraySql('packages', files, 'packages/<name>/<engine>/', report);
  for (const name of folders) {
    const found = await contentOf(path.join(project, 'packages', name));
    reportStraySql(`packages/${name}`, found.files, `packages/${name}/<engine>/`, report);
    for (const folder of found.folders) {
      if (!isEngine(folder)) {
        const place = { file: `packages/${name}/${folder}`, line: 1, column: 1 };
        report(place, `There is no engine "${folder}". ${suggestion(folder, ENGINES)}`);
        continue;
      }
      const version = await readPackage(project, name, folder, report);
      if (version !== null) packages.push(version);
    }
  }
  return { packages, names: folders };
}

function isEngine(name: string): name is Engine {
  return (ENGINES as readonly string[]).includes(name);
}

function isSql(name: string): boolean {
  return /\.sql$/i.test(name);
}

function reportStraySql(
  folder: string,
  files: readonly string[],
  home: string,
  report: Report,
): void {
  for (const name of files.filter(isSql)) {
    report(
      { file: `${folder}/${name}`, line: 1, column: 1 },
      `Nothing reads this file. Move it to ${home}, or remove it.`,
    );
  }
}

/** Null where the folder has no SQL file, as if it were not there. */
async function readPackage(
  project: string,
  name: string,
  engine: Engine,
  report: Report,
): Promise<PackageVersion | null> {
  const folder = `packages/${name}/${engine}`;
  const found = await contentOf(path.join(project, folder));
  for (const nested of found.folders) {
    const place = { file: `${folder}/${nested}`, line: 1, column: 1 };
    report(place, `A folder inside ${folder} is not read. Move its files up, and remove it.`);
  }
  for (const other of found.files.filter((file) => /\.(pks|pkb|pls|plb|ddl|psql)$/i.test(file))) {
    const place = { file: `${folder}/${other}`, line: 1, column: 1 };
    report(place, 'Only files named *.sql are read. Rename the file, or move it elsewhere.');
  }
  const files: PackageFile[] = [];
  for (const file of found.files.filter(isSql)) {
    const text = await readText(path.join(project, folder, file), `${folder}/${file}`, report);
    if (text !== null) files.push(packageFile(file, text));
  }
  return found.files.some(isSql) ? packageVersion(name, engine, files) : null;
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** A file of a package, with its role by its name and its hash. */
export function packageFile(name: string, text: string): PackageFile {
  const role = /^state.*\.sql$/i.test(name) ? 'state' : 'code';
  return { path: name, role, text, sha256: sha256(text) };
}

/** A version of a package, with the hash over its files in path order. */
export function packageVersion(
  name: string,
  engine: Engine,
  files: readonly PackageFile[],
): PackageVersion {
  const sorted = [...files].sort((a, b) => compareText(a.path, b.path));
  const listing = sorted.map((file) => `${file.path}\n${file.role}\n${file.sha256}\n`).join('');
  return { name, engine, files: sorted, sha256: sha256(listing) };
}
