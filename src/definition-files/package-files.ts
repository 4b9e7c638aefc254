import { createHash } from 'node:crypto';
import path from 'node:path';
import type { PackageFile, PackageVersion } from '../core/definitions/model.ts';
import { compareText } from '../core/definitions/names.ts';
import { compareFiles } from '../core/definitions/package-order.ts';
import type { Report } from '../core/definitions/problem.ts';
import { suggestion } from '../core/definitions/suggestion.ts';
import { ENGINES, type Engine, SHARED_SOURCES, SOURCE_ENDINGS } from '../core/engine.ts';
import { contentOf } from './folders.ts';
import { readText } from './text-file.ts';

const FOLDERS = [...ENGINES, ...Object.keys(SHARED_SOURCES)];
const ALL_ENDINGS = [...new Set(Object.values(SOURCE_ENDINGS).flat())];
/** What people name SQL files, also where the engine's folder does not read them so. */
const LIKELY_ENDINGS = [...ALL_ENDINGS, 'pls', 'plb', 'ddl', 'psql'];

/** The packages of a project, and the names of all folders in packages/. */
export interface ReadPackages {
  readonly packages: readonly PackageVersion[];
  readonly names: readonly string[];
}

/**
 * Reads packages/<name>/<engine>/, and the folders that hold one source for several engines; what does not
 * belong there is reported.
 */
export async function readPackages(project: string, report: Report): Promise<ReadPackages> {
  const { files, folders } = await contentOf(path.join(project, 'packages'));
  const packages: PackageVersion[] = [];
  reportStraySql('packages', files, 'packages/<name>/<engine>/', report);
  for (const name of folders) {
    const found = await contentOf(path.join(project, 'packages', name));
    reportStraySql(`packages/${name}`, found.files, `packages/${name}/<engine>/`, report);
    packages.push(...(await readVersions(project, name, found.folders, report)));
  }
  return { packages, names: folders };
}

/** The versions of a package: of the engines' own folders, and of shared ones for the engines without. */
async function readVersions(
  project: string,
  name: string,
  folders: readonly string[],
  report: Report,
): Promise<PackageVersion[]> {
  const own: PackageVersion[] = [];
  const shared: PackageVersion[] = [];
  for (const folder of folders) {
    const engines = isEngine(folder) ? [folder] : SHARED_SOURCES[folder];
    if (engines === undefined) {
      const place = { file: `packages/${name}/${folder}`, line: 1, column: 1 };
      report(place, `There is no engine "${folder}". ${suggestion(folder, FOLDERS)}`);
      continue;
    }
    const files = await readFiles(project, `packages/${name}/${folder}`, engines, report);
    if (files === null) continue;
    const versions = engines.map((engine) => packageVersion(name, engine, files));
    if (isEngine(folder)) own.push(...versions);
    else shared.push(...versions);
  }
  reportUselessFolders(name, own, shared, report);
  const hasOwn = new Set(own.map(({ engine }) => engine));
  return [...own, ...shared.filter(({ engine }) => !hasOwn.has(engine))];
}

/** A shared folder that no engine is left for, and an engine's own one that only repeats the shared. */
function reportUselessFolders(
  name: string,
  own: readonly PackageVersion[],
  shared: readonly PackageVersion[],
  report: Report,
): void {
  const at = (folder: string) => ({ file: `packages/${name}/${folder}`, line: 1, column: 1 });
  for (const [folder, engines] of Object.entries(SHARED_SOURCES)) {
    const versions = shared.filter(({ engine }) => engines.includes(engine));
    const rivals = own.filter(({ engine }) => engines.includes(engine));
    for (const { engine, sha256: hash } of rivals) {
      if (versions.some((version) => version.sha256 === hash)) {
        report(
          at(engine),
          `The folder repeats packages/${name}/${folder}, which ${engine} would run. Remove one of them.`,
        );
      }
    }
    if (versions.length === 0 || rivals.length < engines.length) continue;
    report(
      at(folder),
      `No engine runs this folder: ${engines.join(' and ')} have folders of their own. Remove it or them.`,
    );
  }
}

function isEngine(name: string): name is Engine {
  return (ENGINES as readonly string[]).includes(name);
}

function endsIn(name: string, endings: readonly string[]): boolean {
  return endings.includes(/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '');
}

function reportStraySql(
  folder: string,
  files: readonly string[],
  home: string,
  report: Report,
): void {
  for (const name of files.filter((file) => endsIn(file, ALL_ENDINGS))) {
    report(
      { file: `${folder}/${name}`, line: 1, column: 1 },
      `Nothing reads this file. Move it to ${home}, or remove it.`,
    );
  }
}

/** The files of a folder; null where it has none, as if it were not there. */
async function readFiles(
  project: string,
  folder: string,
  engines: readonly Engine[],
  report: Report,
): Promise<PackageFile[] | null> {
  const endings = ALL_ENDINGS.filter((ending) =>
    engines.every((engine) => SOURCE_ENDINGS[engine].includes(ending)),
  );
  const found = await contentOf(path.join(project, folder));
  for (const nested of found.folders) {
    const place = { file: `${folder}/${nested}`, line: 1, column: 1 };
    report(place, `A folder inside ${folder} is not read. Move its files up, and remove it.`);
  }
  const sources = found.files.filter((file) => endsIn(file, endings));
  for (const other of found.files.filter((file) => endsIn(file, LIKELY_ENDINGS))) {
    if (sources.includes(other)) continue;
    const place = { file: `${folder}/${other}`, line: 1, column: 1 };
    const read = endings.map((ending) => `*.${ending}`).join(', ');
    report(place, `Only files named ${read} are read. Rename the file, or move it elsewhere.`);
  }
  const files: PackageFile[] = [];
  for (const name of sources) {
    const file = `${folder}/${name}`;
    const text = await readText(path.join(project, folder, name), file, report);
    if (text?.trim() === '') {
      const place = { file, line: 1, column: 1 };
      report(place, 'The file is empty. Write its SQL, or remove the file.');
    }
    if (text !== null) files.push(packageFile(name, text));
  }
  return sources.length === 0 ? null : files;
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** A file of a package, with its role by its name and its hash. */
export function packageFile(name: string, text: string): PackageFile {
  const role = /^state.*\.sql$/i.test(name) ? 'state' : 'code';
  return { path: name, role, text, sha256: sha256(text) };
}

/** A version of a package: its files in the order in which they run, and the hash over them in path order. */
export function packageVersion(
  name: string,
  engine: Engine,
  files: readonly PackageFile[],
): PackageVersion {
  const sorted = [...files].sort((a, b) => compareText(a.path, b.path));
  const listing = sorted.map((file) => `${file.path}\n${file.role}\n${file.sha256}\n`).join('');
  return { name, engine, files: sorted.sort(compareFiles), sha256: sha256(listing) };
}
