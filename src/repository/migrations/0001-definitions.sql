-- Definitions as `odtm apply` left them. Every apply replaces them as a whole; packages are kept for ever.

COMMENT ON SCHEMA odtm IS 'ODTM: definitions, runs, leases and the central log.';
COMMENT ON TABLE odtm.migration IS 'The migrations that have been applied, by file name.';
COMMENT ON COLUMN odtm.migration.name IS
  'Name of the file in src/repository/migrations, without its ending.';
COMMENT ON COLUMN odtm.migration."timestamp" IS 'When it was applied, ISO 8601.';
COMMENT ON TABLE odtm.migration_lock IS 'The row that migrating processes lock.';
COMMENT ON COLUMN odtm.migration_lock.id IS 'Key of the only row.';
COMMENT ON COLUMN odtm.migration_lock.is_locked IS
  'Not used on PostgreSQL: an advisory lock does it.';

CREATE TABLE odtm.definition_revision (
  revision integer PRIMARY KEY CHECK (revision > 0),
  applied_by text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE odtm.definition_revision IS 'Each time that definitions were applied.';
COMMENT ON COLUMN odtm.definition_revision.revision IS
  'Counts from 1; the highest is what the tables hold now.';
COMMENT ON COLUMN odtm.definition_revision.applied_by IS 'Who applied them.';
COMMENT ON COLUMN odtm.definition_revision.applied_at IS 'When they were applied.';

CREATE TABLE odtm.environment (
  id integer PRIMARY KEY,
  code text NOT NULL UNIQUE CHECK (code <> ''),
  description text,
  enabled boolean NOT NULL,
  max_duration_ms bigint CHECK (max_duration_ms > 0),
  max_streams integer CHECK (max_streams > 0)
);
COMMENT ON TABLE odtm.environment IS 'Classes of databases: DEV, TEST, UAT, PROD.';
COMMENT ON COLUMN odtm.environment.id IS 'Numeric id, given by its definition.';
COMMENT ON COLUMN odtm.environment.code IS 'Short name, used in definitions and commands.';
COMMENT ON COLUMN odtm.environment.description IS 'What it is for.';
COMMENT ON COLUMN odtm.environment.enabled IS 'Whether anything may be started here.';
COMMENT ON COLUMN odtm.environment.max_duration_ms IS
  'How long a stream may work, in milliseconds; null: no limit.';
COMMENT ON COLUMN odtm.environment.max_streams IS
  'How many streams may be active here at once; null: no limit.';

CREATE TABLE odtm.instance (
  name text PRIMARY KEY CHECK (name <> ''),
  engine text NOT NULL CHECK (engine IN ('postgres', 'oracle', 'mariadb')),
  host text NOT NULL,
  port integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
  database text NOT NULL,
  user_name text NOT NULL,
  credential text,
  options jsonb NOT NULL CHECK (jsonb_typeof(options) = 'object'),
  labels jsonb NOT NULL CHECK (jsonb_typeof(labels) = 'object'),
  enabled boolean NOT NULL,
  max_streams integer NOT NULL CHECK (max_streams > 0),
  CONSTRAINT instance_credential_is_a_reference CHECK (credential ~ '^(env|file|exec):')
);
COMMENT ON TABLE odtm.instance IS 'Target databases.';
COMMENT ON COLUMN odtm.instance.name IS 'Its name in definitions, commands and logs.';
COMMENT ON COLUMN odtm.instance.engine IS 'Its database engine.';
COMMENT ON COLUMN odtm.instance.host IS 'Host name or address.';
COMMENT ON COLUMN odtm.instance.port IS 'TCP port.';
COMMENT ON COLUMN odtm.instance.database IS 'Name of the database, or service name.';
COMMENT ON COLUMN odtm.instance.user_name IS 'The role that owns the client schema.';
COMMENT ON COLUMN odtm.instance.credential IS
  'Where the controller finds the password: env:, file: or exec:; never the value.';
COMMENT ON COLUMN odtm.instance.options IS 'Connection options of the engine.';
COMMENT ON COLUMN odtm.instance.labels IS 'Labels by which operations choose instances.';
COMMENT ON COLUMN odtm.instance.enabled IS 'Whether anything may be started here.';
COMMENT ON COLUMN odtm.instance.max_streams IS 'How many streams may be active here at once.';

CREATE TABLE odtm.instance_environment (
  instance text NOT NULL REFERENCES odtm.instance,
  environment text NOT NULL REFERENCES odtm.environment (code),
  enabled boolean NOT NULL,
  PRIMARY KEY (instance, environment)
);
COMMENT ON TABLE odtm.instance_environment IS 'Which instances belong to which environments.';
COMMENT ON COLUMN odtm.instance_environment.instance IS 'The instance.';
COMMENT ON COLUMN odtm.instance_environment.environment IS 'Code of the environment.';
COMMENT ON COLUMN odtm.instance_environment.enabled IS
  'Whether the instance takes part in this environment.';

CREATE TABLE odtm.operation (
  id integer PRIMARY KEY,
  name text NOT NULL UNIQUE CHECK (name <> ''),
  description text,
  package text NOT NULL CHECK (package <> ''),
  enabled boolean NOT NULL,
  max_duration_ms bigint CHECK (max_duration_ms > 0),
  max_streams integer CHECK (max_streams > 0),
  all_instances boolean NOT NULL,
  labels jsonb NOT NULL CHECK (jsonb_typeof(labels) = 'object')
);
COMMENT ON TABLE odtm.operation IS 'Operations: a package, ordered tasks, where they run.';
COMMENT ON COLUMN odtm.operation.id IS 'Numeric id, given by its definition.';
COMMENT ON COLUMN odtm.operation.name IS 'Name, used in commands and logs.';
COMMENT ON COLUMN odtm.operation.description IS 'What it is for.';
COMMENT ON COLUMN odtm.operation.package IS 'Name of its package.';
COMMENT ON COLUMN odtm.operation.enabled IS 'Whether it may be started.';
COMMENT ON COLUMN odtm.operation.max_duration_ms IS
  'How long a stream may work, in milliseconds; null: no limit.';
COMMENT ON COLUMN odtm.operation.max_streams IS
  'How many streams of one run may be active at once; null: no limit.';
COMMENT ON COLUMN odtm.operation.all_instances IS
  'It lists no instances: it runs on all of the environment.';
COMMENT ON COLUMN odtm.operation.labels IS 'Only instances that have all of these labels.';

CREATE TABLE odtm.operation_environment (
  operation_id integer NOT NULL REFERENCES odtm.operation,
  environment text NOT NULL REFERENCES odtm.environment (code),
  enabled boolean NOT NULL,
  max_duration_ms bigint CHECK (max_duration_ms > 0),
  PRIMARY KEY (operation_id, environment)
);
COMMENT ON TABLE odtm.operation_environment IS 'The environments in which an operation runs.';
COMMENT ON COLUMN odtm.operation_environment.operation_id IS 'The operation.';
COMMENT ON COLUMN odtm.operation_environment.environment IS 'Code of the environment.';
COMMENT ON COLUMN odtm.operation_environment.enabled IS 'Whether it may be started there.';
COMMENT ON COLUMN odtm.operation_environment.max_duration_ms IS
  'How long a stream may work there, in milliseconds; null: no limit.';

CREATE TABLE odtm.operation_instance (
  operation_id integer NOT NULL REFERENCES odtm.operation,
  instance text NOT NULL REFERENCES odtm.instance,
  enabled boolean NOT NULL,
  PRIMARY KEY (operation_id, instance)
);
COMMENT ON TABLE odtm.operation_instance IS 'The instances that an operation lists.';
COMMENT ON COLUMN odtm.operation_instance.operation_id IS 'The operation.';
COMMENT ON COLUMN odtm.operation_instance.instance IS 'The instance.';
COMMENT ON COLUMN odtm.operation_instance.enabled IS 'Whether it runs there.';

CREATE TABLE odtm.task (
  operation_id integer NOT NULL REFERENCES odtm.operation,
  name text NOT NULL CHECK (name <> ''),
  position integer NOT NULL,
  run_order integer NOT NULL,
  enabled boolean NOT NULL,
  procedure text,
  sql text,
  done_when text,
  chunks jsonb CHECK (chunks ->> 'by' IN ('key', 'sql')),
  PRIMARY KEY (operation_id, name),
  UNIQUE (operation_id, position),
  CONSTRAINT task_is_procedure_or_sql CHECK ((procedure IS NULL) <> (sql IS NULL))
);
COMMENT ON TABLE odtm.task IS 'The tasks of an operation.';
COMMENT ON COLUMN odtm.task.operation_id IS 'The operation.';
COMMENT ON COLUMN odtm.task.name IS 'Its name, unique in the operation.';
COMMENT ON COLUMN odtm.task.position IS 'Its place in the definition.';
COMMENT ON COLUMN odtm.task.run_order IS
  'Tasks run in ascending order; those with the same one run in parallel.';
COMMENT ON COLUMN odtm.task.enabled IS 'Whether it runs.';
COMMENT ON COLUMN odtm.task.procedure IS 'The procedure of the package; null for a plain-SQL task.';
COMMENT ON COLUMN odtm.task.sql IS 'The statement of a plain-SQL task.';
COMMENT ON COLUMN odtm.task.done_when IS
  'A query that answers whether the statement has taken effect.';
COMMENT ON COLUMN odtm.task.chunks IS 'How it is cut into chunks; null: it is not.';

CREATE TABLE odtm.object (
  operation_id integer NOT NULL REFERENCES odtm.operation,
  owner text NOT NULL,
  name text NOT NULL CHECK (name <> ''),
  position integer NOT NULL,
  run_order integer NOT NULL,
  enabled boolean NOT NULL,
  all_instances boolean NOT NULL,
  PRIMARY KEY (operation_id, owner, name),
  UNIQUE (operation_id, position)
);
COMMENT ON TABLE odtm.object IS 'The objects (owner.table) that an operation is applied to.';
COMMENT ON COLUMN odtm.object.operation_id IS 'The operation.';
COMMENT ON COLUMN odtm.object.owner IS 'Its owner or schema.';
COMMENT ON COLUMN odtm.object.name IS 'Its name.';
COMMENT ON COLUMN odtm.object.position IS 'Its place in the definition.';
COMMENT ON COLUMN odtm.object.run_order IS 'Objects are worked on in ascending order.';
COMMENT ON COLUMN odtm.object.enabled IS 'Whether it is worked on.';
COMMENT ON COLUMN odtm.object.all_instances IS
  'It names no instances: all of the operation''s have it.';

CREATE TABLE odtm.object_instance (
  operation_id integer NOT NULL,
  owner text NOT NULL,
  name text NOT NULL,
  instance text NOT NULL REFERENCES odtm.instance,
  PRIMARY KEY (operation_id, owner, name, instance),
  FOREIGN KEY (operation_id, owner, name) REFERENCES odtm.object
);
COMMENT ON TABLE odtm.object_instance IS 'The instances that have an object, where it names them.';
COMMENT ON COLUMN odtm.object_instance.operation_id IS 'The operation.';
COMMENT ON COLUMN odtm.object_instance.owner IS 'Owner of the object.';
COMMENT ON COLUMN odtm.object_instance.name IS 'Name of the object.';
COMMENT ON COLUMN odtm.object_instance.instance IS 'The instance that has it.';

CREATE TABLE odtm.variant (
  operation_id integer NOT NULL REFERENCES odtm.operation,
  name text NOT NULL CHECK (name <> ''),
  description text,
  enabled boolean NOT NULL,
  PRIMARY KEY (operation_id, name)
);
COMMENT ON TABLE odtm.variant IS 'Variants of an operation, with parameters of their own.';
COMMENT ON COLUMN odtm.variant.operation_id IS 'The operation.';
COMMENT ON COLUMN odtm.variant.name IS 'Its name, unique in the operation.';
COMMENT ON COLUMN odtm.variant.description IS 'What it is for.';
COMMENT ON COLUMN odtm.variant.enabled IS 'Whether it may be started.';

CREATE TABLE odtm.parameter (
  operation_id integer NOT NULL REFERENCES odtm.operation,
  position integer NOT NULL,
  name text NOT NULL CHECK (name <> ''),
  type text NOT NULL CHECK (type IN ('string', 'number', 'date')),
  value text NOT NULL,
  enabled boolean NOT NULL,
  environment text REFERENCES odtm.environment (code),
  instance text REFERENCES odtm.instance,
  object text,
  variant text,
  PRIMARY KEY (operation_id, position),
  FOREIGN KEY (operation_id, variant) REFERENCES odtm.variant
);
COMMENT ON TABLE odtm.parameter IS
  'Values of parameters, each in its scope; the most specific one counts.';
COMMENT ON COLUMN odtm.parameter.operation_id IS 'The operation.';
COMMENT ON COLUMN odtm.parameter.position IS 'Its place in the order of names and scopes.';
COMMENT ON COLUMN odtm.parameter.name IS 'The parameter.';
COMMENT ON COLUMN odtm.parameter.type IS 'Type of the value.';
COMMENT ON COLUMN odtm.parameter.value IS 'The value as text.';
COMMENT ON COLUMN odtm.parameter.enabled IS 'Whether the value counts.';
COMMENT ON COLUMN odtm.parameter.environment IS 'Only in this environment; null: in all.';
COMMENT ON COLUMN odtm.parameter.instance IS 'Only on this instance; null: on all.';
COMMENT ON COLUMN odtm.parameter.object IS 'Only for this object (owner.name); null: for all.';
COMMENT ON COLUMN odtm.parameter.variant IS 'Only in this variant; null: in all.';
