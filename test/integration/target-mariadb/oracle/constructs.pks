CREATE OR REPLACE PACKAGE domown.constructs AUTHID CURRENT_USER AS
  c_limit CONSTANT PLS_INTEGER := 100;
  c_mark  CONSTANT VARCHAR2(10) := 'it''s';
  c_twice CONSTANT NUMBER := 2 * c_limit;
  SUBTYPE name_t IS VARCHAR2(30 CHAR);
  e_stop  EXCEPTION;
  e_busy  EXCEPTION;
  PRAGMA EXCEPTION_INIT(e_busy, -20042);

  PROCEDURE defaults (p_handle VARCHAR2, p_what name_t DEFAULT c_mark, p_n NUMBER := c_twice);
  PROCEDURE calls (p_handle VARCHAR2);
  PROCEDURE dates (p_handle VARCHAR2);
  PROCEDURE numbers (p_handle VARCHAR2);
  PROCEDURE texts (p_handle VARCHAR2);
  PROCEDURE missing_rows (p_handle VARCHAR2);
  PROCEDURE missing_row_uncaught (p_handle VARCHAR2);
  PROCEDURE dynamic_sql (p_handle VARCHAR2);
  PROCEDURE named_exceptions (p_handle VARCHAR2);
  PROCEDURE own_exception_uncaught (p_handle VARCHAR2);
  PROCEDURE other_exceptions (p_handle VARCHAR2);
  PROCEDURE warning_in_block (p_handle VARCHAR2);
  PROCEDURE loops (p_handle VARCHAR2);
  PROCEDURE attributes (p_handle VARCHAR2);
  FUNCTION first_name RETURN item.name%TYPE;
END constructs;
/
