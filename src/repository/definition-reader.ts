import { sql } from 'kysely';
import type { Environment, Instance, Operation } from '../core/definitions/model.ts';
import type { Session } from './connection.ts';

/**
 * Reads definitions back. Lists come in the order of their natural keys, compared byte by byte; tasks,
 * objects and parameters as they were defined.
 */

export async function readEnvironments(session: Session): Promise<readonly Environment[]> {
  return session.query(sql<Environment>`
    select id, code, description, enabled,
           max_duration_ms::float8 as "maxDurationMs", max_streams as "maxStreams"
      from odtm.environment order by id`);
}

/** One instance, or with null all of them. */
export async function readInstances(
  session: Session,
  name: string | null,
): Promise<readonly Instance[]> {
  const rows = await session.query(sql<Instance>`
    select i.name, i.engine, i.host, i.port, i.database, i.user_name as "user", i.credential, i.options,
           coalesce((select jsonb_agg(jsonb_build_object('environment', m.environment, 'enabled', m.enabled)
                                      order by m.environment collate "C")
                       from odtm.instance_environment m where m.instance = i.name), '[]') as environments,
           i.labels, i.enabled, i.max_streams as "maxStreams"
      from odtm.instance i
     where ${name}::text is null or i.name = ${name}
     order by i.name collate "C"`);
  return rows.map((row) => ({
    ...row,
    options: byKey(row.options),
    labels: byKey(row.labels),
  }));
}

type OperationRow = Omit<Operation, 'environments' | OperationPart>;
type OperationPart = 'tasks' | 'objects' | 'variants' | 'parameters';

export async function readOperations(session: Session): Promise<readonly Operation[]> {
  const rows = await session.query(sql<OperationRow>`
    select o.id, o.name, o.description, o.package, o.enabled,
           o.max_duration_ms::float8 as "maxDurationMs", o.max_streams as "maxStreams",
           o.retry_on as "retryOn",
           case when not o.all_instances then
             coalesce((select jsonb_agg(jsonb_build_object('instance', i.instance, 'enabled', i.enabled)
                                        order by i.instance collate "C")
                         from odtm.operation_instance i where i.operation_id = o.id), '[]')
           end as instances,
           o.labels
      from odtm.operation o order by o.id`);
  const environments = await readParts(session, operationEnvironments);
  const tasks = await readParts(session, operationTasks);
  const objects = await readParts(session, operationObjects);
  const variants = await readParts(session, operationVariants);
  const parameters = await readParts(session, operationParameters);
  return rows.map((row) => ({
    ...row,
    labels: byKey(row.labels),
    environments: environments.get(row.id) ?? [],
    tasks: tasks.get(row.id) ?? [],
    objects: objects.get(row.id) ?? [],
    variants: variants.get(row.id) ?? [],
    parameters: parameters.get(row.id) ?? [],
  }));
}

type Part<T> = T & { readonly operationId: number };

/** The rows of a part by operation, in their order. */
async function readParts<T>(
  session: Session,
  read: (session: Session) => Promise<readonly Part<T>[]>,
): Promise<Map<number, Omit<Part<T>, 'operationId'>[]>> {
  const parts = new Map<number, Omit<Part<T>, 'operationId'>[]>();
  for (const { operationId, ...part } of await read(session)) {
    const list = parts.get(operationId);
    if (list === undefined) parts.set(operationId, [part]);
    else list.push(part);
  }
  return parts;
}

function operationEnvironments(session: Session) {
  return session.query(sql<Part<Operation['environments'][number]>>`
    select operation_id as "operationId", environment, enabled, max_duration_ms::float8 as "maxDurationMs"
      from odtm.operation_environment order by operation_id, environment collate "C"`);
}

function operationTasks(session: Session) {
  return session.query(sql<Part<Operation['tasks'][number]>>`
    select operation_id as "operationId", name, run_order as "order", enabled, procedure, sql,
           done_when as "doneWhen", chunks, retry_on as "retryOn", needs
      from odtm.task order by operation_id, position`);
}

function operationObjects(session: Session) {
  return session.query(sql<Part<Operation['objects'][number]>>`
    select o.operation_id as "operationId", o.owner, o.name, o.run_order as "order", o.enabled,
           case when not o.all_instances then
             coalesce((select jsonb_agg(i.instance order by i.instance collate "C")
                         from odtm.object_instance i
                        where (i.operation_id, i.owner, i.name) = (o.operation_id, o.owner, o.name)), '[]')
           end as instances
      from odtm.object o order by o.operation_id, o.position`);
}

function operationVariants(session: Session) {
  return session.query(sql<Part<Operation['variants'][number]>>`
    select operation_id as "operationId", name, description, enabled
      from odtm.variant order by operation_id, name collate "C"`);
}

function operationParameters(session: Session) {
  return session.query(sql<Part<Operation['parameters'][number]>>`
    select operation_id as "operationId", name, type, value, enabled, environment, instance, object, variant
      from odtm.parameter order by operation_id, position`);
}

/** JSON objects of the server have an order of their own; ours is that of the keys. */
function byKey(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
