CREATE OR REPLACE PACKAGE dom$journal AS
  -- The live log: what a unit does is seen by others at once, whatever becomes of its transaction.

  PROCEDURE began (p_seq IN NUMBER, p_sql IN CLOB);

  PROCEDURE ended (p_seq IN NUMBER, p_elapsed_ms IN NUMBER, p_rows IN NUMBER, p_usage IN dom$usage.t_usage);

  -- To be called in the handler of the error; never raises one itself, which would hide the first.
  PROCEDURE failed (p_seq IN NUMBER, p_elapsed_ms IN NUMBER);

  PROCEDURE said (p_seq IN NUMBER, p_message IN CLOB);
END dom$journal;
/
