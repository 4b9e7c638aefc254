#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findNode, isRecent, NEEDED_NODE, projectRoot, runInPlace } from './node-runtime.mjs';

if (isRecent(process.versions.node)) {
  module.enableCompileCache?.();
  await import(pathToFileURL(mainFile()).href);
} else {
  const node = findNode();
  if (node === undefined) refuse();
  runInPlace(node, process.argv.slice(1));
}

/** The sources run as they are, except below node_modules, where Node takes no TypeScript. */
function mainFile() {
  const source = join(projectRoot, 'src', 'app', 'main.ts');
  const installed = projectRoot.split(sep).includes('node_modules');
  if (!installed && existsSync(source)) return source;
  return join(projectRoot, 'dist', 'src', 'app', 'main.js');
}

function refuse() {
  console.error(
    `odtm: Node ${NEEDED_NODE} or newer is needed, and this is Node ${process.versions.node}. ` +
      `Run "npm ci" in ${projectRoot}, which brings a Node of its own, or install a newer Node.`,
  );
  process.exit(2);
}
