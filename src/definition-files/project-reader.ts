import { stat } from 'node:fs/promises';
import path from 'node:path';
import { buildDefinitions } from '../core/definitions/build.ts';
import { checkProject } from '../core/definitions/checks/check-project.ts';
import type { Definitions } from '../core/definitions/model.ts';
import {
  DefinitionProblem,
  DefinitionsInvalid,
  type Place,
  type Report,
} from '../core/definitions/problem.ts';
import {
  type Entry,
  type EnvironmentSource,
  type InstanceSource,
  type OperationSource,
  type Partly,
  whole,
} from '../core/definitions/source.ts';
import { odtmError } from '../core/errors/catalogue.ts';
import type { ProjectReader } from '../ports/project-files.ts';
import { definitionFile } from './file-schema.ts';
import { definitionFilesIn } from './folders.ts';
import { readPackages } from './package-files.ts';
import { checkShape } from './shape-problems.ts';
import { readText } from './text-file.ts';
import { readYaml, type YamlTree } from './yaml-tree.ts';

interface FileEntries {
  readonly environments: readonly Entry<EnvironmentSource>[];
  readonly instances: readonly Entry<InstanceSource>[];
  readonly operations: readonly Entry<OperationSource>[];
}

/** Reads the definition files and the packages of project folders. */
export const projectReader: ProjectReader = { read: readProject };

async function readProject(folder: string): Promise<Definitions> {
  const problems: DefinitionProblem[] = [];
  const report: Report = (place, message) => problems.push(new DefinitionProblem(place, message));
  const files = await definitionFiles(folder);
  const entries: FileEntries[] = [];
  for (const file of files) entries.push(await readEntries(folder, file, report));
  const environments = entries.flatMap((each) => each.environments);
  const instances = entries.flatMap((each) => each.instances);
  const operations = entries.flatMap((each) => each.operations);
  const { packages, names } = await readPackages(folder, report);
  checkProject({ environments, instances, operations, packages, packageNames: names }, report);
  if (problems.length > 0) throw new DefinitionsInvalid(folder, problems);
  return buildDefinitions({
    environments: environments.map(whole),
    instances: instances.map(whole),
    operations: operations.map(whole),
    packages,
  });
}

async function definitionFiles(folder: string): Promise<string[]> {
  const kind = await stat(folder).catch((error: NodeJS.ErrnoException) => error);
  if (kind instanceof Error) {
    const reason = kind.code === 'ENOENT' ? 'there is no such folder' : (kind.code ?? kind.message);
    throw odtmError('PROJECT_UNREADABLE', { project: folder, reason });
  }
  if (!kind.isDirectory()) {
    throw odtmError('PROJECT_UNREADABLE', { project: folder, reason: 'it is not a folder' });
  }
  const files = await definitionFilesIn(folder).catch((error: NodeJS.ErrnoException) => {
    throw odtmError(
      'PROJECT_UNREADABLE',
      { project: folder, reason: error.code ?? error.message },
      error,
    );
  });
  if (files.length > 0) return files;
  throw odtmError('PROJECT_UNREADABLE', { project: folder, reason: 'it holds no *.yaml file' });
}

async function readEntries(folder: string, file: string, report: Report): Promise<FileEntries> {
  const text = await readText(path.join(folder, file), file, report);
  const tree = readYaml(text ?? '');
  for (const { line, column, message } of tree.problems) report({ file, line, column }, message);
  const shaped = checkShape(definitionFile, tree.value ?? {});
  for (const problem of shaped.problems) {
    const position = problem.atKey
      ? tree.positionOfKey(problem.path)
      : tree.positionOf(problem.path);
    report({ file, ...position }, problem.message);
  }
  return entriesOf(shaped.value, file, tree);
}

/** The shape has been checked and what did not fit is taken out, which the type cannot know. */
function entriesOf(value: unknown, file: string, tree: YamlTree): FileEntries {
  const lists = value as Partly<{
    environments: EnvironmentSource[] | null;
    instances: InstanceSource[] | null;
    operations: OperationSource[] | null;
  }>;
  function of<T>(list: string, values: readonly Partly<T>[] | null | undefined): Entry<T>[] {
    return (values ?? []).flatMap((each, index) => {
      const placeOf = (
        inner: Entry<T>['placeOf'] extends (path: infer P) => Place ? P : never,
      ): Place => ({
        file,
        ...tree.positionOf([list, index, ...inner]),
      });
      return each === undefined ? [] : [{ value: each, placeOf }];
    });
  }
  return {
    environments: of<EnvironmentSource>('environments', lists?.environments),
    instances: of<InstanceSource>('instances', lists?.instances),
    operations: of<OperationSource>('operations', lists?.operations),
  };
}
