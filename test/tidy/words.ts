import { childOf, type Node, type Source, type Violation } from './source.ts';

const ENGINE_NAME = /postgres|oracle|mariadb/i;
/** The definition of the engines, and texts that a person reads about them. */
const MAY_NAME_ENGINES = [/^src\/core\/engine\.ts$/, /^src\/core\/errors\//];
const RULES_ONLY = /^src\/(core|executor|control)\//;
const MAY_PRINT = /^(src\/(cli|app)|scripts|bench|examples|bin)\//;

/** Engine names where only the rules are at home; an engine's differences are capabilities of its port. */
export function engineNames(sources: readonly Source[]): Violation[] {
  const checked = sources.filter(
    ({ path }) => RULES_ONLY.test(path) && !MAY_NAME_ENGINES.some((allowed) => allowed.test(path)),
  );
  return places(checked, (node) => {
    const name = ENGINE_NAME.exec(wordOf(node))?.[0];
    return name === undefined ? undefined : `names the engine ${name}`;
  });
}

function wordOf(node: Node): string {
  const word = node.type === 'Identifier' ? node.name : node.value;
  if (typeof word === 'string') return word;
  return node.type === 'TemplateElement' ? JSON.stringify(node.value) : '';
}

/** Prints outside of the faces of the program. */
export function prints(sources: readonly Source[]): Violation[] {
  const checked = sources.filter(({ path }) => !MAY_PRINT.test(path));
  return places(checked, (node) =>
    isMember(node, 'console') ? 'prints to the console' : undefined,
  );
}

const TIMERS = new Set(['setTimeout', 'setInterval', 'setImmediate']);

/** Clock, randomness, timers and the process itself where they must come in through ports. */
export function ambience(sources: readonly Source[]): Violation[] {
  const checked = sources.filter(({ path }) => RULES_ONLY.test(path));
  return places(checked, (node) => {
    if (isMember(node, 'Date', 'now') || isNow(node)) return 'reads the clock';
    if (isMember(node, 'Math', 'random') || isMember(node, 'crypto')) return 'takes a random value';
    if (isMember(node, 'process')) return 'reads the process';
    const callee = node.type === 'CallExpression' ? childOf(node, 'callee') : undefined;
    return TIMERS.has(String(callee?.name)) ? 'sets a timer' : undefined;
  });
}

function isNow(node: Node): boolean {
  if (node.type !== 'NewExpression' || childOf(node, 'callee')?.name !== 'Date') return false;
  return (node.arguments as readonly unknown[]).length === 0;
}

function isMember(node: Node, object: string, property?: string): boolean {
  if (node.type !== 'MemberExpression' || childOf(node, 'object')?.name !== object) return false;
  return property === undefined || childOf(node, 'property')?.name === property;
}

function places(
  sources: readonly Source[],
  judge: (node: Node) => string | undefined,
): Violation[] {
  return sources.flatMap((source) =>
    source.nodes.flatMap(({ node }) => {
      const what = judge(node);
      if (what === undefined) return [];
      return [{ path: source.path, line: source.lineAt(node.start), what }];
    }),
  );
}
