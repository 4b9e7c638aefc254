CREATE OR REPLACE PACKAGE PURGE_OLD AUTHID DEFINER AS
  PROCEDURE iterator (p_handle VARCHAR2, p_owner VARCHAR2, p_object_name VARCHAR2);
  PROCEDURE initial (p_handle IN VARCHAR2);
  PROCEDURE final (p_handle IN VARCHAR2, p_after_error IN CHAR DEFAULT 'N');
  PROCEDURE archive_month (p_handle IN VARCHAR2);
  PROCEDURE purge_month (p_handle IN VARCHAR2);
END PURGE_OLD;
/
