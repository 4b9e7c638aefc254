CREATE OR REPLACE PACKAGE dom$split AS
  -- Cuts the task of the current unit into chunks, by one statement that is logged like any other.

  -- Ranges of equal width, low <= key < high, from the least to the greatest key.
  PROCEDURE by_key (p_handle IN VARCHAR2, p_owner IN VARCHAR2, p_table IN VARCHAR2, p_column IN VARCHAR2,
    p_size IN VARCHAR2);

  -- What a query returns: low and high, one row a chunk, in its order.
  PROCEDURE by_sql (p_handle IN VARCHAR2, p_sql IN CLOB);
END dom$split;
/
