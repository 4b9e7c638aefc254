import { childOf, type Node, type Source, type TextFile, type Violation } from './source.ts';

const FUNCTION_LINES = 70;
const FILE_LINES = 400;
const LINE_LENGTH = 110;
const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
const DRAWER_NAMES = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'lib', 'misc']);

/** Functions longer than the limit. The callback of a describe() is a chapter, not a function. */
export function longFunctions(sources: readonly Source[]): Violation[] {
  return sources.flatMap((source) =>
    source.nodes.flatMap(({ node, parent }) => {
      if (!FUNCTIONS.has(node.type) || isChapter(parent)) return [];
      const line = source.lineAt(node.start);
      const lines = source.lineAt(node.end) - line + 1;
      if (lines <= FUNCTION_LINES) return [];
      return [{ path: source.path, line, what: `function of ${lines} lines` }];
    }),
  );
}

/** Whether the parent is a call of describe(), describe.each(…)() and the like. */
function isChapter(parent: Node | undefined): boolean {
  if (parent?.type !== 'CallExpression') return false;
  let callee = childOf(parent, 'callee');
  while (callee !== undefined && callee.type !== 'Identifier') {
    callee = childOf(callee, 'object') ?? childOf(callee, 'callee') ?? childOf(callee, 'tag');
  }
  return callee?.name === 'describe';
}

/** Files with more lines than the limit. */
export function longFiles(files: readonly TextFile[]): Violation[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.replace(/\n$/, '').split('\n').length;
    return lines <= FILE_LINES ? [] : [{ path, line: lines, what: `file of ${lines} lines` }];
  });
}

/** Lines longer than the limit. */
export function longLines(files: readonly TextFile[]): Violation[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const length = [...line].length;
      if (length <= LINE_LENGTH) return [];
      return [{ path, line: index + 1, what: `line of ${length} characters` }];
    }),
  );
}

/** Folders and files whose name says that anything may lie in them. */
export function drawers(files: readonly TextFile[]): Violation[] {
  return files.flatMap(({ path }) => {
    const names = path.split('/').map((name) => name.replace(/\..*$/, ''));
    const drawer = names.find((name) => DRAWER_NAMES.has(name));
    return drawer === undefined ? [] : [{ path, line: 1, what: `is called "${drawer}"` }];
  });
}
