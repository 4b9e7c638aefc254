-- While a month is on its way out, the feed is off: its sender keeps new orders back and tries again.
CREATE PROCEDURE purge_orders.initial(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  CALL dom.initialise(p_handle, 'purge_orders', 'initial');
  CALL dom.execute_immediate(p_handle,
    'UPDATE app.feed SET enabled = false, changed_at = now() WHERE name = ''orders''');
END $$;

-- Runs at the end and after a failure, so that nobody waits for orders while nobody works.
CREATE PROCEDURE purge_orders.final(p_handle text, p_after_error char DEFAULT 'N') LANGUAGE plpgsql AS $$
BEGIN
  CALL dom.initialise(p_handle, 'purge_orders', 'final');
  CALL dom.execute_immediate(p_handle,
    'UPDATE app.feed SET enabled = true, changed_at = now() WHERE name = ''orders''');
END $$;
