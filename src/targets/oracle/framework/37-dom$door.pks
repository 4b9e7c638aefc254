CREATE OR REPLACE PACKAGE dom$door AS
  -- The one door through which statements of package code are executed: it logs them, and keeps a record by
  -- which a statement that commits by itself is never done twice and never forgotten.

  PROCEDURE execute (p_sql IN CLOB, p_alter_session IN VARCHAR2, p_done_when IN VARCHAR2);

  PROCEDURE say (p_message IN CLOB);
END dom$door;
/
