import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import type { Path } from '../core/definitions/source.ts';
import { yamlText } from './yaml-texts.ts';

/** Line and column, from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface TreeProblem extends Position {
  readonly message: string;
}

/** A YAML file as plain values, with the position of each. */
export interface YamlTree {
  readonly value: unknown;
  readonly problems: readonly TreeProblem[];
  /** The position of a value, or of the nearest value around it that is there. */
  positionOf(path: Path): Position;
  /** The position of a key. */
  positionOfKey(path: Path): Position;
}

const MAX_NODES = 200_000;

/** Reads YAML text. Where it has syntax errors the value is null, since guesses would mislead. */
export function readYaml(text: string): YamlTree {
  const document = parseDocument(text, { prettyErrors: false, version: '1.2' });
  const at = positions(text);
  const faults = [...document.errors, ...document.warnings].map((fault) =>
    faultOf(fault, document),
  );
  const walk = new Walk(document);
  const value = faults.length === 0 ? walk.valueOf(document.contents as Node | null, '') : null;
  const problems = [...faults, ...walk.problems].map(({ offset, message }) => ({
    ...at(offset),
    message,
  }));
  return {
    value: walk.broken ? null : value,
    problems: onePerLine(problems),
    positionOf: (path) => at(walk.offsetOf(path)),
    positionOfKey: (path) => at(walk.keys.get(pointer(path)) ?? walk.offsetOf(path)),
  };
}

/** Line and column of an offset. The parser's own counter misses lines inside a text in quotes. */
function positions(text: string): (offset: number) => Position {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1))
    starts.push(end + 1);
  return (offset) => {
    const line = Math.max(
      starts.findLastIndex((start) => start <= offset),
      0,
    );
    return { line: line + 1, column: Math.min(offset, text.length) - (starts[line] ?? 0) + 1 };
  };
}

interface Fault {
  readonly offset: number;
  readonly message: string;
}

/** A quote that nobody closes swallows the rest of the file; where it opens tells more than the end. */
function faultOf(error: YAMLError, document: Document): Fault {
  let offset = error.pos[0];
  let message = yamlText(error.code);
  visit(document, {
    Scalar: (_key, { type, range }) => {
      const quoted = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE';
      if (error.code !== 'MISSING_CHAR' || !quoted || range?.[1] !== error.pos[0]) return undefined;
      offset = range[0];
      message = 'The text that begins here has no closing quote. Add it.';
      return visit.BREAK;
    },
  });
  return { offset, message };
}

function pointer(path: Path): string {
  return path
    .map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/** One slip often makes the parser stumble several times in the same line; the first tells it best. */
function onePerLine(problems: readonly TreeProblem[]): TreeProblem[] {
  const first = new Map<number, TreeProblem>();
  for (const problem of problems) if (!first.has(problem.line)) first.set(problem.line, problem);
  return [...first.values()];
}

/** Turns nodes into plain values and remembers where each begins. */
class Walk {
  readonly problems: Fault[] = [];
  readonly keys = new Map<string, number>();
  private readonly offsets = new Map<string, number>();
  /** The nodes that are being read: an alias of one of them would have no end. */
  private readonly open = new Set<Node>();
  private readonly document: Document;
  /** An alias stands for nothing, so that the values are not those that were meant. */
  broken = false;
  /** Where the alias is written whose value is being read. */
  private aliasOffset: number | null = null;
  private count = 0;

  constructor(document: Document) {
    this.document = document;
  }

  offsetOf(path: Path): number {
    for (let length = path.length; length >= 0; length -= 1) {
      const offset = this.offsets.get(pointer(path.slice(0, length)));
      if (offset !== undefined) return offset;
    }
    return 0;
  }

  valueOf(node: Node | null, path: string): unknown {
    const offset = this.aliasOffset ?? node?.range?.[0] ?? 0;
    this.offsets.set(path, offset);
    this.count += 1;
    if (this.count === MAX_NODES) {
      this.problems.push({
        offset,
        message: `The file has more than ${MAX_NODES} values. Split it.`,
      });
    }
    if (this.count >= MAX_NODES) return null;
    if (isAlias(node)) return this.aliasValue(node.resolve(this.document) ?? null, path, offset);
    if (node !== null) this.open.add(node);
    const value = this.contentOf(node, path, offset);
    if (node !== null) this.open.delete(node);
    return value;
  }

  private contentOf(node: Node | null, path: string, offset: number): unknown {
    if (isMap(node)) return this.mapValue(node, path);
    if (isSeq(node)) {
      return node.items.map((item, index) => this.valueOf(item as Node | null, `${path}/${index}`));
    }
    return isScalar(node) ? this.scalarValue(node, offset) : null;
  }

  /** What an alias stands for is found where the alias is written. */
  private aliasValue(target: Node | null, path: string, offset: number): unknown {
    if (target === null || this.open.has(target)) {
      this.problems.push({ offset, message: yamlText('BAD_ALIAS') });
      this.broken = true;
      return undefined;
    }
    const outer = this.aliasOffset;
    this.aliasOffset = offset;
    const value = this.valueOf(target, path);
    this.aliasOffset = outer;
    return value;
  }

  private mapValue(node: YAMLMap, path: string): unknown {
    const entries = node.items.map(({ key, value }): [string, unknown] => {
      const name = isScalar(key) ? String(key.value) : String(key);
      const child = path + pointer([name]);
      const offset = this.aliasOffset ?? (key as Node).range?.[0] ?? 0;
      this.keys.set(child, offset);
      const result = this.valueOf(value as Node | null, child);
      if ((value as Node | null)?.range === undefined) this.offsets.set(child, offset);
      return [name, result];
    });
    return Object.fromEntries(entries);
  }

  private scalarValue(node: Scalar, offset: number): unknown {
    if (typeof node.value !== 'number' || isExact(node.source ?? '')) return node.value;
    const message = 'The number has more than 15 digits and would lose some. Put it in quotes.';
    this.problems.push({ offset, message });
    return node.value;
  }
}

/** Whether a number survives being read into a double; 15 significant digits always do. */
function isExact(source: string): boolean {
  const mantissa = source.toLowerCase().split('e')[0] ?? '';
  return mantissa.replace(/[^0-9]/g, '').replace(/^0+/, '').length <= 15;
}
