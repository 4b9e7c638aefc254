CREATE OR REPLACE PACKAGE dom$doubt AS
  -- Whether a statement that commits by itself and whose end nobody has seen took effect: it is found out
  -- by looking, never by hoping.

  gc_done  CONSTANT VARCHAR2(10) := 'done';
  gc_again CONSTANT VARCHAR2(10) := 'again';
  gc_doubt CONSTANT VARCHAR2(10) := 'doubt';

  -- How the log says it, in front of what was found.
  gc_found CONSTANT VARCHAR2(60) := 'Found in effect after an earlier try: ';

  -- Catalogue facts from before the statement; null where none would help.
  FUNCTION facts (p_statement IN dom$ddl.t_statement) RETURN VARCHAR2;

  -- The row of an earlier try that began the same statement; null where there is none.
  PROCEDURE find (p_unit_id IN NUMBER, p_sql IN CLOB, o_row OUT ROWID, o_intent OUT VARCHAR2);

  -- done, again or doubt, by the facts, and where they do not tell by the author's probe.
  FUNCTION resolve (p_statement IN dom$ddl.t_statement, p_intent IN VARCHAR2, p_done_when IN VARCHAR2)
    RETURN VARCHAR2;

  -- Whether a statement that failed has had no effect. An interruption may come when it has just taken
  -- effect: then only facts that have not changed tell. To be called in the handler of the error.
  FUNCTION is_without_effect (p_statement IN dom$ddl.t_statement, p_intent IN VARCHAR2) RETURN BOOLEAN;

  -- Whether the error of a second execution says that the first took effect.
  FUNCTION is_already_done (p_statement IN dom$ddl.t_statement, p_intent IN VARCHAR2, p_code IN NUMBER)
    RETURN BOOLEAN;

  -- The unit is done, and statements that it had begun in earlier tries did not come again.
  PROCEDURE settle (p_unit_id IN NUMBER);
END dom$doubt;
/
