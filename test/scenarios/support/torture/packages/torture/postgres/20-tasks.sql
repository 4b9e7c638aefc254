CREATE PROCEDURE torture.book(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  CALL torture.note(p_handle, 'book', 'before');
  CALL dom.execute_immediate(p_handle, 'SELECT torture.pass(''book'')');
  CALL dom.execute_immediate(p_handle, format(
    'UPDATE %s SET balance = balance + 1', (torture.here()).object));
  CALL torture.note(p_handle, 'book', 'after');
  PERFORM torture.pass('booked');
END $$;

CREATE PROCEDURE torture.left_side(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  CALL torture.note(p_handle, 'left_side', NULL);
  PERFORM torture.pass('left_side');
  CALL dom.execute_immediate(p_handle, 'UPDATE bank.side SET effects = effects + 1 WHERE name = ''left''');
END $$;

CREATE PROCEDURE torture.right_side(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  CALL torture.note(p_handle, 'right_side', NULL);
  PERFORM torture.pass('right_side');
  CALL dom.execute_immediate(p_handle, 'UPDATE bank.side SET effects = effects + 1 WHERE name = ''right''');
END $$;

CREATE PROCEDURE torture.spread(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  CALL dom.execute_immediate(p_handle, format(
    'UPDATE %s SET balance = balance + id WHERE id >= %s AND id < %s',
    (torture.here()).object, dom.chunk_low(p_handle), dom.chunk_high(p_handle)));
  PERFORM torture.pass('spread ' || dom.chunk_low(p_handle));
  CALL torture.note(p_handle, 'spread', dom.chunk_low(p_handle));
END $$;

CREATE PROCEDURE torture.seal(p_handle text) LANGUAGE plpgsql AS $$
DECLARE
  v torture.round := torture.here();
BEGIN
  CALL torture.note(p_handle, 'seal', NULL);
  CALL dom.execute_immediate(p_handle, format(
    'CREATE TABLE torture.%I AS SELECT sum(balance) AS total FROM %s',
    'seal_' || replace(v.object, '.', '_') || '_' || v.round, v.object));
  PERFORM torture.pass('seal');
  CALL dom.execute_immediate(p_handle, 'UPDATE torture.round SET is_open = false WHERE is_open');
END $$;
