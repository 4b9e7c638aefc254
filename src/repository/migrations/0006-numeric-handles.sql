-- Packages of the original DOM keep TO_NUMBER(p_handle) in a NUMBER(10): handles are numbers of ten digits
-- from here on. Each repository begins somewhere else, for targets may be shared.
CREATE SEQUENCE odtm.stream_handle AS bigint
  MINVALUE 1000000000 MAXVALUE 9999999999 START WITH 1000000000 CYCLE;
SELECT setval('odtm.stream_handle', 1000000000 + floor(random() * 8999999999)::bigint);
COMMENT ON SEQUENCE odtm.stream_handle IS
  'Handles of streams: ten digits, from a place of this repository''s own.';
ALTER TABLE odtm.stream ALTER COLUMN handle SET DEFAULT nextval('odtm.stream_handle')::text;
COMMENT ON COLUMN odtm.stream.handle IS
  'Names the stream on its target, a number as text; package code receives it.';
