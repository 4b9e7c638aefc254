-- The central log: every try of a unit, and every statement in it.

CREATE SEQUENCE odtm.log_change;
COMMENT ON SEQUENCE odtm.log_change IS
  'Positions for following the log. They are drawn under a lock of the run, so they commit in their order.';

CREATE TABLE odtm.unit_log (
  stream_id bigint NOT NULL REFERENCES odtm.stream,
  stream_attempt integer NOT NULL,
  object text COLLATE "C" NOT NULL,
  iteration integer NOT NULL CHECK (iteration >= 0),
  task text COLLATE "C" NOT NULL CHECK (task <> ''),
  chunk integer NOT NULL CHECK (chunk >= 0),
  unit_attempt integer NOT NULL CHECK (unit_attempt >= 0),
  try integer NOT NULL,
  run_id bigint NOT NULL,
  change bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('install', 'iterator', 'initial', 'split', 'task', 'final')),
  status text NOT NULL CHECK (status IN ('running', 'done', 'complete', 'skipped', 'failed', 'cancelled',
    'in_doubt', 'lost', 'previewed')),
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  elapsed_ms double precision,
  rows bigint,
  statements integer,
  message text,
  failure jsonb,
  PRIMARY KEY (stream_id, stream_attempt, object, iteration, task, chunk, unit_attempt, try),
  CONSTRAINT unit_log_has_no_end_while_running CHECK (status <> 'running' OR ended_at IS NULL)
) WITH (fillfactor = 80);
CREATE INDEX unit_log_change ON odtm.unit_log (run_id, change);
CREATE INDEX unit_log_running ON odtm.unit_log (run_id) WHERE status = 'running';
COMMENT ON TABLE odtm.unit_log IS 'One row a try of a unit.';
COMMENT ON COLUMN odtm.unit_log.stream_id IS 'Its stream.';
COMMENT ON COLUMN odtm.unit_log.stream_attempt IS 'The attempt of the stream that tried it.';
COMMENT ON COLUMN odtm.unit_log.object IS 'The object (owner.name); empty: the operation has none.';
COMMENT ON COLUMN odtm.unit_log.iteration IS 'The iteration, from 1; 0: install.';
COMMENT ON COLUMN odtm.unit_log.task IS
  'The task, or install, iterator, initial, final, final_error.';
COMMENT ON COLUMN odtm.unit_log.chunk IS 'The chunk, from 1; 0: the task as a whole.';
COMMENT ON COLUMN odtm.unit_log.unit_attempt IS
  'The attempt in the unit''s key: that of the stream for initial and finals.';
COMMENT ON COLUMN odtm.unit_log.try IS 'Counts the tries within the attempt.';
COMMENT ON COLUMN odtm.unit_log.run_id IS 'Its run.';
COMMENT ON COLUMN odtm.unit_log.change IS 'Position of the last change of this row, for following.';
COMMENT ON COLUMN odtm.unit_log.kind IS 'Kind of the unit.';
COMMENT ON COLUMN odtm.unit_log.status IS
  'How it went; lost: nobody saw its end, it had no effect.';
COMMENT ON COLUMN odtm.unit_log.started_at IS 'When it began.';
COMMENT ON COLUMN odtm.unit_log.ended_at IS 'When it ended, as far as that is known.';
COMMENT ON COLUMN odtm.unit_log.elapsed_ms IS 'How long it took, in milliseconds.';
COMMENT ON COLUMN odtm.unit_log.rows IS 'Sum of the rows of its statements.';
COMMENT ON COLUMN odtm.unit_log.statements IS 'How many statements it logged.';
COMMENT ON COLUMN odtm.unit_log.message IS 'What the package said, or the reason of a skip.';
COMMENT ON COLUMN odtm.unit_log.failure IS 'Why it failed, as the engine gave it.';

CREATE TABLE odtm.statement_log (
  stream_id bigint NOT NULL,
  stream_attempt integer NOT NULL,
  object text COLLATE "C" NOT NULL,
  iteration integer NOT NULL,
  task text COLLATE "C" NOT NULL,
  chunk integer NOT NULL,
  unit_attempt integer NOT NULL,
  try integer NOT NULL,
  seq integer NOT NULL CHECK (seq > 0),
  run_id bigint NOT NULL,
  change bigint NOT NULL,
  status text NOT NULL CHECK (status IN ('running', 'executed', 'committed', 'failed', 'rolled_back',
    'previewed')),
  text text NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  elapsed_ms double precision,
  rows bigint,
  parallel_workers integer,
  failure jsonb,
  PRIMARY KEY (stream_id, stream_attempt, object, iteration, task, chunk, unit_attempt, try, seq),
  CONSTRAINT statement_log_has_no_end_while_running CHECK (status <> 'running' OR ended_at IS NULL)
) WITH (fillfactor = 90);
CREATE INDEX statement_log_change ON odtm.statement_log (run_id, change);
CREATE INDEX statement_log_open ON odtm.statement_log (run_id, stream_id)
  WHERE status IN ('running', 'executed');
