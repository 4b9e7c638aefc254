CREATE OR REPLACE PACKAGE dom$setting AS
  -- Session settings for one statement, put back behind it as far as the session may read what they were:
  -- NLS settings, TIME_ZONE and the state of PARALLEL always, parameters with a right to read v$parameter.
  -- What cannot be read stays as it was set. The framework's own DML says for itself that it is not parallel:
  -- no setting of the author's may keep it from its table for the rest of the transaction (ORA-12838).

  -- Parallel DML is switched on and off between transactions only, and a unit is one from its beginning.
  e_within_transaction EXCEPTION;
  gc_within_transaction CONSTANT PLS_INTEGER := -12841;
  PRAGMA EXCEPTION_INIT(e_within_transaction, -12841);

  TYPE t_undo IS TABLE OF VARCHAR2(4000) INDEX BY PLS_INTEGER;

  -- One or several settings, separated by semicolons: ALTER SESSION …, or without these two words, or just
  -- name = value. Adds to p_undo what takes them back.
  PROCEDURE apply (p_settings IN VARCHAR2, p_undo IN OUT NOCOPY t_undo);

  PROCEDURE restore (p_undo IN OUT NOCOPY t_undo);

  -- Takes back what could not be taken back within a transaction; to be called before the next begins.
  PROCEDURE catch_up;
END dom$setting;
/
