-- append_commands --
-- Keep one batch of numbered commands; one already kept stays as it was. $1 territory, $2 seqs, $3 bodies,
-- $4 rows after them (null where none changed).
INSERT INTO ledger (territory, seq, type, pool, outcome, observed_at, received_at, body, row)
SELECT $1, seq, body ->> 'type', body ->> 'pool', body ->> 'outcome', (body ->> 'observed_at')::timestamptz,
       (body ->> 'received_at')::timestamptz, body, row
  FROM unnest($2::bigint[], $3::jsonb[], $4::jsonb[]) AS batch (seq, body, row)
    ON CONFLICT (territory, seq) DO NOTHING;

-- cursor --
-- How far the ledger is; no line before the first batch. $1 territory.
SELECT epoch, seq, recorded_at
  FROM cursors
 WHERE territory = $1;

-- start_cursor --
-- Begin to follow a territory at number zero unless it is followed. $1 territory, $2 epoch, $3 moment.
INSERT INTO cursors (territory, epoch, seq, recorded_at)
VALUES ($1, $2, 0, $3)
    ON CONFLICT (territory) DO NOTHING;

-- adopt_epoch --
-- Go on in a live store that was made anew after the ledger's last number. $1 territory, $2 old epoch, $3 seq, $4 new.
UPDATE cursors
   SET epoch = $4
 WHERE territory = $1 AND epoch = $2 AND seq = $3;

-- move_cursor --
-- Move the cursor on; no line when somebody else has moved it. $1 territory, $2 epoch, $3 from, $4 to, $5 moment.
UPDATE cursors
   SET seq = $4, recorded_at = $5
 WHERE territory = $1 AND epoch = $2 AND seq = $3
RETURNING seq;

-- cursors --
-- How far the ledger is in every territory.
SELECT territory, epoch, seq, recorded_at
  FROM cursors;

-- commands --
-- The numbered commands after a number, oldest first. $1 territory, $2 after, $3 limit.
SELECT body::text AS body
  FROM ledger
 WHERE territory = $1 AND seq > $2
 ORDER BY seq
 LIMIT $3;

-- pool_standing --
-- Every opening of a pool, and of what was observed before a moment all that still speaks at it: in the life of the
-- pool that had begun by then, its registry edits, the newest inventory for each set of fields and the newest status,
-- the newest count with the movements since, and the newest report. $1 territory, $2 pool, $3 moment.
WITH openings AS MATERIALIZED (
    SELECT seq, observed_at, body
      FROM ledger
     WHERE territory = $1 AND pool = $2 AND type = 'pool_opened'
), life AS MATERIALIZED (
    SELECT coalesce(max(seq), 0) AS after
      FROM openings
     WHERE observed_at < $3
        OR EXISTS (SELECT 1 FROM ledger
                    WHERE territory = $1 AND pool = $2 AND seq > openings.seq AND observed_at < $3)
), newest_count AS MATERIALIZED (
    SELECT observed_at, body
      FROM ledger, life
     WHERE territory = $1 AND pool = $2 AND observed_at < $3 AND seq > life.after AND type = 'count'
     ORDER BY observed_at DESC, (body ->> 'id') COLLATE "C" DESC
     LIMIT 1
), newest_report AS (
    SELECT observed_at, body
      FROM ledger, life
     WHERE territory = $1 AND pool = $2 AND observed_at < $3 AND seq > life.after
       AND type IN ('count', 'movement', 'confirmation')
     ORDER BY observed_at DESC
     LIMIT 1
), movements AS (
    SELECT observed_at, body
      FROM ledger, life
     WHERE territory = $1 AND pool = $2 AND observed_at < $3 AND seq > life.after AND type = 'movement'
       AND observed_at > coalesce((SELECT observed_at FROM newest_count), '-infinity')
), newest_of_places AS (
    SELECT DISTINCT ON (type, body ? 'capacity', body ? 'extra', body ? 'out_of_service') observed_at, body
      FROM ledger, life
     WHERE territory = $1 AND pool = $2 AND observed_at < $3 AND seq > life.after AND type IN ('inventory', 'status')
     ORDER BY type, body ? 'capacity', body ? 'extra', body ? 'out_of_service',
              observed_at DESC, (body ->> 'id') COLLATE "C" DESC
), edits AS (
    SELECT observed_at, body
      FROM ledger, life
     WHERE territory = $1 AND pool = $2 AND observed_at < $3 AND seq > life.after
       AND type IN ('pool_changed', 'pool_gone')
)
SELECT observed_at, body::text AS body FROM openings
 UNION
SELECT observed_at, body::text FROM newest_count
 UNION
SELECT observed_at, body::text FROM newest_report
 UNION
SELECT observed_at, body::text FROM movements
 UNION
SELECT observed_at, body::text FROM newest_of_places
 UNION
SELECT observed_at, body::text FROM edits;

-- pool_commands --
-- What was observed of a pool within a time, late or not, by the moment of observation, except its openings.
-- $1 territory, $2 pool, $3 from, $4 to, $5 limit.
SELECT observed_at, body::text AS body
  FROM ledger
 WHERE territory = $1 AND pool = $2 AND type <> 'pool_opened' AND observed_at >= $3 AND observed_at <= $4
 ORDER BY observed_at, seq
 LIMIT $5;

-- is_pool_known --
-- Whether a pool is, or ever was, in the registry. $1 territory, $2 pool.
SELECT EXISTS (SELECT 1 FROM pools WHERE territory = $1 AND pool = $2) AS known;