COMMENT ON TABLE odtm.statement_log IS
  'One row a statement. Only rows of a leased stream are ever written.';
COMMENT ON COLUMN odtm.statement_log.stream_id IS 'Its stream.';
COMMENT ON COLUMN odtm.statement_log.stream_attempt IS 'The attempt of the stream.';
COMMENT ON COLUMN odtm.statement_log.object IS
  'The object (owner.name); empty: the operation has none.';
COMMENT ON COLUMN odtm.statement_log.iteration IS 'The iteration of its unit.';
COMMENT ON COLUMN odtm.statement_log.task IS 'The task of its unit.';
COMMENT ON COLUMN odtm.statement_log.chunk IS 'The chunk of its unit.';
COMMENT ON COLUMN odtm.statement_log.unit_attempt IS 'The attempt in the unit''s key.';
COMMENT ON COLUMN odtm.statement_log.try IS 'The try of its unit.';
COMMENT ON COLUMN odtm.statement_log.seq IS 'Counts the statements of the try, from 1.';
COMMENT ON COLUMN odtm.statement_log.run_id IS 'Its run.';
COMMENT ON COLUMN odtm.statement_log.change IS
  'Position of the last change of this row, for following.';
COMMENT ON COLUMN odtm.statement_log.status IS
  'executed: ended well, its unit has not committed yet; then committed or rolled_back.';
COMMENT ON COLUMN odtm.statement_log.text IS 'The statement in full.';
COMMENT ON COLUMN odtm.statement_log.started_at IS 'When it began.';
COMMENT ON COLUMN odtm.statement_log.ended_at IS 'When it ended, as far as that is known.';
COMMENT ON COLUMN odtm.statement_log.elapsed_ms IS 'How long it took, in milliseconds.';
COMMENT ON COLUMN odtm.statement_log.rows IS 'Rows that it affected.';
COMMENT ON COLUMN odtm.statement_log.parallel_workers IS 'Parallel workers seen while it ran.';
COMMENT ON COLUMN odtm.statement_log.failure IS 'Why it failed, as the engine gave it.';

-- A run has no status of its own: it is what its streams, and the controllers, say now.
CREATE VIEW odtm.run_status AS
SELECT r.id AS run_id,
       CASE
         WHEN s.active > 0 AND r.wish = 'cancel' THEN 'cancelling'
         WHEN s.active > 0 AND r.wish <> 'none' THEN 'halting'
         WHEN s.active > 0 AND (s.leased OR c.alive) THEN 'running'
         WHEN s.active > 0 THEN 'interrupted'
         WHEN r.ended_at IS NOT NULL AND s.cancelled THEN 'cancelled'
         WHEN s.in_doubt THEN 'in_doubt'
         WHEN s.failed THEN 'failed'
         WHEN s.halted THEN 'halted'
         WHEN s.expired THEN 'expired'
         WHEN s.cancelled THEN 'cancelled'
         ELSE 'completed'
       END AS status,
       s.counts AS streams
  FROM odtm.run r
 CROSS JOIN LATERAL (
   SELECT coalesce(sum(n) FILTER (WHERE q.status IN ('waiting', 'admitted', 'running')), 0) AS active,
          coalesce(bool_or(q.leased), false) AS leased,
          coalesce(bool_or(q.status = 'in_doubt'), false) AS in_doubt,
          coalesce(bool_or(q.status = 'failed'), false) AS failed,
          coalesce(bool_or(q.status = 'halted'), false) AS halted,
          coalesce(bool_or(q.status = 'expired'), false) AS expired,
          coalesce(bool_or(q.status = 'cancelled'), false) AS cancelled,
          coalesce(jsonb_object_agg(q.status, q.n), '{}') AS counts
     FROM (SELECT t.status, count(*) AS n, bool_or(t.lease_until > now()) AS leased
             FROM odtm.stream t
            WHERE t.run_id = r.id
            GROUP BY t.status) q) s
 CROSS JOIN (
   SELECT EXISTS (SELECT FROM odtm.controller
                   WHERE last_beat_at > now() - interval '10 seconds') AS alive) c;
COMMENT ON VIEW odtm.run_status IS
  'The status of each run, derived from its streams and the live controllers.';
COMMENT ON COLUMN odtm.run_status.run_id IS 'The run.';
COMMENT ON COLUMN odtm.run_status.status IS 'Its status now.';
COMMENT ON COLUMN odtm.run_status.streams IS 'Number of its streams by status.';
