-- What tasks need on their targets, for `odtm check`.
ALTER TABLE odtm.task ADD COLUMN needs jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN odtm.task.needs IS 'Privileges that it needs: a list for each engine that has any.';
