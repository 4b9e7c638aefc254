CREATE OR REPLACE PACKAGE torture AS
  PROCEDURE iterator (p_handle VARCHAR2, p_owner VARCHAR2, p_object_name VARCHAR2);
  PROCEDURE initial (p_handle VARCHAR2);
  PROCEDURE final (p_handle VARCHAR2, p_after_error CHAR DEFAULT 'N');
  PROCEDURE book (p_handle VARCHAR2);
  PROCEDURE left_side (p_handle VARCHAR2);
  PROCEDURE right_side (p_handle VARCHAR2);
  PROCEDURE spread (p_handle VARCHAR2);
  PROCEDURE seal (p_handle VARCHAR2);
END torture;
/
