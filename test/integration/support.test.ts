import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  asSuperuser,
  createDatabase,
  createRole,
  dropRole,
  type TestDatabase,
  urlOf,
} from '../support/database.ts';

let database: TestDatabase;
const role = { name: `support_${process.pid}`, password: "p/w'1" };

beforeAll(async () => {
  database = await createDatabase('support');
  await createRole(role.name, role.password);
});

afterAll(async () => {
  await database.drop();
  await dropRole(role.name);
});

test('a copy of a template has its tables, and the template does not get those of the copy', async () => {
  await asSuperuser('CREATE TABLE origin (id int)', database.url);
  const copy = await createDatabase('support_copy', { template: database.name });
  await asSuperuser('INSERT INTO origin VALUES (1)', copy.url);
  await asSuperuser('CREATE TABLE only_copy ()', copy.url);
  await expect(asSuperuser('SELECT * FROM only_copy', database.url)).rejects.toThrow(
    'does not exist',
  );
  await copy.drop();
  await expect(asSuperuser('SELECT 1', copy.url)).rejects.toThrow('does not exist');
});

test('a role logs in to the database with its own name', async () => {
  const client = new Client({ connectionString: urlOf(database.name, role) });
  await client.connect();
  const { rows } = await client.query(
    'SELECT current_user AS name, current_database() AS database',
  );
  expect(rows).toEqual([{ name: role.name, database: database.name }]);
  await client.end();
});
