CREATE OR REPLACE PACKAGE bench AS
  PROCEDURE iterator (p_handle VARCHAR2, p_owner VARCHAR2, p_object_name VARCHAR2);
  PROCEDURE initial (p_handle VARCHAR2);
  PROCEDURE final (p_handle VARCHAR2, p_after_error CHAR DEFAULT 'N');
  PROCEDURE work (p_handle VARCHAR2);
  PROCEDURE nothing (p_handle VARCHAR2);
  PROCEDURE purge_range (p_handle VARCHAR2);
END bench;
/
CREATE OR REPLACE PACKAGE BODY bench AS

  -- Runs as many rounds as the parameter "rounds" says.
  PROCEDURE iterator (p_handle VARCHAR2, p_owner VARCHAR2, p_object_name VARCHAR2) IS
    v_rounds NUMBER(10);
  BEGIN
    UPDATE bench_round r SET r.rounds = r.rounds + 1 WHERE r.handle = p_handle;
    IF SQL%ROWCOUNT = 0 THEN
      INSERT INTO bench_round (handle, rounds) VALUES (p_handle, 1);
    END IF;
    SELECT MAX(r.rounds) INTO v_rounds FROM bench_round r WHERE r.handle = p_handle;
    IF v_rounds > DOM.get_num_param(p_handle, 'rounds') THEN
      DOM.operation_complete;
    END IF;
  END iterator;

  PROCEDURE initial (p_handle VARCHAR2) IS
  BEGIN
    NULL;
  END initial;

  PROCEDURE final (p_handle VARCHAR2, p_after_error CHAR DEFAULT 'N') IS
  BEGIN
    NULL;
  END final;

  -- The smallest task that has something to commit; the bare loop calls the same procedure.
  PROCEDURE work (p_handle VARCHAR2) IS
  BEGIN
    INSERT INTO bench_work (handle) VALUES (p_handle);
  END work;

  PROCEDURE nothing (p_handle VARCHAR2) IS
  BEGIN
    NULL;
  END nothing;

  -- One chunk of the purge: a range of the primary key.
  PROCEDURE purge_range (p_handle VARCHAR2) IS
  BEGIN
    DOM.execute_immediate(p_handle, 'DELETE FROM event WHERE id >= '||DOM.chunk_low(p_handle)
      ||' AND id < '||DOM.chunk_high(p_handle));
  END purge_range;
END bench;
/
