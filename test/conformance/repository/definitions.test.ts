import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Definitions, Operation } from '../../../src/core/definitions/model.ts';
import {
  apply,
  emptyRepository,
  ending,
  type Fixture,
  failureOf,
  fleet,
  leaseOf,
  openFixture,
  PACKAGE,
  packageVersion,
  startOf,
  takeOne,
} from './fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture('repo_definitions');
});
afterAll(() => fixture.close());
beforeEach(() => emptyRepository(fixture));

/** Something in every list, and both forms of whatever has two. */
function everything(): Definitions {
  const { environments, instances, operations } = fleet({
    instances: 3,
    operations: [12, 13],
    environmentLimit: 4,
    instanceLimit: 2,
  });
  const [first, ...others] = operations;
  if (first === undefined) throw new Error('an operation was expected');
  return {
    environments: environments.map((one) => ({
      ...one,
      maxDurationMs: 5_400_000,
      description: 'ä',
    })),
    instances: instances.map((one, n) => ({
      ...one,
      enabled: n > 0,
      credential: n === 0 ? null : 'file:/run/secret',
      labels: { region: 'eu', a: '"quoted"' },
      environments: one.environments.map((entry) => ({ ...entry, enabled: n > 1 })),
    })),
    operations: [richOperation(first), ...others.map((one) => ({ ...one, instances: [] }))],
    packages: [{ ...PACKAGE, engine: 'mariadb' }, PACKAGE],
  };
}

function richTasks(): Operation['tasks'] {
  const needs = {
    postgres: ['CREATEDB'],
    oracle: ['DROP TABLESPACE', 'SELECT ON sys.dba_segments'],
  };
  const task = {
    enabled: true,
    procedure: null,
    sql: null,
    doneWhen: null,
    chunks: null,
    retryOn: null,
    needs: {},
  };
  return [
    { ...task, name: 'z_first', order: 20, procedure: 'z', retryOn: ['40P01'], needs },
    {
      ...task,
      name: 'a_second',
      order: 20,
      sql: 'vacuum t',
      doneWhen: 'select true',
      retryOn: [],
    },
    {
      ...task,
      name: 'm_third',
      order: 30,
      enabled: false,
      procedure: 'm',
      chunks: { by: 'key', table: '@object', column: 'id', size: '1 day', parallel: 4 },
    },
    {
      ...task,
      name: 'n_fourth',
      order: 40,
      procedure: 'n',
      chunks: { by: 'sql', sql: 'select 1, 2', parallel: 1 },
    },
  ];
}

function richOperation(first: Operation): Operation {
  const scope = { environment: null, instance: null, object: null, variant: null };
  return {
    ...first,
    description: 'Purges orders',
    maxDurationMs: 1000,
    maxStreams: 3,
    retryOn: ['1412', 'ORA-01555'],
    environments: [{ environment: 'TEST', enabled: false, maxDurationMs: 60_000 }],
    instances: [
      { instance: 'db01', enabled: true },
      { instance: 'db03', enabled: false },
    ],
    labels: { region: 'eu' },
    tasks: richTasks(),
    objects: [
      { owner: 'app', name: 'orders', order: 10, enabled: true, instances: ['db01', 'db02'] },
      { owner: 'app', name: 'lines', order: 10, enabled: false, instances: null },
      { owner: 'app', name: 'none', order: 20, enabled: true, instances: [] },
    ],
    variants: [{ name: 'gentle', description: null, enabled: true }],
    parameters: [
      { ...scope, name: 'months', type: 'number', value: '13', enabled: true },
      {
        ...scope,
        name: 'months',
        type: 'number',
        value: '6',
        enabled: true,
        environment: 'TEST',
      },
      {
        name: 'since',
        type: 'date',
        value: '2020-01-01',
        enabled: false,
        environment: 'PROD',
        instance: 'db01',
        object: 'app.orders',
        variant: 'gentle',
      },
    ],
  };
}

test('an empty repository has revision 0 and nothing', async () => {
  expect(await fixture.repository.definitions.load()).toEqual({
    revision: 0,
    definitions: { environments: [], instances: [], operations: [], packages: [] },
  });
});

test('definitions come back exactly as they were applied', async () => {
  const definitions = everything();
  const { definitions: store, instances } = fixture.repository;
  expect(await store.replace(definitions, 0, 'ann')).toBe(1);
  const loaded = await store.load();
  expect(loaded).toEqual({ revision: 1, definitions });
  expect(JSON.stringify(loaded.definitions.instances[0]?.labels)).toBe(
    JSON.stringify({ a: '"quoted"', region: 'eu' }),
  );
  expect(await instances.instance('db02')).toEqual(definitions.instances[1]);
  expect(await instances.instance('db99')).toBeNull();
});

