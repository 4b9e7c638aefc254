-- Runs and their streams. Names are copied here, so that history survives definitions that are removed.

CREATE TABLE odtm.controller (
  id text PRIMARY KEY CHECK (id <> ''),
  host text NOT NULL,
  pid integer NOT NULL,
  slots integer NOT NULL CHECK (slots > 0),
  registered_at timestamptz NOT NULL DEFAULT now(),
  last_beat_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE odtm.controller IS 'Controller processes that serve this repository.';
COMMENT ON COLUMN odtm.controller.id IS 'Its identity, new with every start.';
COMMENT ON COLUMN odtm.controller.host IS 'Where it runs.';
COMMENT ON COLUMN odtm.controller.pid IS 'Its process id there.';
COMMENT ON COLUMN odtm.controller.slots IS 'How many streams it drives at once.';
COMMENT ON COLUMN odtm.controller.registered_at IS 'When it started to serve.';
COMMENT ON COLUMN odtm.controller.last_beat_at IS 'Its last sign of life.';

CREATE TABLE odtm.run (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  operation_id integer NOT NULL,
  operation_name text NOT NULL,
  environment_id integer NOT NULL,
  environment_code text NOT NULL,
  variant text,
  preview text CHECK (preview IN ('rollback', 'statements')),
  max_streams integer CHECK (max_streams > 0),
  wish text NOT NULL DEFAULT 'none' CHECK (wish IN ('none', 'halt', 'halt_now', 'cancel')),
  started_at timestamptz NOT NULL DEFAULT now(),
  started_by text NOT NULL,
  ended_at timestamptz,
  log_pruned_at timestamptz,
  CONSTRAINT run_ends_after_its_start CHECK (ended_at >= started_at),
  CONSTRAINT run_log_pruned_after_its_end CHECK (log_pruned_at >= ended_at OR log_pruned_at IS NULL)
);
-- Invariant 9: one operation never has two unfinished runs in one environment.
CREATE UNIQUE INDEX run_unfinished ON odtm.run (operation_id, environment_id)
  WHERE ended_at IS NULL AND preview IS NULL;
CREATE INDEX run_open ON odtm.run (id) WHERE ended_at IS NULL;
COMMENT ON TABLE odtm.run IS
  'Executions of operations in environments. Their status is the view run_status.';
COMMENT ON COLUMN odtm.run.id IS 'The run''s number.';
COMMENT ON COLUMN odtm.run.operation_id IS 'Id of its operation.';
COMMENT ON COLUMN odtm.run.operation_name IS 'Name of the operation when it was started.';
COMMENT ON COLUMN odtm.run.environment_id IS 'Id of its environment.';
COMMENT ON COLUMN odtm.run.environment_code IS 'Code of the environment when it was started.';
COMMENT ON COLUMN odtm.run.variant IS 'The variant of the operation; null: none.';
COMMENT ON COLUMN odtm.run.preview IS 'How a preview executes units; null: the run works for real.';
COMMENT ON COLUMN odtm.run.max_streams IS
  'How many of its streams may be active at once; null: no limit.';
COMMENT ON COLUMN odtm.run.wish IS
  'What a person has asked of it; the executor notices it and acts.';
COMMENT ON COLUMN odtm.run.started_at IS 'When it was started for the first time.';
COMMENT ON COLUMN odtm.run.started_by IS 'Who started it.';
COMMENT ON COLUMN odtm.run.ended_at IS 'When its last stream was over for good; null: unfinished.';
COMMENT ON COLUMN odtm.run.log_pruned_at IS
  'When its units and statements were deleted from the log.';

CREATE TABLE odtm.run_event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint NOT NULL REFERENCES odtm.run,
  instance text,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  kind text NOT NULL CHECK (kind <> ''),
  by text NOT NULL,
  detail text
);
CREATE INDEX run_event_of_run ON odtm.run_event (run_id, id);
COMMENT ON TABLE odtm.run_event IS 'What persons and controllers did to runs.';
COMMENT ON COLUMN odtm.run_event.id IS 'Order of the events.';
COMMENT ON COLUMN odtm.run_event.run_id IS 'The run.';
COMMENT ON COLUMN odtm.run_event.instance IS
  'The instance of the stream; null: the run as a whole.';
COMMENT ON COLUMN odtm.run_event.at IS 'When it was done.';
COMMENT ON COLUMN odtm.run_event.kind IS
  'What was done: started, restarted, package_changed, halt, cancel, skipped, …';
