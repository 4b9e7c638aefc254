import { z } from 'zod';
import { ADDRESS_PATTERN } from '../core/definitions/address.ts';
import { DURATION_PATTERN } from '../core/definitions/duration.ts';
import { ERROR_CODE_PATTERN } from '../core/definitions/error-code.ts';
import { PARAMETER_TYPES } from '../core/definitions/model.ts';
import {
  CODE_PATTERN,
  CREDENTIAL_PATTERN,
  IDENTIFIER_PATTERN,
  INSTANCE_NAME_PATTERN,
  LABEL_KEY_PATTERN,
  OBJECT_ID_PATTERN,
  OBJECT_NAME_PATTERN,
  PARAMETER_NAME_PATTERN,
} from '../core/definitions/names.ts';
import { PRIVILEGE_PATTERN } from '../core/definitions/privilege.ts';
import type {
  EnvironmentSource,
  InstanceSource,
  OperationSource,
} from '../core/definitions/source.ts';
import { ENGINES } from '../core/engine.ts';

/**
 * The shape of the definition files: the one source of the published JSON Schema and of the first check.
 * The error text of each part is what it must be; `shape-problems.ts` makes whole sentences of it.
 */
const MAX_ID = 2_147_483_647;
const MAX_SQL_LENGTH = 100_000;

function text(expected: string, maxLength = 1000) {
  return z
    .string({ error: expected })
    .min(1, { error: expected })
    .max(maxLength, { error: expected });
}

function matching(pattern: RegExp, expected: string) {
  return z.string({ error: expected }).regex(pattern, { error: expected });
}

function whole(least: number, most: number, what = 'a whole number') {
  const expected = `${what} from ${least} to ${most}`;
  return z.int({ error: expected }).min(least, { error: expected }).max(most, { error: expected });
}

const identifier = matching(
  IDENTIFIER_PATTERN,
  'a name of a to z, 0 to 9 and _, a letter first, at most 63 characters',
);
const code = matching(
  CODE_PATTERN,
  'a code of letters, digits, _ and -, a letter first, at most 30 characters',
);
const instanceName = matching(
  INSTANCE_NAME_PATTERN,
  'an instance name of letters, digits, _, . and -, at most 63 characters',
);
const objectId = matching(OBJECT_ID_PATTERN, 'an object as owner.table');
const objectName = matching(
  OBJECT_NAME_PATTERN,
  'the name of an owner or a table, at most 128 characters',
);
const description = text('text of 1 to 1000 characters').nullish();
const sql = text(`SQL text of 1 to ${MAX_SQL_LENGTH} characters`, MAX_SQL_LENGTH);
const enabled = z
  .boolean({ error: 'true or false' })
  .optional()
  .describe('False: it is kept, and takes no part. Default: true.');
const maxDuration = matching(DURATION_PATTERN, 'a duration such as 90s, 30m, 4h, 2d or 1h30m')
  .nullish()
  .describe(
    'A stream stops cleanly before its next unit when its run has worked this long, e.g. 90s, 30m, 4h, 2d.',
  );
const maxStreams = whole(1, 10_000);
const order = whole(0, 1_000_000).nullish();
const retryOn = z
  .array(
    matching(
      ERROR_CODE_PATTERN,
      'an error code in quotes as the engine gives it, such as "ORA-01555", "40P01" or "1412"',
    ),
    { error: 'a list of error codes such as ["ORA-01555", "40P01", "1412"]' },
  )
  .nullish();
const scalarText = 'text, a whole number, true or false (put anything else in quotes)';
const scalar = z.union([z.string().max(1000, { error: scalarText }), z.int(), z.boolean()], {
  error: scalarText,
});
const labels = z
  .record(
    matching(LABEL_KEY_PATTERN, 'a label name of letters, digits, _, . and -, a letter first'),
    scalar,
    { error: 'label names with values, such as { region: eu }' },
  )
  .nullish();

const environment: z.ZodType<EnvironmentSource> = z
  .strictObject(
    {
      id: whole(1, MAX_ID).describe('The number that run_op(operation, environment) takes.'),
      code: code.describe('The code that people use: DEV, TEST, UAT, PROD.'),
      description,
      max_duration: maxDuration,
      max_streams: maxStreams
        .nullish()
        .describe('How many streams may be active in this environment at once. Default: no limit.'),
      enabled,
    },
    { error: 'an environment such as { id: 1, code: PROD }' },
  )
  .describe('A class of databases.');

