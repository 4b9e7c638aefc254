-- What a statement has used beside time, as far as its engine says so.
ALTER TABLE odtm.statement_log
  ADD COLUMN redo_bytes bigint,
  ADD COLUMN undo_bytes bigint,
  ADD COLUMN remark text;
COMMENT ON COLUMN odtm.statement_log.redo_bytes IS 'Bytes of redo that it wrote, where the engine says so.';
COMMENT ON COLUMN odtm.statement_log.undo_bytes IS 'Bytes of undo that it wrote, where the engine says so.';
COMMENT ON COLUMN odtm.statement_log.remark IS
  'What its target says of it: what ran in parallel, or that an earlier try was found in effect.';
