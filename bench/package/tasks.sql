-- The smallest task that has something to commit; the bare loop calls the same procedure.
CREATE PROCEDURE bench.work(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO bench.work (handle) VALUES (p_handle);
END $$;

CREATE PROCEDURE bench.nothing(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  NULL;
END $$;

CREATE PROCEDURE bench.pause(p_handle text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_catalog.pg_sleep(0.5);
END $$;

CREATE FUNCTION bench.insert_sql(p_rows integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.format(
    'INSERT INTO bench.ledger (account, amount, note)'
    ' SELECT g, g * 1.25, ''posting '' || g FROM generate_series(1, %s) AS g', p_rows)
$$;

-- The same statements, once by the language's own dynamic SQL and once through the framework.
CREATE PROCEDURE bench.plain(p_statements integer, p_rows integer) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. p_statements LOOP
    EXECUTE bench.insert_sql(p_rows);
  END LOOP;
END $$;

CREATE PROCEDURE bench.logged(p_handle text, p_statements integer, p_rows integer) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. p_statements LOOP
    CALL dom.execute_immediate(p_handle, bench.insert_sql(p_rows));
  END LOOP;
END $$;

CREATE PROCEDURE bench.plain_1(p_handle text) LANGUAGE sql
AS $$ CALL bench.plain(500, 1) $$;
CREATE PROCEDURE bench.logged_1(p_handle text) LANGUAGE sql
AS $$ CALL bench.logged(p_handle, 500, 1) $$;
CREATE PROCEDURE bench.plain_100(p_handle text) LANGUAGE sql
AS $$ CALL bench.plain(150, 100) $$;
CREATE PROCEDURE bench.logged_100(p_handle text) LANGUAGE sql
AS $$ CALL bench.logged(p_handle, 150, 100) $$;
CREATE PROCEDURE bench.plain_1000(p_handle text) LANGUAGE sql
AS $$ CALL bench.plain(30, 1000) $$;
CREATE PROCEDURE bench.logged_1000(p_handle text) LANGUAGE sql
AS $$ CALL bench.logged(p_handle, 30, 1000) $$;
CREATE PROCEDURE bench.plain_10000(p_handle text) LANGUAGE sql
AS $$ CALL bench.plain(4, 10000) $$;
CREATE PROCEDURE bench.logged_10000(p_handle text) LANGUAGE sql
AS $$ CALL bench.logged(p_handle, 4, 10000) $$;
