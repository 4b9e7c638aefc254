-- The month that the iterator has chosen for a stream.
CREATE FUNCTION current_month(p_handle text) RETURNS state LANGUAGE plpgsql AS $$
DECLARE
  v_state state;
BEGIN
  SELECT * INTO v_state FROM state s WHERE s.handle = p_handle;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'The iterator has left no state for %', p_handle;
  END IF;
  RETURN v_state;
END $$;

-- The condition of the month, for statements on the table of events and on its archive.
CREATE FUNCTION of_month(p_month state) RETURNS text LANGUAGE sql AS $$
  SELECT format('event_date >= DATE %L AND event_date < DATE %L', p_month.month_start, p_month.month_end)
$$;
