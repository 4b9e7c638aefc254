CREATE OR REPLACE PACKAGE BODY torture AS

  -- The schema that is tortured: that of the objects.
  FUNCTION bank RETURN VARCHAR2 IS
    v_object VARCHAR2(200);
  BEGIN
    SELECT MAX(r.object_name) INTO v_object FROM rounds r;
    RETURN SUBSTR(v_object, 1, INSTR(v_object, '.') - 1);
  END bank;

  -- The round that is open.
  PROCEDURE here (o_object OUT VARCHAR2, o_round OUT NUMBER) IS
  BEGIN
    SELECT MAX(r.object_name), MAX(r.round_no) INTO o_object, o_round FROM rounds r WHERE r.is_open = 'Y';
  END here;

  PROCEDURE pass (p_handle VARCHAR2, p_gate VARCHAR2) IS
    v_gates NUMBER(10);
  BEGIN
    DOM.select_number(p_handle, 'SELECT COUNT(*) FROM '||bank()||'.gate WHERE name = '''||p_gate
      ||''' LOCK IN SHARE MODE', v_gates);
  END pass;

  PROCEDURE note (p_handle VARCHAR2, p_task VARCHAR2, p_remark VARCHAR2) IS
    v_object VARCHAR2(200);
    v_round NUMBER(10);
  BEGIN
    here(v_object, v_round);
    DOM.execute_immediate(p_handle, 'INSERT INTO '||bank()||'.ledger VALUES ('''||v_object||''', '||v_round
      ||', '''||p_task||''', '''||p_remark||''')');
  END note;

  PROCEDURE iterator (p_handle VARCHAR2, p_owner VARCHAR2, p_object_name VARCHAR2) IS
    v_object VARCHAR2(200) := p_owner||'.'||p_object_name;
    v_open NUMBER(10);
    v_rounds NUMBER(10);
  BEGIN
    SELECT COUNT(*) INTO v_open FROM rounds r WHERE r.is_open = 'Y';
    SELECT COUNT(*) INTO v_rounds FROM rounds r WHERE r.object_name = v_object;
    IF v_open = 0 THEN
      IF v_rounds >= DOM.get_num_param(p_handle, 'rounds') THEN
        DOM.operation_complete(v_rounds||' rounds of '||v_object);
      END IF;
      DOM.execute_immediate(p_handle, 'INSERT INTO rounds (object_name, round_no, is_open) VALUES ('''
        ||v_object||''', '||(v_rounds + 1)||', ''Y'')');
    END IF;
  END iterator;

  PROCEDURE initial (p_handle VARCHAR2) IS
  BEGIN
    DOM.execute_immediate(p_handle, 'UPDATE '||bank()||'.switch SET is_on = ''N''');
    pass(p_handle, 'initial');
  END initial;

  PROCEDURE final (p_handle VARCHAR2, p_after_error CHAR DEFAULT 'N') IS
  BEGIN
    DOM.execute_immediate(p_handle, 'UPDATE '||bank()||'.switch SET is_on = ''Y''');
    pass(p_handle, 'final');
    IF p_after_error = 'N' THEN
      DOM.execute_immediate(p_handle, 'INSERT INTO '||bank()||'.ledger (task) VALUES (''final'')');
    END IF;
  END final;

  PROCEDURE book (p_handle VARCHAR2) IS
    v_object VARCHAR2(200);
    v_round NUMBER(10);
  BEGIN
    here(v_object, v_round);
    note(p_handle, 'book', 'before');
    pass(p_handle, 'book');
    DOM.execute_immediate(p_handle, 'UPDATE '||v_object||' SET balance = balance + 1');
    note(p_handle, 'book', 'after');
    pass(p_handle, 'booked');
  END book;

  PROCEDURE left_side (p_handle VARCHAR2) IS
  BEGIN
    note(p_handle, 'left_side', NULL);
    pass(p_handle, 'left_side');
    DOM.execute_immediate(p_handle, 'UPDATE '||bank()||'.side SET effects = effects + 1'
      ||' WHERE name = ''left''');
  END left_side;

  PROCEDURE right_side (p_handle VARCHAR2) IS
  BEGIN
    note(p_handle, 'right_side', NULL);
    pass(p_handle, 'right_side');
    DOM.execute_immediate(p_handle, 'UPDATE '||bank()||'.side SET effects = effects + 1'
      ||' WHERE name = ''right''');
  END right_side;

  PROCEDURE spread (p_handle VARCHAR2) IS
    v_object VARCHAR2(200);
    v_round NUMBER(10);
  BEGIN
    here(v_object, v_round);
    DOM.execute_immediate(p_handle, 'UPDATE '||v_object||' SET balance = balance + id WHERE id >= '
      ||DOM.chunk_low(p_handle)||' AND id < '||DOM.chunk_high(p_handle));
    pass(p_handle, 'spread '||DOM.chunk_low(p_handle));
    note(p_handle, 'spread', DOM.chunk_low(p_handle));
  END spread;

  -- CREATE TABLE commits by itself, so all that stands behind it must be in one piece.
  PROCEDURE seal (p_handle VARCHAR2) IS
    v_object VARCHAR2(200);
    v_round NUMBER(10);
  BEGIN
    here(v_object, v_round);
    DOM.execute_immediate(p_handle, 'CREATE TABLE IF NOT EXISTS '||REPLACE(v_object, '.', '.seal_')
      ||'_'||v_round||' AS SELECT SUM(balance) AS total FROM '||v_object);
    note(p_handle, 'seal', NULL);
    pass(p_handle, 'seal');
    DOM.execute_immediate(p_handle, 'UPDATE rounds SET is_open = ''N'' WHERE is_open = ''Y''');
  END seal;
END torture;
/
