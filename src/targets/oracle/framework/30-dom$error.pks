CREATE OR REPLACE PACKAGE dom$error AS
  -- The errors of the framework: for each its exception, its number and the pragma that joins them.

  e_complete EXCEPTION;
  gc_complete CONSTANT PLS_INTEGER := -20100;
  PRAGMA EXCEPTION_INIT(e_complete, -20100);

  e_nothing_to_perform EXCEPTION;
  gc_nothing_to_perform CONSTANT PLS_INTEGER := -20007;
  PRAGMA EXCEPTION_INIT(e_nothing_to_perform, -20007);

  e_parameter_missing EXCEPTION;
  gc_parameter_missing CONSTANT PLS_INTEGER := -20115;
  PRAGMA EXCEPTION_INIT(e_parameter_missing, -20115);

  e_statement_missing EXCEPTION;
  gc_statement_missing CONSTANT PLS_INTEGER := -20116;
  PRAGMA EXCEPTION_INIT(e_statement_missing, -20116);

  e_cannot_be_cut EXCEPTION;
  gc_cannot_be_cut CONSTANT PLS_INTEGER := -20120;
  PRAGMA EXCEPTION_INIT(e_cannot_be_cut, -20120);

  e_not_a_chunk EXCEPTION;
  gc_not_a_chunk CONSTANT PLS_INTEGER := -20121;
  PRAGMA EXCEPTION_INIT(e_not_a_chunk, -20121);

  e_setting_refused EXCEPTION;
  gc_setting_refused CONSTANT PLS_INTEGER := -20122;
  PRAGMA EXCEPTION_INIT(e_setting_refused, -20122);

  e_fenced EXCEPTION;
  gc_fenced CONSTANT PLS_INTEGER := -20409;
  PRAGMA EXCEPTION_INIT(e_fenced, -20409);

  e_in_doubt EXCEPTION;
  gc_in_doubt CONSTANT PLS_INTEGER := -20410;
  PRAGMA EXCEPTION_INIT(e_in_doubt, -20410);

  e_foreign EXCEPTION;
  gc_foreign CONSTANT PLS_INTEGER := -20411;
  PRAGMA EXCEPTION_INIT(e_foreign, -20411);
END dom$error;
/