function membership(shape: Record<string, z.ZodType> = {}) {
  const expected = 'an environment code, or { code: TEST, enabled: false }';
  return z.union([code, z.strictObject({ code, enabled, ...shape }, { error: expected })], {
    error: expected,
  });
}

function atLeastOne<T extends z.ZodType>(element: T, expected: string) {
  return z.array(element, { error: expected }).min(1, { error: expected });
}

const instance: z.ZodType<InstanceSource> = z
  .strictObject(
    {
      name: instanceName,
      engine: z.enum(ENGINES, { error: `one of ${ENGINES.join(', ')}` }),
      address: matching(ADDRESS_PATTERN, 'host[:port]/database, without user or password')
        .nullish()
        .describe('host[:port]/database. Or give host, port and database.'),
      host: text('a host name or address', 255).nullish(),
      port: whole(1, 65_535, 'a port').nullish().describe("Default: the engine's own port."),
      database: text('the name of a database', 128)
        .nullish()
        .describe('Database, schema or service name.'),
      user: text('a user name of at most 128 characters', 128).describe(
        "The client schema's owner.",
      ),
      credential: matching(
        CREDENTIAL_PATTERN,
        'a reference: env:NAME, file:PATH or exec:COMMAND, never the secret itself',
      )
        .nullish()
        .describe(
          'Where the secret is: env:NAME, file:PATH or exec:COMMAND. Never the secret itself.',
        ),
      options: z
        .record(z.string(), scalar, {
          error: 'option names with values, such as { sslmode: require }',
        })
        .nullish()
        .describe("Connection options of the engine's driver."),
      environments: atLeastOne(
        membership(),
        'the environments that the instance belongs to, at least one',
      ).describe('The environments that the instance belongs to.'),
      labels: labels.describe('Labels by which operations choose instances.'),
      max_streams: maxStreams
        .optional()
        .describe('How many streams may be active on this instance at once. Default: 1.'),
      enabled,
    },
    { error: 'an instance such as { name: shop, engine: postgres, address: "db/shop", … }' },
  )
  .describe('One target database.');

const parallel = whole(1, 1000).optional().describe('How many chunks run at a time. Default: 1.');
const CHUNK_SIZE_PATTERN = /^[1-9]\d{0,17}( (second|minute|hour|day|week|month|year)s?)?$/;
const sizeText = 'a width above 0: a whole number, or an interval such as 1 day';

const chunks = z
  .strictObject(
    {
      table: z
        .string({ error: 'owner.table, or @object for the object that is worked on' })
        .regex(new RegExp(`^@object$|${OBJECT_ID_PATTERN.source}`, 'u'), {
          error: 'owner.table, or @object for the object that is worked on',
        })
        .nullish()
        .describe(
          'owner.table whose key is cut into ranges, or @object for the object that is worked on.',
        ),
      column: objectName.nullish().describe('An integer or timestamp column.'),
      size: z
        .union(
          [
            z.int().min(1, { error: sizeText }),
            z.string().regex(CHUNK_SIZE_PATTERN, { error: sizeText }),
          ],
          {
            error: sizeText,
          },
        )
        .nullish()
        .describe('Width of a range: an integer, or an interval such as 1 day for a timestamp.'),
      sql: sql
        .nullish()
        .describe('A query of your own: two columns, low and high, one row a chunk.'),
      parallel,
    },
    { error: 'chunks such as { table: app.orders, column: id, size: 10000 }' },
  )
  .describe('Cuts the task into chunks, each a unit of its own.');

const privileges = z
  .array(
    matching(
      PRIVILEGE_PATTERN,
      'a privilege such as DROP TABLESPACE, SELECT ON owner.object or DELETE ON @object',
    ),
    { error: 'a list of privileges such as [DROP TABLESPACE, SELECT ON owner.object]' },
  )
  .nullish();

const task = z
  .strictObject(
    {
      name: identifier.describe('The name in logs and messages, and of the procedure.'),
      order: order.describe(
        'Ascending; tasks of the same order run in parallel. Default: position times 10.',
      ),
      enabled,
      procedure: identifier.nullish().describe("The procedure to call. Default: the task's name."),
      sql: sql.nullish().describe('One statement for what a procedure cannot do, such as VACUUM.'),
      done_when: sql
        .nullish()
        .describe(
          'With sql: a query that answers true when the statement has already taken effect.',
        ),
      chunks: chunks.nullish(),
      retry_on: retryOn.describe(
        "A unit of the task that fails with one of these codes is tried again. Default: the operation's.",
      ),
      needs: z
        .strictObject(Object.fromEntries(ENGINES.map((engine) => [engine, privileges])), {
          error: `lists of privileges by engine: ${ENGINES.join(', ')}`,
        })
        .nullish()
        .describe(
          'Privileges that the task needs, by engine; odtm check names those that are missing.',
        ),
    },
    { error: 'a task such as { name: purge_rows, order: 20 }' },
  )
  .describe('One repeatable stored-procedure call, or plain SQL.');

