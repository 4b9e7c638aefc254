CREATE OR REPLACE PACKAGE dom$current AS
  -- What this session is and what it works on. Only the framework writes here.

  g_session_no   NUMBER(18);
  g_event_no     NUMBER(18) := 0;
  -- A unit has been claimed and not yet been answered.
  g_active       BOOLEAN := FALSE;
  g_unit         dom$unit%ROWTYPE;
  g_seq          NUMBER(10) := 0;
  g_depth        NUMBER(6) := 0;
  g_rows         NUMBER(18) := 0;
  g_last_rows    NUMBER(18);
  -- What the log says of a statement that was found in effect; done makes it the unit's message.
  g_found        VARCHAR2(4000);
  -- Statements of earlier tries whose end nobody has seen.
  g_has_doubts   BOOLEAN := FALSE;

  FUNCTION now_ms RETURN NUMBER;

  -- Raises -20409 unless the attempt is the newest of the stream.
  PROCEDURE check_attempt (p_handle IN VARCHAR2, p_stream_attempt IN NUMBER);

  -- Makes a claimed unit the one that the session works on.
  PROCEDURE take (p_unit IN dom$unit%ROWTYPE, p_has_doubts IN BOOLEAN);

  -- Makes sure that the unit's row is there and locked by this transaction, also after package code has
  -- committed or rolled back; raises -20409 where somebody else has it.
  PROCEDURE hold;

  -- Forgets the unit.
  PROCEDURE leave;
END dom$current;
/
