CREATE OR REPLACE PACKAGE dom$ddl AS
  -- What a statement is: whether it commits by itself, and by what its effect can be recognised.

  -- Created, dropped or renamed under a name; the catalogue tells.
  gc_create           CONSTANT VARCHAR2(20) := 'create';
  gc_drop             CONSTANT VARCHAR2(20) := 'drop';
  gc_rename           CONSTANT VARCHAR2(20) := 'rename';
  gc_create_partition CONSTANT VARCHAR2(20) := 'create partition';
  gc_drop_partition   CONSTANT VARCHAR2(20) := 'drop partition';
  gc_exchange         CONSTANT VARCHAR2(20) := 'exchange';
  -- Executed twice it leaves what it left the first time.
  gc_repeatable       CONSTANT VARCHAR2(20) := 'repeatable';
  -- Executed twice it fails the second time, with an error that says so.
  gc_telling          CONSTANT VARCHAR2(20) := 'telling';
  -- Adds what has no name to be found by, and what Oracle may take a second time.
  gc_nameless         CONSTANT VARCHAR2(20) := 'nameless';
  -- Nothing tells; the author's probe or a person has to.
  gc_other            CONSTANT VARCHAR2(20) := 'other';

  TYPE t_statement IS RECORD (
    -- Null: it does not commit by itself.
    kind           VARCHAR2(20),
    -- A PL/SQL block or a call, which has no number of rows.
    is_block       BOOLEAN,
    object_type    VARCHAR2(60),
    owner          VARCHAR2(128),
    name           VARCHAR2(128),
    partition_name VARCHAR2(128),
    -- The table of an exchange, or the new name.
    other_owner    VARCHAR2(128),
    other_name     VARCHAR2(128)
  );

  FUNCTION read (p_sql IN CLOB) RETURN t_statement;

  -- The statement's object in words.
  FUNCTION described (p_statement IN t_statement) RETURN VARCHAR2;
END dom$ddl;
/
