import { posix } from 'node:path';
import { childOf, literalText, type Node, type Source, type Violation } from './source.ts';

/** An import as it is written; `path` is the file that it names inside the repository. */
export interface Import {
  readonly specifier: string;
  readonly path: string | undefined;
  readonly line: number;
}

/** Which layers a layer may import besides itself: the table of docs/ARCHITECTURE.md. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ports: ['core'],
  executor: ['core', 'ports'],
  control: ['core', 'ports'],
  'definition-files': ['core', 'ports'],
  repository: ['core', 'ports'],
  dispatch: ['core', 'ports'],
  'targets/postgres': ['core', 'ports', 'targets/protocol'],
  'targets/protocol': ['core', 'ports'],
  'targets/plsql': ['core', 'ports', 'targets/protocol'],
  'targets/oracle': ['core', 'ports', 'targets/plsql', 'targets/protocol'],
  'targets/mariadb': ['core', 'ports', 'targets/plsql', 'targets/protocol'],
  api: ['core', 'control'],
  cli: ['core', 'control', 'ports'],
};

/** Layers that hold rules and no technique: they import no library. */
const WITHOUT_LIBRARIES = new Set(['core', 'ports', 'executor', 'control']);

/** All imports of a file, re-exports, dynamic ones and files named by a URL too. */
export function importsOf(source: Source): Import[] {
  return source.nodes.flatMap(({ node, parent }) => {
    const specifier = specifierOf(node, parent);
    if (specifier === undefined) return [];
    const relative = specifier.startsWith('.');
    const path = relative ? posix.join(posix.dirname(source.path), specifier) : undefined;
    return [{ specifier, path, line: source.lineAt(node.start) }];
  });
}

function specifierOf(node: Node, parent: Node | undefined): string | undefined {
  const text = literalText(node);
  if (text === undefined || parent === undefined) return undefined;
  if (childOf(parent, 'source') === node) return text;
  return /^\.{1,2}\/.*\.(ts|tsx|mjs)$/.test(text) ? text : undefined;
}

/** Imports against the order of the layers. */
export function upwardImports(sources: readonly Source[]): Violation[] {
  return sources.flatMap((source) => {
    const layer = layerOf(source.path);
    if (layer === undefined || layer === 'app') return [];
    const allowed = LAYERS[layer];
    if (allowed === undefined) {
      return [{ path: source.path, line: 1, what: `"${layer}" is no layer of the table` }];
    }
    return importsOf(source).flatMap(({ path, specifier, line }) => {
      if (path === undefined) return libraryImport(source.path, layer, specifier, line);
      const target = layerOf(path);
      if (target === layer || (target !== undefined && allowed.includes(target))) return [];
      return [{ path: source.path, line, what: `${layer} imports ${target ?? path}` }];
    });
  });
}

function libraryImport(path: string, layer: string, specifier: string, line: number): Violation[] {
  const own = specifier.startsWith('node:');
  if (!WITHOUT_LIBRARIES.has(layer) || (own && layer !== 'core')) return [];
  return [{ path, line, what: `${layer} imports the library ${specifier}` }];
}

function layerOf(path: string): string | undefined {
  const [root, layer, engine] = path.split('/');
  if (root !== 'src' || layer === undefined) return undefined;
  return layer === 'targets' ? `targets/${engine}` : layer;
}

/** Files that import each other in a ring; each ring is named once. */
export function importRings(sources: readonly Source[]): Violation[] {
  const graph = graphOf(sources);
  const finished = new Set<string>();
  const rings: Violation[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const ring = [...trail.slice(start), path].join(' → ');
      rings.push({ path, line: 1, what: `import ring: ${ring}` });
      return;
    }
    if (finished.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    finished.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return rings;
}

function graphOf(sources: readonly Source[]): Map<string, string[]> {
  const known = new Set(sources.map(({ path }) => path));
  return new Map(
    sources.map((source) => [
      source.path,
      importsOf(source).flatMap(({ path }) => (path !== undefined && known.has(path) ? path : [])),
    ]),
  );
}

/**
 * Files of src/ that no entry reaches. Entries are the program itself and everything outside of src/
 * that is no test: code that only tests use is dead as well.
 */
export function deadFiles(sources: readonly Source[], entry = 'src/app/main.ts'): Violation[] {
  const graph = graphOf(sources);
  const isEntry = (path: string) => path === entry || !/^(src|test)\//.test(path);
  const alive = new Set<string>();
  const queue = [...graph.keys()].filter(isEntry);
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (alive.has(path)) continue;
    alive.add(path);
    queue.push(...(graph.get(path) ?? []));
  }
  return [...graph.keys()]
    .filter((path) => path.startsWith('src/') && !alive.has(path))
    .map((path) => ({ path, line: 1, what: 'dead file: the program never imports it' }));
}