COMMENT ON COLUMN odtm.run_event.by IS 'The person, or the controller.';
COMMENT ON COLUMN odtm.run_event.detail IS 'More about it, for instance the reason of a skip.';

CREATE TABLE odtm.stream_edge (
  from_status text NOT NULL,
  to_status text NOT NULL,
  PRIMARY KEY (from_status, to_status)
);
COMMENT ON TABLE odtm.stream_edge IS
  'The moves that a stream''s status may make; a trigger refuses all others.';
COMMENT ON COLUMN odtm.stream_edge.from_status IS 'Status before.';
COMMENT ON COLUMN odtm.stream_edge.to_status IS 'Status after.';
INSERT INTO odtm.stream_edge (from_status, to_status) VALUES
  ('waiting', 'admitted'), ('waiting', 'halted'), ('waiting', 'cancelled'),
  ('admitted', 'running'), ('admitted', 'waiting'), ('admitted', 'halted'), ('admitted', 'cancelled'),
  ('running', 'running'), ('running', 'waiting'), ('running', 'failed'), ('running', 'in_doubt'),
  ('running', 'halted'), ('running', 'expired'), ('running', 'completed'), ('running', 'cancelled'),
  ('failed', 'waiting'), ('failed', 'cancelled'),
  ('in_doubt', 'waiting'), ('in_doubt', 'cancelled'),
  ('halted', 'waiting'), ('halted', 'cancelled'),
  ('expired', 'waiting'), ('expired', 'cancelled');

CREATE TABLE odtm.stream (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint NOT NULL REFERENCES odtm.run,
  instance text NOT NULL CHECK (instance <> ''),
  engine text NOT NULL,
  handle text NOT NULL UNIQUE DEFAULT gen_random_uuid()::text,
  status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'admitted', 'running', 'failed',
    'in_doubt', 'halted', 'expired', 'completed', 'cancelled')),
  message text,
  plan jsonb NOT NULL,
  package_name text NOT NULL,
  package_sha256 text NOT NULL,
  accept_drift boolean NOT NULL,
  attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
  token uuid,
  controller_id text,
  lease_until timestamptz,
  renewed_at timestamptz,
  attempt_started_at timestamptz,
  worked_ms double precision NOT NULL DEFAULT 0 CHECK (worked_ms >= 0),
  waiting_since timestamptz NOT NULL DEFAULT now(),
  away_since timestamptz,
  sent_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  progress jsonb,
  failed_unit jsonb,
  failure jsonb,
  final_failure jsonb,
  final_due boolean NOT NULL DEFAULT false,
  UNIQUE (run_id, instance),
  FOREIGN KEY (package_name, engine, package_sha256) REFERENCES odtm.package_version,
  CONSTRAINT stream_lease_is_whole CHECK (
    num_nulls(token, controller_id, lease_until, renewed_at, attempt_started_at) IN (0, 5)),
  CONSTRAINT stream_is_leased_while_running CHECK ((status = 'running') = (token IS NOT NULL)),
  CONSTRAINT stream_is_sent_while_admitted CHECK (
    (status IN ('admitted', 'running')) = (sent_at IS NOT NULL)),
  CONSTRAINT stream_ended_when_inactive CHECK (
    (status IN ('waiting', 'admitted', 'running')) = (ended_at IS NULL)),
  CONSTRAINT stream_attempt_has_a_start CHECK ((attempt > 0) = (started_at IS NOT NULL)),
  CONSTRAINT stream_ran_before_its_outcome CHECK (
    attempt > 0 OR status IN ('waiting', 'admitted', 'halted', 'cancelled')),
  CONSTRAINT stream_failed_with_a_reason CHECK (status <> 'failed' OR failure IS NOT NULL),
  CONSTRAINT stream_owes_no_final_when_over CHECK (
    status NOT IN ('completed', 'cancelled') OR NOT final_due)
) WITH (fillfactor = 60);
CREATE INDEX stream_waiting ON odtm.stream (waiting_since, id) WHERE status = 'waiting';
CREATE INDEX stream_admitted ON odtm.stream (instance) WHERE status IN ('admitted', 'running');
COMMENT ON TABLE odtm.stream IS 'One run on one instance.';
COMMENT ON COLUMN odtm.stream.id IS 'The stream''s number.';
COMMENT ON COLUMN odtm.stream.run_id IS 'Its run.';
COMMENT ON COLUMN odtm.stream.instance IS 'Name of its instance.';
COMMENT ON COLUMN odtm.stream.engine IS 'Engine of the instance.';
COMMENT ON COLUMN odtm.stream.handle IS 'Names the stream on its target; package code receives it.';
COMMENT ON COLUMN odtm.stream.status IS 'Its status; stream_edge has the permitted moves.';
COMMENT ON COLUMN odtm.stream.message IS 'The status in words.';
COMMENT ON COLUMN odtm.stream.plan IS
  'What it executes, frozen when the run was started or restarted.';
