import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { Operation } from '../../../src/core/definitions/model.ts';
import { DefinitionsInvalid } from '../../../src/core/definitions/problem.ts';
import { packageVersion } from '../../../src/definition-files/package-files.ts';
import { projectReader } from '../../../src/definition-files/project-reader.ts';

const folders: string[] = [];

function project(files: Record<string, string | Uint8Array>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'odtm-project-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const fleet = `
environments:
  - { id: 2, code: TEST }
  - { id: 1, code: PROD, description: production, max_duration: 1d8h, max_streams: 20 }
instances:
  - name: shop_us
    engine: postgres
    host: /run/postgresql
    database: shop
    user: odtm
    environments: [PROD]
    labels: { region: us, tier: 1 }
    max_streams: 3
  - name: shop_eu
    engine: postgres
    address: "[::1]:5433/shop"
    user: odtm
    credential: env:SHOP_EU_PASSWORD
    options: { sslmode: require, connect_timeout: 10 }
    environments: [PROD, { code: TEST, enabled: false }]
`;

const operation = `
operations:
  - id: 12
    name: purge_orders
    max_duration: 4h
    environments: [PROD, { code: TEST, enabled: false, max_duration: 90s }]
    instances: [shop_eu, { name: shop_us, enabled: false }]
    retry_on: [55P03, "57014"]
    tasks:
      - { name: create_exchange, retry_on: [] }
      - { name: purge_rows, order: 20, chunks: { table: "@object", column: id, size: 10000, parallel: 4 } }
      - { name: own_chunks, order: 20, procedure: other, chunks: { sql: "select 1, 2" } }
      - { name: vacuum_orders, sql: "VACUUM app.orders", done_when: null, retry_on: [55p03] }
      - name: first
        order: 5
        enabled: false
        needs: { postgres: [delete on app.Orders, CREATEDB], mariadb: [], oracle: [select on @object] }
    objects:
      - app.orders
      - { owner: app, name: lines, order: 1, instances: [shop_eu] }
    variants: [light]
    parameters:
      - { name: months_kept, value: 24 }
      - { name: since, value: 2026-01-31T08:00:00 }
      - { name: code, value: "0012", type: string, variant: light, enabled: false }
`;

const sql = 'packages/purge_orders/postgres';

describe('a project folder', () => {
  test('becomes definitions: short forms, defaults and order resolved', async () => {
    const folder = project({
      'fleet.yaml': fleet,
      'operations/deep/purge.yml': operation,
      [`${sql}/10-tasks.sql`]: 'select 1;\n',
    });
    const { environments, instances, operations } = await projectReader.read(folder);
    expect(environments.map(({ code, maxDurationMs }) => [code, maxDurationMs])).toEqual([
      ['PROD', 115_200_000],
      ['TEST', null],
    ]);
    expect(instances).toMatchObject([
      { name: 'shop_eu', host: '::1', port: 5433, database: 'shop', maxStreams: 1, enabled: true },
      { name: 'shop_us', host: '/run/postgresql', port: 5432, credential: null, maxStreams: 3 },
    ]);
    expect(instances[0]?.options).toEqual({ connect_timeout: '10', sslmode: 'require' });
    expect(instances[0]?.environments).toEqual([
      { environment: 'PROD', enabled: true },
      { environment: 'TEST', enabled: false },
    ]);
    expect(instances[1]?.labels).toEqual({ region: 'us', tier: '1' });
    checkOperation(operations[0]);
  });

  function checkOperation(found: Operation | undefined): void {
    expect(found).toMatchObject({ id: 12, package: 'purge_orders', maxDurationMs: 14_400_000 });
    expect(found?.environments[1]).toEqual({
      environment: 'TEST',
      enabled: false,
      maxDurationMs: 90_000,
    });
    expect(found?.instances?.[1]).toEqual({ instance: 'shop_us', enabled: false });
    expect(found?.retryOn).toEqual(['55P03', '57014']);
    expect(found?.tasks.map(({ retryOn }) => retryOn)).toEqual([null, [], null, null, ['55P03']]);
    expect(found?.tasks.map(({ needs }) => needs).slice(0, 2)).toEqual([
      { postgres: ['DELETE ON app.Orders', 'CREATEDB'], oracle: ['SELECT ON @object'] },
      {},
    ]);
    expect(found?.tasks.map(({ name, order, procedure }) => [name, order, procedure])).toEqual([
      ['first', 5, 'first'],
      ['create_exchange', 10, 'create_exchange'],
      ['purge_rows', 20, 'purge_rows'],
      ['own_chunks', 20, 'other'],
      ['vacuum_orders', 40, null],
    ]);
    expect(found?.tasks.map(({ chunks }) => chunks)).toEqual([
      null,
      null,
      { by: 'key', table: '@object', column: 'id', size: '10000', parallel: 4 },
      { by: 'sql', sql: 'select 1, 2', parallel: 1 },
      null,
    ]);
    expect(found?.objects.map(({ name, order, instances }) => [name, order, instances])).toEqual([
      ['lines', 1, ['shop_eu']],
      ['orders', 10, null],
    ]);
    expect(
      found?.parameters.map(({ name, type, value, variant }) => [name, type, value, variant]),
    ).toEqual([
      ['code', 'string', '0012', 'light'],
      ['months_kept', 'number', '24', null],
      ['since', 'date', '2026-01-31 08:00:00', null],
    ]);
  }

  test('packages: roles by name, line ends and byte order mark do not change the content', async () => {
    const files = {
      'fleet.yaml': fleet,
      [`${sql}/20-b.sql`]: 'b\n',
      [`${sql}/state-1.sql`]: 'a\nc\n',
    };
    const folder = project({ ...files, [`${sql}/README.md`]: 'x', [`${sql}/.hidden.sql`]: 'x' });
    const windows = project({ ...files, [`${sql}/state-1.sql`]: '\uFEFFa\r\nc\r\n' });
    const [version] = (await projectReader.read(folder)).packages;
    expect(version?.files.map(({ path: file, role, text }) => [file, role, text])).toEqual([
      ['20-b.sql', 'code', 'b\n'],
      ['state-1.sql', 'state', 'a\nc\n'],
    ]);
    expect((await projectReader.read(windows)).packages).toEqual([version]);
  });

  test('the hash of a package depends on the names and contents, not on the order of reading', () => {
    const one = { path: 'a.sql', role: 'code', text: '1', sha256: 'x' } as const;
    const two = { path: 'b.sql', role: 'code', text: '2', sha256: 'y' } as const;
    const hash = packageVersion('p', 'postgres', [one, two]).sha256;
    expect(packageVersion('p', 'postgres', [two, one]).sha256).toBe(hash);
    expect(packageVersion('p', 'postgres', [one, { ...two, sha256: 'z' }]).sha256).not.toBe(hash);
    expect(packageVersion('p', 'postgres', [one, { ...two, role: 'state' }]).sha256).not.toBe(hash);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('one source of PL/SQL is a version for each engine without a folder, bodies last', async () => {
    const plsql = path.dirname(sql);
    const folder = project({
      'fleet.yaml': fleet,
      [`${sql}/10.sql`]: 'select 1;\n',
      [`${plsql}/plsql/purge.pkb`]: 'body\n',
      [`${plsql}/plsql/purge.pks`]: 'specification\n',
      [`${plsql}/plsql/state.sql`]: 'tables\n',
      [`${plsql}/plsql/view.sql`]: 'view\n',
      [`${plsql}/mariadb/purge.PKB`]: 'other body\n',
      [`${plsql}/mariadb/purge.PKS`]: 'other specification\n',
    });
    const { packages } = await projectReader.read(folder);
    const files = packages.map(({ engine, files: of }) => [engine, ...of.map((file) => file.path)]);
    expect(files).toEqual([
      ['mariadb', 'purge.PKS', 'purge.PKB'],
      ['oracle', 'purge.pks', 'state.sql', 'view.sql', 'purge.pkb'],
      ['postgres', '10.sql'],
    ]);
  });

  test('aliases of YAML may be used, and problems stand where they are written', async () => {
    const aliases = 'environments:\n  - &base { id: 1, code: PROD }\n  - *base\n';
    const error = await projectReader.read(project({ 'a.yaml': aliases })).catch((e: unknown) => e);
    expect(String(error)).toContain(
      'a.yaml:3:5: Environment id 1 is already defined in a.yaml, line 2.',
    );
  });

  test('the examples of the reference are a whole project', async () => {
    const reference = path.resolve(import.meta.dirname, '../../../docs/DEFINITIONS.md');
    const blocks = [...readFileSync(reference, 'utf8').matchAll(/```yaml\n(.*?)```/gs)];
    const files = blocks.map(([, text = ''], index): [string, string] => [`${index}.yaml`, text]);
    const folder = project({ ...Object.fromEntries(files), [`${sql}/a.sql`]: 'select 1;\n' });
    const { environments, instances, operations } = await projectReader.read(folder);
    expect([environments.length, instances.length, operations.length]).toEqual([2, 2, 1]);
  });

  test('an empty file defines nothing', async () => {
    const folder = project({ 'a.yaml': '', 'b.yaml': 'environments:\n' });
    expect((await projectReader.read(folder)).environments).toEqual([]);
  });

  test('a folder that is none, or holds no definitions, is an error with its name', async () => {
    const missing = path.join(project({}), 'nowhere');
    await expect(projectReader.read(missing)).rejects.toMatchObject({
      errorName: 'PROJECT_UNREADABLE',
      message: `The project folder ${missing} cannot be read: there is no such folder.`,
    });
    const file = path.join(project({ 'a.yaml': '' }), 'a.yaml');
    await expect(projectReader.read(file)).rejects.toThrow('it is not a folder');
    await expect(projectReader.read(project({ 'a.txt': '' }))).rejects.toThrow(
      'it holds no *.yaml file',
    );
  });

  test('whatever stands in a file: it is read, or its problems are told with places in it', async () => {
    const folder = project({ [`${sql}/10-tasks.sql`]: 'select 1;\n', 'a.yaml': fleet });
    const good = `${fleet}${operation.replace('operations:', 'operations: # all')}`;
    const slips = fc.constantFrom(
      '',
      ' ',
      ':',
      '- ',
      '[',
      '}',
      '"',
      '\n',
      '\t',
      '*x',
      '!x',
      '1',
      'null',
      '{}',
    );
    const edit = fc.record({ at: fc.nat(good.length), length: fc.nat(12), slip: slips });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        const text = edits.reduce(
          (before, { at, length, slip }) => before.slice(0, at) + slip + before.slice(at + length),
          good,
        );
        writeFileSync(path.join(folder, 'a.yaml'), text);
        const outcome = await projectReader.read(folder).catch((error: unknown) => error);
        if (!(outcome instanceof Error)) return;
        expect(outcome).toBeInstanceOf(DefinitionsInvalid);
        refused += 1;
        const lines = text.split('\n');
        for (const { file, line, column } of (outcome as DefinitionsInvalid).problems) {
          if (file !== 'a.yaml') continue;
          expect(lines.length).toBeGreaterThanOrEqual(line);
          expect((lines[line - 1] ?? '').length + 1).toBeGreaterThanOrEqual(column);
        }
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(50);
  });
});
