CREATE OR REPLACE PACKAGE dom$usage AS
  -- What a statement has used, as far as the session may read it: v$pq_sesstat for parallel execution,
  -- v$mystat and v$statname for redo and undo.

  TYPE t_usage IS RECORD (
    -- Null: nothing ran in parallel, or nobody may know.
    workers    NUMBER(6),
    -- Null: nobody may know. A block has that of the statements which it executed, and of their log, in it.
    redo_bytes NUMBER(18),
    undo_bytes NUMBER(18),
    -- What ran in parallel, in words.
    remark     VARCHAR2(200)
  );

  -- To be called right before a statement and right behind it, with the same record.
  PROCEDURE begin_statement (o_usage OUT t_usage);

  PROCEDURE end_statement (p_usage IN OUT NOCOPY t_usage);
END dom$usage;
/
