-- The month that a stream works on: written by the iterator, read by the tasks.
CREATE TABLE purge_events_state (
  handle VARCHAR2(64) NOT NULL,
  owner VARCHAR2(130) NOT NULL,
  table_name VARCHAR2(130) NOT NULL,
  month_start DATE NOT NULL,
  month_end DATE NOT NULL,
  CONSTRAINT purge_events_state_pk PRIMARY KEY (handle)
)
/
COMMENT ON TABLE purge_events_state IS 'The month that each stream of purge_events works on'
/
COMMENT ON COLUMN purge_events_state.handle IS 'Handle of the stream'
/
COMMENT ON COLUMN purge_events_state.owner IS 'Owner of the tables of the application'
/
COMMENT ON COLUMN purge_events_state.table_name IS 'Table of events'
/
COMMENT ON COLUMN purge_events_state.month_start IS 'First day of the month'
/
COMMENT ON COLUMN purge_events_state.month_end IS 'First day of the month after it'
/
