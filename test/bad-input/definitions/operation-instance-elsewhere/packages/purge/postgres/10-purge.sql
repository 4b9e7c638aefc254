create procedure purge_rows(p_handle text) language sql as $$ select 1 $$;
