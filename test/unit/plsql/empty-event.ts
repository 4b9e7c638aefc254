/** The columns of an event that most events leave empty. */
export const EMPTY_EVENT = {
  elapsed_ms: null,
  row_count: null,
  workers: null,
  redo_bytes: null,
  undo_bytes: null,
  code: null,
  sql_text: null,
};
