import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { inject } from 'vitest';

/** A database of its own for a test file. */
export interface TestDatabase {
  readonly name: string;
  /** The superuser's URL to it. */
  readonly url: string;
  /** Removes it, whoever is still connected. */
  drop(): Promise<void>;
}

/** The superuser's URL to the database postgres of the test run's server. */
export function superuserUrl(): string {
  return process.env.ODTM_TEST_POSTGRES || inject('postgresUrl');
}

/** The URL to a database of the test server, as the superuser or as the given role. */
export function urlOf(database: string, role?: { name: string; password: string }): string {
  const url = new URL(superuserUrl());
  url.pathname = `/${database}`;
  if (role !== undefined) {
    url.username = encodeURIComponent(role.name);
    url.password = encodeURIComponent(role.password);
  }
  return url.href;
}

/** Makes an empty database, or a copy of the template, under a name that no other test has. */
export async function createDatabase(
  prefix: string,
  options: { template?: string } = {},
): Promise<TestDatabase> {
  const name = `${prefix}_${randomBytes(5).toString('hex')}`;
  const template = escapeIdentifier(options.template ?? 'template0');
  await asSuperuser(`CREATE DATABASE ${escapeIdentifier(name)} TEMPLATE ${template}`);
  return {
    name,
    url: urlOf(name),
    drop: () => asSuperuser(`DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`),
  };
}

/**
 * Makes a role that can log in. Roles belong to the whole server: a test takes a name of its own, and
 * drops the role with `dropRole` after its database.
 */
export async function createRole(name: string, password: string): Promise<void> {
  const clause = `LOGIN PASSWORD ${escapeLiteral(password)}`;
  await asSuperuser(`CREATE ROLE ${escapeIdentifier(name)} ${clause}`);
}

/** Removes a role that owns nothing any more. */
export async function dropRole(name: string): Promise<void> {
  await asSuperuser(`DROP ROLE IF EXISTS ${escapeIdentifier(name)}`);
}

/** Runs one statement as the superuser, in the database postgres or in the one that the URL names. */
export async function asSuperuser(statement: string, url: string = superuserUrl()): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
