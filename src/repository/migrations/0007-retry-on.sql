-- The error codes after which an author wants a unit tried again.
ALTER TABLE odtm.operation ADD COLUMN retry_on text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN odtm.operation.retry_on IS
  'Error codes as engines give them: a unit that fails with one of them is tried again.';
ALTER TABLE odtm.task ADD COLUMN retry_on text[];
COMMENT ON COLUMN odtm.task.retry_on IS
  'As of the operation, for this task alone; null: what the operation says.';
