import { compareText } from './names.ts';

/**
 * The order in which the files of a package run: by their names, package bodies behind everything else,
 * because a body needs its specification, which may stand in a file whose name comes later.
 */
export function compareFiles(one: { readonly path: string }, other: { readonly path: string }) {
  return rank(one.path) - rank(other.path) || compareText(one.path, other.path);
}

function rank(path: string): number {
  return /\.pkb$/i.test(path) ? 1 : 0;
}
