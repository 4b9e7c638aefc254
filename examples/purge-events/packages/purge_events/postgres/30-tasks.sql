-- What an earlier call has archived of the month goes first.
CREATE PROCEDURE archive_month(p_handle text) LANGUAGE plpgsql AS $$
DECLARE
  v_month state := current_month(p_handle);
  v_archive text := format('%I.%I', v_month.owner, v_month.table_name || '_arch');
BEGIN
  CALL dom.execute_immediate(p_handle, format('DELETE FROM %s WHERE %s', v_archive, of_month(v_month)));
  CALL dom.execute_immediate(p_handle, format(
    'INSERT INTO %s (id, account_id, event_date, amount, note)'
    ' SELECT id, account_id, event_date, amount, note FROM %I.%I WHERE %s',
    v_archive, v_month.owner, v_month.table_name, of_month(v_month)));
END $$;

CREATE PROCEDURE build_rollup(p_handle text) LANGUAGE plpgsql AS $$
DECLARE
  v_month state := current_month(p_handle);
  v_rollup text := format('%I.event_rollup', v_month.owner);
BEGIN
  CALL dom.execute_immediate(p_handle,
    format('DELETE FROM %s WHERE month_start = DATE %L', v_rollup, v_month.month_start));
  CALL dom.execute_immediate(p_handle, format(
    'INSERT INTO %s (month_start, account_id, events, amount)'
    ' SELECT DATE %L, account_id, count(*), sum(amount) FROM %I.%I WHERE %s GROUP BY account_id',
    v_rollup, v_month.month_start, v_month.owner, v_month.table_name || '_arch', of_month(v_month)));
END $$;

CREATE PROCEDURE purge_month(p_handle text) LANGUAGE plpgsql AS $$
DECLARE
  v_month state := current_month(p_handle);
BEGIN
  CALL dom.execute_immediate(p_handle, format('DELETE FROM %I.%I WHERE id >= %s AND id < %s AND %s',
    v_month.owner, v_month.table_name, dom.chunk_low(p_handle), dom.chunk_high(p_handle), of_month(v_month)));
END $$;
