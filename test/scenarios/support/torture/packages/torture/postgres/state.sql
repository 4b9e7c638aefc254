CREATE TABLE IF NOT EXISTS torture.round (
  object text    NOT NULL,
  round  integer NOT NULL,
  is_open boolean NOT NULL DEFAULT true
);
