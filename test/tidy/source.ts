import { parseSync } from 'vite';

/** A file of the repository, with its path from the root. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** A place that breaks a rule. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

/** A node of the syntax tree, as far as the checks look into it. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** A parsed file. */
export interface Source extends TextFile {
  /** Every node with its parent, parents first. */
  readonly nodes: readonly { readonly node: Node; readonly parent: Node | undefined }[];
  /** The line of an offset, counted from 1. */
  lineAt(offset: number): number;
}

/** Parses a TypeScript or JavaScript file; throws with the place when it cannot be parsed. */
export function parseSource({ path, text }: TextFile): Source {
  const result = parseSync(path, text);
  const problem = result.errors[0];
  if (problem !== undefined) throw new Error(`${path} cannot be parsed: ${problem.message}`);
  const nodes: { node: Node; parent: Node | undefined }[] = [];
  collect(result.program, undefined, nodes);
  const starts = lineStarts(text);
  return { path, text, nodes, lineAt: (offset) => lineOf(starts, offset) };
}

function collect(
  value: unknown,
  parent: Node | undefined,
  nodes: { node: Node; parent: Node | undefined }[],
): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, parent, nodes);
    return;
  }
  if (!isNode(value)) return;
  nodes.push({ node: value, parent });
  for (const child of Object.values(value)) collect(child, value, nodes);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** A property of a node that is itself a node. */
export function childOf(node: Node, key: string): Node | undefined {
  const value = node[key];
  return isNode(value) ? value : undefined;
}

/** The text of a string literal; undefined for everything else. */
export function literalText(node: Node | undefined): string | undefined {
  if (node?.type !== 'Literal') return undefined;
  return typeof node.value === 'string' ? node.value : undefined;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function lineOf(starts: readonly number[], offset: number): number {
  const next = starts.findIndex((start) => start > offset);
  return next < 0 ? starts.length : next;
}