COMMENT ON COLUMN odtm.stream.package_name IS 'Name of its package.';
COMMENT ON COLUMN odtm.stream.package_sha256 IS 'Version of its package.';
COMMENT ON COLUMN odtm.stream.accept_drift IS
  'Reinstall although installed code was changed by hand.';
COMMENT ON COLUMN odtm.stream.attempt IS 'The fencing number: grows with every acquisition.';
COMMENT ON COLUMN odtm.stream.token IS
  'The lease''s token; every write of a controller is conditional on it.';
COMMENT ON COLUMN odtm.stream.controller_id IS 'The controller that has the lease.';
COMMENT ON COLUMN odtm.stream.lease_until IS
  'When the lease expires, by the clock of this database.';
COMMENT ON COLUMN odtm.stream.renewed_at IS 'When the lease was last renewed.';
COMMENT ON COLUMN odtm.stream.attempt_started_at IS 'When the attempt that has the lease began.';
COMMENT ON COLUMN odtm.stream.worked_ms IS
  'How long earlier attempts have worked since a person started the run or made it go on, in milliseconds.';
COMMENT ON COLUMN odtm.stream.waiting_since IS
  'Its place in the queue: the oldest is admitted first; in the future: not to be admitted before.';
COMMENT ON COLUMN odtm.stream.away_since IS
  'Since when attempts have found the target away, without a break; null: the last one reached it.';
COMMENT ON COLUMN odtm.stream.sent_at IS 'When its job was last sent to the controllers.';
COMMENT ON COLUMN odtm.stream.started_at IS 'When a controller took it for the first time.';
COMMENT ON COLUMN odtm.stream.ended_at IS 'When its last attempt ended; null while it is active.';
COMMENT ON COLUMN odtm.stream.progress IS 'Where it stands, for people who watch it.';
COMMENT ON COLUMN odtm.stream.failed_unit IS 'The unit that failed first in the last attempt.';
COMMENT ON COLUMN odtm.stream.failure IS 'The failure of that unit.';
COMMENT ON COLUMN odtm.stream.final_failure IS 'What final failed with after that.';
COMMENT ON COLUMN odtm.stream.final_due IS 'Whether initial may have run with no final since.';

CREATE FUNCTION odtm.refuse_unknown_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM odtm.stream_edge e
                  WHERE e.from_status = OLD.status AND e.to_status = NEW.status) THEN
    RAISE EXCEPTION 'stream % may not go from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'stream_edge';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER stream_edge BEFORE UPDATE OF status ON odtm.stream
  FOR EACH ROW EXECUTE FUNCTION odtm.refuse_unknown_edge();

CREATE TABLE odtm.stream_decision (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stream_id bigint NOT NULL REFERENCES odtm.stream,
  unit jsonb NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('skipped', 'done', 'again')),
  reason text NOT NULL CHECK (reason <> ''),
  by text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  given_attempt integer,
  delivered_at timestamptz,
  CONSTRAINT stream_decision_given_before_delivered CHECK (
    delivered_at IS NULL OR given_attempt IS NOT NULL)
);
CREATE UNIQUE INDEX stream_decision_undelivered ON odtm.stream_decision (stream_id)
  WHERE delivered_at IS NULL;
COMMENT ON TABLE odtm.stream_decision IS 'What persons decided about failed and doubtful units.';
COMMENT ON COLUMN odtm.stream_decision.id IS 'Order of the decisions.';
COMMENT ON COLUMN odtm.stream_decision.stream_id IS 'The stream.';
COMMENT ON COLUMN odtm.stream_decision.unit IS 'Key of the unit.';
COMMENT ON COLUMN odtm.stream_decision.outcome IS
  'skipped, done (it took effect) or again (it did not).';
COMMENT ON COLUMN odtm.stream_decision.reason IS 'Why; always given.';
COMMENT ON COLUMN odtm.stream_decision.by IS 'Who decided.';
COMMENT ON COLUMN odtm.stream_decision.at IS 'When it was decided.';
COMMENT ON COLUMN odtm.stream_decision.given_attempt IS 'The last attempt that was told.';
COMMENT ON COLUMN odtm.stream_decision.delivered_at IS
  'When an attempt had written it to the target''s record.';
