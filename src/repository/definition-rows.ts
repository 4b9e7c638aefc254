import { type RawBuilder, sql } from 'kysely';
import type { Definitions, Operation } from '../core/definitions/model.ts';
import { safeJson } from './safe-text.ts';

type Row = Readonly<Record<string, unknown>>;

/** The tables of the definitions; each may refer to those before it. */
export const DEFINITION_TABLES = [
  'environment',
  'instance',
  'instance_environment',
  'operation',
  'operation_environment',
  'operation_instance',
  'task',
  'object',
  'object_instance',
  'variant',
  'parameter',
] as const;
export type DefinitionTable = (typeof DEFINITION_TABLES)[number];

/** The rows that hold these definitions. Packages have a store of their own. */
export function definitionRows(definitions: Definitions): Record<DefinitionTable, readonly Row[]> {
  const { environments, instances, operations } = definitions;
  return {
    environment: environments.map((environment) => ({
      id: environment.id,
      code: environment.code,
      description: environment.description,
      enabled: environment.enabled,
      max_duration_ms: environment.maxDurationMs,
      max_streams: environment.maxStreams,
    })),
    instance: instances.map((instance) => ({
      name: instance.name,
      engine: instance.engine,
      host: instance.host,
      port: instance.port,
      database: instance.database,
      user_name: instance.user,
      credential: instance.credential,
      options: instance.options,
      labels: instance.labels,
      enabled: instance.enabled,
      max_streams: instance.maxStreams,
    })),
    instance_environment: instances.flatMap(({ name, environments: memberships }) =>
      memberships.map((membership) => ({ instance: name, ...membership })),
    ),
    ...operationRows(operations),
  };
}

function operationRows(operations: readonly Operation[]) {
  return {
    operation: operations.map((operation) => ({
      id: operation.id,
      name: operation.name,
      description: operation.description,
      package: operation.package,
      enabled: operation.enabled,
      max_duration_ms: operation.maxDurationMs,
      max_streams: operation.maxStreams,
      retry_on: operation.retryOn,
      all_instances: operation.instances === null,
      labels: operation.labels,
    })),
    operation_environment: ofEach(operations, ({ environments }) =>
      environments.map(({ environment, enabled, maxDurationMs }) => ({
        environment,
        enabled,
        max_duration_ms: maxDurationMs,
      })),
    ),
    operation_instance: ofEach(operations, ({ instances }) => instances ?? []),
    task: ofEach(operations, ({ tasks }) =>
      tasks.map(({ order, doneWhen, retryOn, ...task }, position) => ({
        ...task,
        position,
        run_order: order,
        done_when: doneWhen,
        retry_on: retryOn,
      })),
    ),
    ...objectRows(operations),
    variant: ofEach(operations, ({ variants }) => variants),
    parameter: ofEach(operations, ({ parameters }) =>
      parameters.map((parameter, position) => ({ ...parameter, position })),
    ),
  };
}

function objectRows(operations: readonly Operation[]) {
  return {
    object: ofEach(operations, ({ objects }) =>
      objects.map(({ owner, name, order, enabled, instances }, position) => ({
        owner,
        name,
        position,
        run_order: order,
        enabled,
        all_instances: instances === null,
      })),
    ),
    object_instance: ofEach(operations, ({ objects }) =>
      objects.flatMap(({ owner, name, instances }) =>
        (instances ?? []).map((instance) => ({ owner, name, instance })),
      ),
    ),
  };
}

/** The rows that each operation has in a table, with its id. */
function ofEach(
  operations: readonly Operation[],
  rowsOf: (operation: Operation) => readonly object[],
): Row[] {
  return operations.flatMap((operation) =>
    rowsOf(operation).map((row) => ({ operation_id: operation.id, ...row })),
  );
}

/** Writes rows of a table; their keys are its columns. */
export function insertRows(table: DefinitionTable, rows: readonly Row[]): RawBuilder<unknown> {
  const target = sql.table(`odtm.${table}`);
  return sql`insert into ${target}
    select * from jsonb_populate_recordset(null::${target}, ${safeJson(rows)}::jsonb)`;
}

export function deleteRows(table: DefinitionTable): RawBuilder<unknown> {
  return sql`delete from ${sql.table(`odtm.${table}`)}`;
}
