CREATE PACKAGE purge AS PROCEDURE purge_rows (p_handle VARCHAR2); END; -- mariadb
