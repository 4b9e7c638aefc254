import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PARAMETER_TYPES } from '../../../src/core/definitions/model.ts';
import { ENGINES } from '../../../src/core/engine.ts';
import { STREAM_EDGES, STREAM_STATUSES, WISHES } from '../../../src/core/run/stream-status.ts';
import { STATEMENT_STATUSES, UNIT_KINDS, UNIT_STATUSES } from '../../../src/core/run/unit.ts';
import { PREVIEW_MODES } from '../../../src/ports/target.ts';
import { openRepository } from '../../../src/repository/repository.ts';
import { createDatabase, superuserUrl } from '../../support/database.ts';
import { type Fixture, failureOf, openFixture } from './fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture('repo_schema');
});
afterAll(() => fixture.close());

async function rows<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
  return (await fixture.client.query<Row>(text, values)).rows;
}

describe('migrations', () => {
  test('a second time there is nothing to do', async () => {
    expect(await fixture.repository.migrate()).toEqual([]);
  });

  test('of processes that migrate at once each migration is applied by one', async () => {
    const database = await createDatabase('repo_race');
    const repositories = await Promise.all(
      Array.from({ length: 5 }, () => openRepository({ url: database.url })),
    );
    const applied = await Promise.all(repositories.map((repository) => repository.migrate()));
    const ledger = await rows<{ name: string }>('select name from odtm.migration order by name');
    expect(applied.flat().sort()).toEqual(ledger.map(({ name }) => name));
    expect(await repositories[0]?.queries.runs({ limit: 1 })).toEqual([]);
    await Promise.all(repositories.map((repository) => repository.close()));
    await database.drop();
  });

  test('a repository of a newer program is left alone', async () => {
    const newer = await openFixture('repo_newer');
    await newer.client.query(
      `insert into odtm.migration (name, "timestamp") values ('9999-from-the-future', '2030-01-01')`,
    );
    const error = await failureOf(newer.repository.migrate());
    expect(error).toMatchObject({
      code: 'ODTM-4002',
      message:
        'The repository has the migration 9999-from-the-future, which this version does not know.',
    });
    await newer.close();
  });
});

describe('connecting', () => {
  test('a server that is not there is named without the password', async () => {
    const error = await failureOf(
      openRepository({ url: 'postgres://ann:very-secret@127.0.0.1:1/odtm' }),
    );
    expect(error).toMatchObject({ code: 'ODTM-4001' });
    expect(error.message).toContain('127.0.0.1:1/odtm');
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('very-secret');
  });

  test('so is a database that is not there', async () => {
    const url = new URL(superuserUrl());
    url.pathname = '/no_such_database';
    const error = await failureOf(openRepository({ url: url.href }));
    expect(error).toMatchObject({ code: 'ODTM-4001' });
    expect(error.message).toContain('no_such_database');
    if (url.password !== '') expect(error.message).not.toContain(url.password);
  });
});

describe('the catalogue', () => {
  test('every table, view and column has its comment', async () => {
    const silent = await rows<{ what: string }>(`
      select c.oid::regclass || coalesce('.' || a.attname, '') as what
        from pg_class c
        left join lateral (select 0 as attnum, null::name as attname
                           union all
                           select attnum, attname from pg_attribute
                            where attrelid = c.oid and attnum > 0 and not attisdropped) a on true
       where c.relnamespace = 'odtm'::regnamespace and c.relkind in ('r', 'v', 'p', 'm')
         and coalesce(col_description(c.oid, a.attnum), case when a.attnum = 0
               then obj_description(c.oid, 'pg_class') end, '') = ''`);
    expect(silent).toEqual([]);
    const [count] = await rows<{ n: number }>(
      `select count(*)::int as n from pg_class
        where relnamespace = 'odtm'::regnamespace and relkind = 'r'`,
    );
    expect(count?.n).toBeGreaterThan(20);
  });

  const VOCABULARIES = [
    ['stream', 'status', STREAM_STATUSES],
    ['run', 'wish', WISHES],
    ['run', 'preview', PREVIEW_MODES],
    ['unit_log', 'status', UNIT_STATUSES],
    ['unit_log', 'kind', UNIT_KINDS],
    ['statement_log', 'status', STATEMENT_STATUSES],
    ['instance', 'engine', ENGINES],
    ['package_version', 'engine', ENGINES],
    ['parameter', 'type', PARAMETER_TYPES],
  ] as const;

  test.each(VOCABULARIES)(
    '%s.%s takes exactly the words of the core',
    async (table, column, words) => {
      const [check] = await rows<{ text: string }>(
        `select pg_get_constraintdef(oid) as text from pg_constraint
        where conrelid = ('odtm.' || $1)::regclass and conname = $1 || '_' || $2 || '_check'`,
        [table, column],
      );
      const found = [...(check?.text ?? '').matchAll(/'(\w+)'::text/g)].map((match) => match[1]);
      expect(found.sort()).toEqual([...words].sort());
    },
  );

  test('the permitted moves of a stream are those of the core', async () => {
    const found = await rows<{ edge: string }>(
      `select from_status || ' → ' || to_status as edge from odtm.stream_edge`,
    );
    const permitted = STREAM_STATUSES.flatMap((from) =>
      Object.keys(STREAM_EDGES[from]).map((to) => `${from} → ${to}`),
    );
    expect(found.map(({ edge }) => edge).sort()).toEqual(permitted.sort());
  });
});
