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
  const built = join(projectRoot, 'dist', 'src', 'app', 'main.js');
  if (!existsSync(built)) fail(`${built} is missing; run "npm run build" in ${projectRoot}.`);
  return built;
}

function refuse() {
  fail(
    `Node ${NEEDED_NODE} or newer is needed, and this is Node ${process.versions.node}. ` +
      `Run "npm ci" in ${projectRoot}, which brings a Node of its own, or install a newer Node.`,
  );
}

function fail(message) {
  console.error(`odtm: ${message}`);
  process.exit(2);
}
