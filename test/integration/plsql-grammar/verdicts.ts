import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * The grammar takes minutes for what it sees first. Its verdict depends on nothing but the text, so sources
 * that it has accepted on this machine are remembered by their hash; refused ones are read again each time.
 */
export class AcceptedSources {
  private readonly path: string;
  private readonly hashes: Set<string>;

  constructor(path: string) {
    this.path = path;
    this.hashes = new Set(readHashes(path));
  }

  has(text: string): boolean {
    return this.hashes.has(hashOf(text));
  }

  add(text: string): void {
    this.hashes.add(hashOf(text));
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(this.path, JSON.stringify([...this.hashes]));
  }
}

/** Changes with the grammar, and with how it is asked. */
const GRAMMAR = 'ts-plsql-parser 1.1.1, 1';

function hashOf(text: string): string {
  return createHash('sha256').update(GRAMMAR).update(text).digest('hex');
}

function readHashes(path: string): string[] {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as string[];
  } catch {
    // Nothing remembered, or nothing that can be read: everything is asked anew.
    return [];
  }
}