const objectText = 'an object such as app.orders, or { owner: app, name: orders, order: 1 }';
const object = z.union(
  [
    objectId,
    z.strictObject(
      {
        owner: objectName,
        name: objectName,
        order: order.describe('Objects run in ascending order. Default: position times 10.'),
        enabled,
        instances: z
          .array(instanceName, { error: 'a list of instance names' })
          .nullish()
          .describe("The instances that have it. Default: all of the operation's."),
      },
      { error: objectText },
    ),
  ],
  { error: objectText },
);

const variantText = 'a variant name, or { name: light, description: … }';
const variant = z.union(
  [identifier, z.strictObject({ name: identifier, description, enabled }, { error: variantText })],
  { error: variantText },
);

const parameterText =
  'text of at most 4000 characters, a number, or a date as YYYY-MM-DD (put true and false in quotes)';
const parameterValue = z.union([z.string().max(4000, { error: parameterText }), z.number()], {
  error: parameterText,
});
const parameter = z
  .strictObject(
    {
      name: matching(
        PARAMETER_NAME_PATTERN,
        'a parameter name of letters, digits, _ and single blanks, a letter first, at most 63 characters',
      ),
      value: parameterValue.describe(
        'Its type is inferred: a number, a date (YYYY-MM-DD), else text.',
      ),
      type: z.enum(PARAMETER_TYPES, { error: `one of ${PARAMETER_TYPES.join(', ')}` }).nullish(),
      enabled,
      environment: code.nullish().describe('Counts in this environment only.'),
      instance: instanceName.nullish().describe('Counts on this instance only.'),
      object: objectId.nullish().describe('Counts for this object only, as owner.table.'),
      variant: identifier.nullish().describe('Counts for this variant only.'),
    },
    { error: 'a parameter such as { name: months_kept, value: 24 }' },
  )
  .describe(
    'One value in a scope; operation < environment < instance < object, the most specific wins.',
  );

const instanceEntryText = 'an instance name, or { name: shop_us, enabled: false }';
const operation: z.ZodType<OperationSource> = z
  .strictObject(
    {
      id: whole(1, MAX_ID).describe('The number that run_op(operation, environment) takes.'),
      name: identifier,
      description,
      package: identifier
        .nullish()
        .describe("The folder in packages/. Default: the operation's name."),
      enabled,
      max_duration: maxDuration,
      max_streams: maxStreams
        .nullish()
        .describe('How many streams of one run may be active at once. Default: no limit.'),
      retry_on: retryOn.describe(
        'A unit that fails with one of these error codes is tried again, as after a deadlock. Default: none.',
      ),
      environments: atLeastOne(
        membership({ max_duration: maxDuration }),
        'the environments that the operation runs in, at least one',
      ).describe('The environments that the operation runs in.'),
      instances: z
        .array(
          z.union(
            [
              instanceName,
              z.strictObject({ name: instanceName, enabled }, { error: instanceEntryText }),
            ],
            {
              error: instanceEntryText,
            },
          ),
          { error: 'a list of instances' },
        )
        .min(1, {
          error: 'at least one instance; leave "instances" out for all of the environment',
        })
        .nullish()
        .describe('Only these instances. Default: all of the environment.'),
      labels: labels.describe('Only instances that have all of these labels.'),
      tasks: atLeastOne(task, 'the tasks of the operation, at least one'),
      objects: z.array(object, { error: 'a list of objects' }).nullish(),
      variants: z.array(variant, { error: 'a list of variants' }).nullish(),
      parameters: z.array(parameter, { error: 'a list of parameters' }).nullish(),
    },
    {
      error:
        'an operation such as { id: 12, name: purge_orders, environments: [PROD], tasks: [ … ] }',
    },
  )
  .describe(
    'What is done: ordered tasks of one package, where, with which objects and parameters.',
  );

/** A definition file: any of the three lists. */
export const definitionFile = z
  .strictObject(
    {
      environments: z.array(environment, { error: 'a list of environments' }).nullish(),
      instances: z.array(instance, { error: 'a list of instances' }).nullish(),
      operations: z.array(operation, { error: 'a list of operations' }).nullish(),
    },
    { error: 'a map with the keys environments, instances and operations' },
  )
  .describe('Definitions of ODTM: environments, instances and operations.');
