import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import {
  connectTo,
  createMariadbDatabase,
  createUser,
  dropUser,
  hasMariadb,
  mariadbUrlOf,
  rootConnection,
} from '../support/mariadb/database.ts';

describe.skipIf(!hasMariadb())('the server of the test run on mariadb', () => {
  const user = { name: `support_${process.pid}`, password: "p/w'1" };
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createMariadbDatabase('support');
    await createUser(user.name, user.password, [database.name]);
  });

  afterAll(async () => {
    await dropUser(user.name);
    await database.drop();
  });

  test('a database compares bytes, and a user works in it', async () => {
    const connection = await connectTo(mariadbUrlOf(database.name, user));
    await connection.query('CREATE TABLE T (name varchar(20) PRIMARY KEY)');
    await connection.query("INSERT INTO t VALUES ('a'), ('A'), ('a ')");
    const [row] = await connection.query('SELECT count(*) AS n, @@collation_database AS c FROM t');
    expect(row).toEqual({ n: 3, c: 'utf8mb4_nopad_bin' });
    await connection.end();
  });

  test('root sees no database any more that was dropped while somebody worked in it', async () => {
    const other = await createMariadbDatabase('support');
    const session = await connectTo(other.url);
    session.on('error', () => {});
    await session.query('CREATE TABLE t (id int)');
    await session.beginTransaction();
    await session.query('SELECT * FROM t');
    await other.drop();
    const root = await rootConnection();
    expect(await root.query('SHOW DATABASES LIKE ?', [other.name])).toEqual([]);
    await root.end();
    session.destroy();
  });
});
