CREATE OR REPLACE PACKAGE dom$split AS
  -- Cuts the task of the current unit into chunks, by one statement that is logged like any other.

  PROCEDURE by_key (p_handle IN VARCHAR2, p_owner IN VARCHAR2, p_table IN VARCHAR2, p_column IN VARCHAR2,
    p_size IN VARCHAR2);

  PROCEDURE by_sql (p_handle IN VARCHAR2, p_sql IN CLOB);
END dom$split;
/
