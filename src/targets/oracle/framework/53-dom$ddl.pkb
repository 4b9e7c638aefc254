CREATE OR REPLACE PACKAGE BODY dom$ddl AS
  -- What a statement is stands in its first words; a longer head than this has no statement.
  gc_head_length CONSTANT PLS_INTEGER := 8000;
  gc_most_words  CONSTANT PLS_INTEGER := 80;

  TYPE t_words IS TABLE OF VARCHAR2(1000) INDEX BY PLS_INTEGER;

  g_words t_words;
  g_at    PLS_INTEGER;

  -- Where the next word begins, behind blanks, comments and hints.
  FUNCTION word_start (p_text IN VARCHAR2, p_from IN PLS_INTEGER) RETURN PLS_INTEGER IS
    v_at  PLS_INTEGER := p_from;
    v_end PLS_INTEGER;
  BEGIN
    LOOP
      v_at := REGEXP_INSTR(p_text, '[^[:space:]]', v_at);
      IF v_at > 0 AND SUBSTR(p_text, v_at, 2) = '--' THEN
        v_end := INSTR(p_text, CHR(10), v_at);
      ELSIF v_at > 0 AND SUBSTR(p_text, v_at, 2) = '/*' THEN
        v_end := INSTR(p_text, '*/', v_at + 2);
        v_end := CASE WHEN v_end > 0 THEN v_end + 1 ELSE 0 END;
      ELSE
        RETURN v_at;
      END IF;
      IF v_end = 0 THEN
        RETURN 0;
      END IF;
      v_at := v_end + 1;
    END LOOP;
  END word_start;

  -- The word at a place: a quoted name with its quotes, a literal, a word in capitals, or one character.
  FUNCTION word_at (p_text IN VARCHAR2, p_at IN PLS_INTEGER) RETURN VARCHAR2 IS
    v_first VARCHAR2(4) := SUBSTR(p_text, p_at, 1);
    v_end   PLS_INTEGER;
  BEGIN
    IF v_first IN ('"', '''') THEN
      v_end := INSTR(p_text, v_first, p_at + 1);
      RETURN SUBSTR(p_text, p_at, CASE WHEN v_end = 0 THEN 1 ELSE v_end - p_at + 1 END);
    END IF;
    RETURN UPPER(NVL(REGEXP_SUBSTR(SUBSTR(p_text, p_at, 200), '^[[:alnum:]_$#]+'), v_first));
  END word_at;

  PROCEDURE split_words (p_sql IN CLOB) IS
    v_text  VARCHAR2(32767) := dbms_lob.substr(p_sql, gc_head_length, 1);
    v_place PLS_INTEGER := word_start(v_text, 1);
    v_word  VARCHAR2(32767);
    v_none  t_words;
  BEGIN
    g_words := v_none;
    g_at := 1;
    WHILE v_place > 0 AND g_words.COUNT < gc_most_words LOOP
      v_word := word_at(v_text, v_place);
      g_words(g_words.COUNT + 1) := SUBSTR(v_word, 1, 200);
      v_place := word_start(v_text, v_place + LENGTH(v_word));
    END LOOP;
  END split_words;

  FUNCTION word (p_ahead IN PLS_INTEGER DEFAULT 0) RETURN VARCHAR2 IS
  BEGIN
    RETURN CASE WHEN g_words.EXISTS(g_at + p_ahead) THEN g_words(g_at + p_ahead) END;
  END word;

  FUNCTION is_one_of (p_word IN VARCHAR2, p_words IN VARCHAR2) RETURN BOOLEAN IS
  BEGIN
    RETURN p_word IS NOT NULL AND INSTR(' ' || p_words || ' ', ' ' || p_word || ' ') > 0;
  END is_one_of;

  PROCEDURE skip (p_words IN VARCHAR2) IS
  BEGIN
    WHILE is_one_of(word, p_words) LOOP
      g_at := g_at + 1;
    END LOOP;
  END skip;

  FUNCTION has (p_word IN VARCHAR2) RETURN BOOLEAN IS
  BEGIN
    FOR i IN 1 .. g_words.COUNT LOOP
      IF g_words(i) = p_word THEN
        RETURN TRUE;
      END IF;
    END LOOP;
    RETURN FALSE;
  END has;

  FUNCTION take_word RETURN VARCHAR2 IS
    v_word VARCHAR2(1000) := word;
  BEGIN
    g_at := g_at + 1;
    RETURN v_word;
  END take_word;

  -- A partition may go without a name: then the word in its place begins a clause.
  FUNCTION is_name (p_word IN VARCHAR2) RETURN BOOLEAN IS
  BEGIN
    RETURN REGEXP_LIKE(p_word, '^("|[[:alpha:]])') AND NOT is_one_of(p_word, 'FOR VALUES TABLESPACE OVERFLOW'
      || ' COMPRESS NOCOMPRESS ROW COLUMN LOB VARRAY UPDATE INVALIDATE PARALLEL NOPARALLEL INDEXING INMEMORY'
      || ' NO READ LOGGING NOLOGGING PCTFREE PCTUSED INITRANS STORAGE');
  END is_name;

  PROCEDURE take_name (o_owner OUT VARCHAR2, o_name OUT VARCHAR2) IS
  BEGIN
    o_owner := SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA');
    o_name := SUBSTR(TRIM('"' FROM take_word), 1, 128);
    IF word = '.' THEN
      g_at := g_at + 1;
      o_owner := o_name;
      o_name := SUBSTR(TRIM('"' FROM take_word), 1, 128);
    END IF;
  END take_name;

  -- TABLE, PACKAGE BODY, MATERIALIZED VIEW LOG …
  FUNCTION take_type RETURN VARCHAR2 IS
    v_type VARCHAR2(1000) := take_word;
  BEGIN
    IF v_type = 'MATERIALIZED' OR (v_type = 'DATABASE' AND word = 'LINK')
      OR (v_type IN ('PACKAGE', 'TYPE') AND word = 'BODY')
    THEN
      v_type := v_type || ' ' || take_word;
    END IF;
    IF v_type = 'MATERIALIZED VIEW' AND word = 'LOG' THEN
      g_at := g_at + 1;
      skip('ON');
      v_type := 'MATERIALIZED VIEW LOG';
    END IF;
    RETURN SUBSTR(v_type, 1, 60);
  END take_type;

  PROCEDURE read_create (p_statement IN OUT NOCOPY t_statement) IS
    v_public BOOLEAN := FALSE;
  BEGIN
    p_statement.kind := CASE WHEN word = 'OR' THEN gc_repeatable ELSE gc_create END;
    skip('OR REPLACE AND RESOLVE NOFORCE NO FORCE EDITIONABLE NONEDITIONABLE EDITIONING SHARED SHARDED');
    IF word = 'PRIVATE' AND word(1) = 'TEMPORARY' THEN
      p_statement.kind := NULL;
      RETURN;
    END IF;
    v_public := word = 'PUBLIC';
    skip('PUBLIC GLOBAL TEMPORARY UNIQUE BITMAP MULTIVALUE BIGFILE SMALLFILE UNDO DUPLICATED IMMUTABLE'
      || ' BLOCKCHAIN');
    p_statement.object_type := take_type;
    IF word = 'IF' AND word(1) = 'NOT' THEN
      p_statement.kind := gc_repeatable;
      skip('IF NOT EXISTS');
    END IF;
    take_name(p_statement.owner, p_statement.name);
    IF v_public THEN
      p_statement.owner := 'PUBLIC';
    END IF;
    -- What an interrupted online build leaves behind bears the index's name and is none.
    IF p_statement.object_type = 'INDEX' AND has('ONLINE') THEN
      p_statement.kind := gc_other;
    END IF;
  END read_create;

  PROCEDURE read_drop (p_statement IN OUT NOCOPY t_statement) IS
    v_public BOOLEAN := word = 'PUBLIC';
  BEGIN
    p_statement.kind := gc_drop;
    skip('PUBLIC');
    p_statement.object_type := take_type;
    IF word = 'IF' AND word(1) = 'EXISTS' THEN
      skip('IF EXISTS');
    END IF;
    take_name(p_statement.owner, p_statement.name);
    IF v_public THEN
      p_statement.owner := 'PUBLIC';
    END IF;
  END read_drop;

  -- [SUB]PARTITION name: without a name (FOR (…), VALUES …) nothing in the catalogue can be asked for.
  FUNCTION takes_partition (p_statement IN OUT NOCOPY t_statement) RETURN BOOLEAN IS
    v_type VARCHAR2(1000) := RTRIM(take_word, 'S');
  BEGIN
    IF NOT NVL(is_name(word), FALSE) THEN
      RETURN FALSE;
    END IF;
    p_statement.object_type := 'TABLE ' || SUBSTR(v_type, 1, 20);
    p_statement.partition_name := SUBSTR(TRIM('"' FROM take_word), 1, 128);
    RETURN TRUE;
  END takes_partition;

  PROCEDURE read_exchange (p_statement IN OUT NOCOPY t_statement) IS
  BEGIN
    IF takes_partition(p_statement) THEN
      skip('WITH TABLE');
      take_name(p_statement.other_owner, p_statement.other_name);
      p_statement.kind := gc_exchange;
    END IF;
  END read_exchange;

  PROCEDURE read_rename (p_statement IN OUT NOCOPY t_statement) IS
  BEGIN
    IF word = 'TO' THEN
      g_at := g_at + 1;
      take_name(p_statement.other_owner, p_statement.other_name);
      p_statement.other_owner := p_statement.owner;
      p_statement.kind := gc_rename;
    ELSE
      p_statement.kind := gc_telling;
    END IF;
  END read_rename;

  -- Whether the words behind an ADD are a constraint without a name.
  FUNCTION is_nameless (p_ahead IN PLS_INTEGER DEFAULT 0) RETURN BOOLEAN IS
    v_ahead PLS_INTEGER := CASE WHEN word(p_ahead) = '(' THEN p_ahead + 1 ELSE p_ahead END;
  BEGIN
    RETURN is_one_of(word(v_ahead), 'CHECK UNIQUE')
      OR NVL(word(v_ahead) = 'FOREIGN' AND word(v_ahead + 1) = 'KEY', FALSE);
  END is_nameless;

  -- Whether a constraint is added beside what could be repeated.
  FUNCTION adds_nameless RETURN BOOLEAN IS
  BEGIN
    FOR i IN g_at .. g_words.COUNT LOOP
      IF g_words(i) = 'ADD' AND is_nameless(i + 1 - g_at) THEN
        RETURN TRUE;
      END IF;
    END LOOP;
    -- Nobody has read what comes behind so many words.
    RETURN g_words.COUNT >= gc_most_words;
  END adds_nameless;

  -- MODIFY c [NOT] NULL, with or without brackets, and nothing else: of one column, so that ORA-01442 and
  -- ORA-01451 tell for the whole statement.
  FUNCTION is_null_of_one_column RETURN BOOLEAN IS
    v_open PLS_INTEGER := CASE WHEN word = '(' THEN 1 ELSE 0 END;
    v_null PLS_INTEGER := CASE WHEN word(v_open + 1) = 'NOT' THEN v_open + 2 ELSE v_open + 1 END;
  BEGIN
    RETURN is_name(word(v_open)) AND word(v_null) = 'NULL'
      AND (v_open = 0 OR word(v_null + 1) = ')') AND word(v_null + v_open + 1) IS NULL;
  END is_null_of_one_column;

  PROCEDURE read_modify (p_statement IN OUT NOCOPY t_statement) IS
  BEGIN
    p_statement.kind := gc_repeatable;
    IF is_null_of_one_column THEN
      p_statement.kind := gc_telling;
    ELSIF is_one_of(word, 'PARTITION SUBPARTITION') THEN
      IF has('VALUES') THEN
        -- A value that a list has, or lacks, already.
        p_statement.kind := gc_telling;
      ELSIF has('SUBPARTITION') AND (has('ADD') OR has('COALESCE')) THEN
        -- Each execution makes one more, or one less.
        p_statement.kind := gc_other;
      END IF;
    ELSIF NOT NVL(is_one_of(word, 'CONSTRAINT PRIMARY UNIQUE'), FALSE)
      AND (has('CHECK') OR has('UNIQUE') OR has('REFERENCES'))
    THEN
      -- A constraint in a column's new definition; the statement is one, so one name tells for all of it.
      p_statement.kind := CASE WHEN has('CONSTRAINT') THEN gc_telling ELSE gc_nameless END;
    END IF;
  END read_modify;

  PROCEDURE read_add_or_drop (p_action IN VARCHAR2, p_statement IN OUT NOCOPY t_statement) IS
  BEGIN
    IF is_one_of(word, 'PARTITION PARTITIONS SUBPARTITION SUBPARTITIONS') THEN
      IF takes_partition(p_statement) THEN
        p_statement.kind := CASE p_action WHEN 'ADD' THEN gc_create_partition ELSE gc_drop_partition END;
      ELSIF p_action = 'DROP' THEN
        -- PARTITION FOR (value) would hit the next one, or the same interval filled anew.
        p_statement.kind := gc_other;
      END IF;
    ELSIF p_action = 'ADD' AND is_nameless THEN
      -- A second CHECK would be a second constraint; a key that is there already may be somebody else's.
      p_statement.kind := gc_nameless;
    ELSE
      p_statement.kind := gc_telling;
    END IF;
  END read_add_or_drop;

  PROCEDURE read_alter_table (p_statement IN OUT NOCOPY t_statement) IS
    v_action VARCHAR2(1000) := take_word;
  BEGIN
    p_statement.kind := gc_other;
    IF v_action IN ('ADD', 'DROP') THEN
      read_add_or_drop(v_action, p_statement);
    ELSIF v_action = 'EXCHANGE' THEN
      read_exchange(p_statement);
    ELSIF v_action = 'RENAME' THEN
      read_rename(p_statement);
    ELSIF v_action IN ('SPLIT', 'MERGE') THEN
      p_statement.kind := gc_telling;
    ELSIF v_action = 'MODIFY' THEN
      read_modify(p_statement);
    ELSIF v_action = 'READ' OR (v_action = 'SET' AND word = 'UNUSED') THEN
      p_statement.kind := gc_telling;
    ELSIF is_one_of(v_action, 'TRUNCATE MOVE SHRINK ENABLE DISABLE ALLOCATE DEALLOCATE LOGGING'
      || ' NOLOGGING PARALLEL NOPARALLEL CACHE NOCACHE COMPRESS NOCOMPRESS ROW PCTFREE PCTUSED INITRANS'
      || ' SET NO MONITORING NOMONITORING INMEMORY RESULT_CACHE STORAGE MINIMIZE NOMINIMIZE INDEXING')
    THEN
      p_statement.kind := gc_repeatable;
    END IF;
    IF p_statement.kind = gc_repeatable AND adds_nameless THEN
      p_statement.kind := gc_nameless;
    END IF;
  END read_alter_table;

  PROCEDURE read_alter_index (p_statement IN OUT NOCOPY t_statement) IS
  BEGIN
    p_statement.kind := gc_repeatable;
    IF (word = 'COALESCE' AND word(1) = 'PARTITION')
      OR (word = 'ADD' AND NOT NVL(is_name(word(2)), FALSE))
    THEN
      -- Each execution makes one less, or one more.
      p_statement.kind := gc_other;
    ELSIF is_one_of(word, 'DROP SPLIT ADD') THEN
      p_statement.kind := gc_telling;
    END IF;
  END read_alter_index;

  PROCEDURE read_alter (p_statement IN OUT NOCOPY t_statement) IS
  BEGIN
    p_statement.object_type := take_type;
    IF is_one_of(p_statement.object_type, 'SESSION SYSTEM') THEN
      p_statement.kind := NULL;
      RETURN;
    END IF;
    skip('IF EXISTS');
    take_name(p_statement.owner, p_statement.name);
    IF p_statement.object_type = 'TABLE' THEN
      read_alter_table(p_statement);
    ELSIF word = 'RENAME' AND is_one_of(p_statement.object_type, 'INDEX TRIGGER') THEN
      g_at := g_at + 1;
      read_rename(p_statement);
    ELSIF p_statement.object_type = 'INDEX' THEN
      read_alter_index(p_statement);
    ELSIF p_statement.object_type = 'TABLESPACE' AND (word IN ('ADD', 'RENAME') OR has('ADD')) THEN
      p_statement.kind := gc_other;
    ELSIF p_statement.object_type = 'TABLESPACE' AND word = 'READ' THEN
      p_statement.kind := gc_telling;
    ELSIF p_statement.object_type IN ('TYPE', 'DATABASE', 'SYNONYM', 'DATABASE LINK') OR word = 'RENAME' THEN
      p_statement.kind := gc_other;
    ELSE
      p_statement.kind := gc_repeatable;
    END IF;
  END read_alter;

  FUNCTION read (p_sql IN CLOB) RETURN t_statement IS
    v_statement t_statement;
    v_verb      VARCHAR2(1000);
  BEGIN
    split_words(p_sql);
    v_verb := take_word;
    v_statement.is_block := NVL(is_one_of(v_verb, 'BEGIN DECLARE CALL <'), FALSE);
    IF v_verb = 'CREATE' THEN
      read_create(v_statement);
    ELSIF v_verb = 'DROP' THEN
      read_drop(v_statement);
    ELSIF v_verb = 'ALTER' THEN
      read_alter(v_statement);
    ELSIF v_verb = 'RENAME' THEN
      -- The old name comes first; only tables, views, sequences and private synonyms have this form.
      v_statement.object_type := 'OBJECT';
      take_name(v_statement.owner, v_statement.name);
      read_rename(v_statement);
    ELSIF is_one_of(v_verb, 'TRUNCATE GRANT COMMENT ANALYZE AUDIT NOAUDIT') THEN
      v_statement.kind := gc_repeatable;
    ELSIF is_one_of(v_verb, 'REVOKE PURGE') THEN
      v_statement.kind := gc_telling;
    ELSIF is_one_of(v_verb, 'FLASHBACK ASSOCIATE DISASSOCIATE ADMINISTER') THEN
      v_statement.kind := gc_other;
    END IF;
    RETURN v_statement;
  END read;

  FUNCTION described (p_statement IN t_statement) RETURN VARCHAR2 IS
  BEGIN
    RETURN LOWER(p_statement.object_type) || ' ' || p_statement.owner || '.' || p_statement.name
      || CASE WHEN p_statement.partition_name IS NOT NULL THEN '.' || p_statement.partition_name END;
  END described;
END dom$ddl;
/