test('applying replaces everything', async () => {
  const { definitions: store } = fixture.repository;
  await store.replace(everything(), 0, 'ann');
  const smaller = fleet({ instances: 1, operations: [13] });
  expect(await store.replace(smaller, 1, 'ben')).toBe(2);
  expect((await store.load()).definitions).toEqual(smaller);
});

test('whoever compared with an older revision is refused', async () => {
  const { definitions: store } = fixture.repository;
  const definitions = fleet({ instances: 1, operations: [12] });
  const results = await Promise.allSettled(
    Array.from({ length: 5 }, () => store.replace(definitions, 0, 'ann')),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const codes = results.flatMap((r) => (r.status === 'rejected' ? [r.reason.code] : []));
  expect(codes).toEqual(Array(4).fill('ODTM-4004'));
  expect(await failureOf(store.replace(definitions, 7, 'ann'))).toMatchObject({
    details: { revision: 1 },
  });
});

test('a definition that breaks a rule changes nothing', async () => {
  const { definitions: store } = fixture.repository;
  const good = fleet({ instances: 1, operations: [12] });
  await store.replace(good, 0, 'ann');
  const bad = {
    ...fleet({ instances: 2, operations: [12] }),
    instances: good.instances.map((one) => ({ ...one, credential: 'a password' })),
  };
  expect(await failureOf(store.replace(bad, 1, 'ann'))).toMatchObject({
    constraint: 'instance_credential_is_a_reference',
  });
  expect(await store.load()).toEqual({ revision: 1, definitions: good });
});

test('every version of a package is kept, the applied one is current', async () => {
  const { definitions: store, packages } = fixture.repository;
  const versions = ['select 1', 'select 2', 'select 1'].map(packageVersion);
  for (const [revision, version] of versions.entries()) {
    await store.replace(
      fleet({ instances: 1, operations: [12], package: version }),
      revision,
      'ann',
    );
    expect((await store.load()).definitions.packages).toEqual([version]);
  }
  for (const version of versions) {
    expect(await packages.version('purge', 'postgres', version.sha256)).toEqual(version);
  }
});

test('the files of a package come in the order in which they run: bodies behind specifications', async () => {
  const { definitions: store, packages } = fixture.repository;
  const [file] = packageVersion('select 1').files;
  const paths = ['a.pks', 'state.sql', 'z.pks', 'a.pkb', 'z.pkb'];
  const files = paths.flatMap((path) => (file === undefined ? [] : [{ ...file, path }]));
  const version = { ...PACKAGE, files: files.toReversed() };
  await store.replace(fleet({ instances: 1, operations: [12], package: version }), 0, 'ann');
  expect((await store.load()).definitions.packages).toEqual([{ ...version, files }]);
  expect(await packages.version('purge', 'postgres', version.sha256)).toEqual({
    ...version,
    files,
  });
});

test('what an unfinished run needs cannot be removed, what it does not need can', async () => {
  await apply(fixture, fleet({ instances: 2, operations: [12, 13] }));
  const stream = await takeOne(fixture, startOf({ number: 12, on: ['db02'] }));
  const { definitions: store, streams, queries } = fixture.repository;
  const replace = (next: Definitions) => store.replace(next, 1, 'ann');
  const full = fleet({ instances: 2, operations: [12] });
  expect(await failureOf(replace({ ...full, operations: [] }))).toMatchObject({
    code: 'ODTM-4005',
    details: { definition: 'operation operation_12', run: stream.runId },
  });
  expect(await failureOf(replace(fleet({ instances: 1, operations: [12] })))).toMatchObject({
    code: 'ODTM-4005',
    details: { definition: 'instance db02' },
  });
  expect(
    await failureOf(replace({ ...full, environments: [], instances: [], operations: [] })),
  ).toMatchObject({ code: 'ODTM-4005', details: { definition: 'environment PROD' } });
  expect(await replace(full)).toBe(2);
  await streams.end(leaseOf(stream), ending('completed'));
  const empty = { environments: [], instances: [], operations: [], packages: [] };
  expect(await store.replace(empty, 2, 'ann')).toBe(3);
  expect((await queries.run(stream.runId))?.run).toMatchObject({
    status: 'completed',
    operation: { id: 12, name: 'operation_12' },
    environment: { id: 1, code: 'PROD' },
  });
});

test('a start at the same time as the removal is either refused or keeps its definitions', async () => {
  const full = fleet({ instances: 1, operations: [12] });
  const { definitions: store, runs, queries } = fixture.repository;
  for (let round = 0; round < 8; round += 1) {
    await emptyRepository(fixture);
    await store.replace(full, 0, 'ann');
    const [removed, started] = await Promise.allSettled([
      store.replace({ ...full, operations: [] }, 1, 'ann'),
      runs.start(startOf({ number: 12, on: ['db01'] })),
    ]);
    expect(removed.status).not.toBe(started.status);
    expect(await queries.runs({ limit: 9 })).toHaveLength(started.status === 'fulfilled' ? 1 : 0);
  }
});
