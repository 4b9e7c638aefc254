import type { z } from 'zod';
import type { Path } from '../core/definitions/source.ts';
import { suggestion } from '../core/definitions/suggestion.ts';

type Issue = z.core.$ZodIssue;
type UnionIssue = Extract<Issue, { code: 'invalid_union' }>;
type AnySchema = z.core.$ZodType;

/** Something whose shape is wrong: a key, or the value at a path. */
export interface ShapeProblem {
  readonly path: Path;
  readonly atKey: boolean;
  readonly message: string;
}

export interface ShapedValue {
  /** The value without what has the wrong shape. */
  readonly value: unknown;
  readonly problems: readonly ShapeProblem[];
}

const MAX_SHOWN = 60;
const SECRET_KEY = /credential|pass|secret|token|pwd/i;

/** Checks the shape of a value, and takes out what has the wrong one, so that the rest can be checked too. */
export function checkShape(schema: AnySchema & z.ZodType, value: unknown): ShapedValue {
  const result = schema.safeParse(value);
  if (result.success) return { value, problems: [] };
  const rest = structuredClone(value);
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, schema, value));
  for (const issue of result.error.issues) prune(issue, rest);
  return { value: rest, problems };
}

function problemsOf(issue: Issue, schema: AnySchema, root: unknown): ShapeProblem[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      atKey: true,
      message: `Unknown key "${key}". ${keyRemedy(key, known)}`,
    }));
  }
  if (issue.code === 'invalid_union') return unionProblems(issue, path, schema, root);
  if (issue.code === 'invalid_key') {
    const expected = issue.issues[0]?.message ?? issue.message;
    return [{ path, atKey: true, message: `"${path.at(-1)}" must be ${expected}.` }];
  }
  return [valueProblem(path, issue.message, root)];
}

function keyRemedy(key: string, known: readonly string[]): string {
  const secret = SECRET_KEY.test(key) && known.includes('credential');
  return secret ? 'Give "credential: env:NAME" instead.' : suggestion(key, known);
}

/** The issues of the choice that is a map: those that are not about the value being none. */
function mapBranch(issue: UnionIssue): Issue[] | undefined {
  return issue.errors.find((errors) =>
    errors.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
}

/** For a map in a place where a short form is allowed too, the problems of the map tell more. */
function unionProblems(
  issue: UnionIssue,
  path: Path,
  schema: AnySchema,
  root: unknown,
): ShapeProblem[] {
  const value = valueAt(root, path);
  const ofMap = mapBranch(issue);
  if (!isMapValue(value) || ofMap === undefined) return [valueProblem(path, issue.message, root)];
  return ofMap.flatMap((inner) =>
    problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, schema, root),
  );
}

function valueProblem(path: Path, expected: string, root: unknown): ShapeProblem {
  const value = valueAt(root, path);
  const name = nameOf(path);
  if (value === undefined)
    return { path, atKey: false, message: `${name} is missing. It must be ${expected}.` };
  if (path.length === 0) return { path, atKey: false, message: `The file must be ${expected}.` };
  const shown = isSecret(path, value) ? 'a value that is not shown here' : display(value);
  return { path, atKey: false, message: `${name} is ${shown}. It must be ${expected}.` };
}

/** `"order"`, or `"environments", entry 2` for an element of a list. */
function nameOf(path: Path): string {
  const last = path.at(-1);
  if (typeof last === 'number') return `"${path.at(-2)}", entry ${last + 1},`;
  return `"${last}"`;
}

/** A secret that somebody has written into the file must not travel on into logs and screens. */
function isSecret(path: Path, value: unknown): boolean {
  if (path.some((step) => SECRET_KEY.test(String(step)))) return true;
  return path.at(-1) === 'address' && String(value).includes('@');
}

function display(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value !== 'string') return String(value);
  if (value === '') return 'an empty text';
  if (value.length <= MAX_SHOWN) return JSON.stringify(value);
  return `${JSON.stringify(value.slice(0, MAX_SHOWN))}… (${value.length} characters)`;
}

function isMapValue(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null) return undefined;
    return Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
  }, root);
}

/** The keys that a map at the path may have. */
function keysAt(schema: AnySchema, path: Path): string[] {
  const shapes = path.reduce(
    (schemas, step) => schemas.flatMap((each) => children(each, step)),
    [schema],
  );
  return shapes.flatMap(shapesOf).flatMap((shape) => Object.keys(shape));
}

function children(schema: AnySchema, step: string | number): AnySchema[] {
  return unwrapped(schema).flatMap((each) => {
    const { def } = (each as z.core.$ZodTypes)._zod;
    if (def.type === 'array') return [def.element];
    if (def.type === 'object') return [def.shape[step]].filter((child) => child !== undefined);
    return [];
  });
}

function shapesOf(schema: AnySchema): Readonly<Record<string, AnySchema>>[] {
  return unwrapped(schema).flatMap((each) => {
    const { def } = (each as z.core.$ZodTypes)._zod;
    return def.type === 'object' ? [def.shape] : [];
  });
}

/** Looks through optional, nullable and union. */
function unwrapped(schema: AnySchema): AnySchema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'optional' || def.type === 'nullable') return unwrapped(def.innerType);
  return def.type === 'union' ? def.options.flatMap(unwrapped) : [schema];
}

/**
 * Takes what has the wrong type out of the value. Text and numbers of the right type stay although they
 * break a rule: what refers to them then finds them.
 */
function prune(issue: Issue, root: unknown): void {
  if (['too_small', 'too_big', 'invalid_format'].includes(issue.code)) return;
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) remove(root, [...issue.path, key]);
    return;
  }
  if (issue.code === 'invalid_union' && isMapValue(valueAt(root, issue.path as Path))) {
    const ofMap = mapBranch(issue);
    for (const inner of ofMap ?? [])
      prune({ ...inner, path: [...issue.path, ...inner.path] }, root);
    if (ofMap !== undefined) return;
  }
  remove(root, issue.path);
}

/** Elements of a list leave a gap, so that the places of the others still hold. */
function remove(root: unknown, path: readonly PropertyKey[]): void {
  const holder = valueAt(root, path.slice(0, -1) as Path);
  const last = path.at(-1);
  if (last === undefined || typeof holder !== 'object' || holder === null) return;
  if (Array.isArray(holder)) holder[Number(last)] = undefined;
  else delete (holder as Record<PropertyKey, unknown>)[last];
}
