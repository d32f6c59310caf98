-- append_commands --
-- Keep one batch of numbered commands; one already kept stays as it was. $1 territory, $2 seqs, $3 bodies, $4 the rows
-- after each, as an array, $5 the digests of their answers, null where there is none. A command on several pools has a line for each instead of a row of its own.
WITH batch AS (
    SELECT *
      FROM unnest($2::bigint[], $3::jsonb[], $4::jsonb[], $5::text[]) AS batch (seq, body, rows, digest)
), commands AS (
    INSERT INTO ledger (territory, seq, type, pool, outcome, observed_at, received_at, body, row, digest)
    SELECT $1, seq, body ->> 'type', body ->> 'pool', body ->> 'outcome', (body ->> 'observed_at')::timestamptz,
           (body ->> 'received_at')::timestamptz, body, CASE WHEN body ? 'pool' THEN rows -> 0 END, digest
      FROM batch
        ON CONFLICT (territory, seq) DO NOTHING
)
INSERT INTO ledger_lines (territory, seq, pool, site, hold, type, says, observed_at, held_change, arrived, row)
SELECT $1, seq, touched.pool, after.row ->> 'site', (body ->> 'hold')::uuid, body ->> 'type',
       CASE body ->> 'type'
            WHEN 'hold_arrived' THEN 'arrived'
            WHEN 'hold_expired' THEN 'expired'
            WHEN 'hold_released' THEN body ->> 'reason'
            WHEN 'hold_told' THEN body ->> 'says'
       END,
       (body ->> 'observed_at')::timestamptz,
       CASE WHEN body ->> 'type' = 'hold_created' THEN places
            WHEN body ->> 'type' IN ('hold_arrived', 'hold_released', 'hold_expired') THEN -places
            ELSE 0
       END,
       arrived, after.row
  FROM batch
 CROSS JOIN LATERAL (
       SELECT line ->> 'pool' AS pool, sum((line ->> 'places')::integer) AS places,
              coalesce(sum((line ->> 'arrived')::integer), 0) AS arrived
         FROM jsonb_array_elements(body -> 'lines') AS line
        GROUP BY line ->> 'pool') AS touched
  LEFT JOIN LATERAL (
       SELECT row
         FROM jsonb_array_elements(rows) AS row
        WHERE row ->> 'pool' = touched.pool) AS after ON true
 WHERE body ? 'hold' AND body ? 'lines'
    ON CONFLICT (territory, seq, pool) DO NOTHING;

-- keep_facts --
-- Keep what commands changed of the live store's facts. $1 territory, $2 keys, $3 the number of the last change of each,
-- $4 the number at which it was last written anew, null where it was not, $5 the facts that changed.
INSERT INTO live_facts (territory, key, seq, since, facts)
SELECT $1, key, seq, coalesce(since, 0), facts
  FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::jsonb[]) AS changed (key, seq, since, facts)
    ON CONFLICT (territory, key) DO UPDATE
   SET seq = excluded.seq,
       since = CASE WHEN excluded.since = 0 THEN live_facts.since ELSE excluded.since END,
       facts = CASE WHEN excluded.since = 0 THEN live_facts.facts || excluded.facts ELSE excluded.facts END;

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
-- pool that had begun by then, its registry edits, for each of its places the newest inventory that names them, the
-- newest status, the newest count with the movements since, what its holds add up to, and the newest report.
-- Who arrived when the count was known already is not in it, whatever the servers' clocks said. A report is at most
-- seven days old when it arrives, so none that belongs to a life is from long before its opening.
-- $1 territory, $2 pool, $3 moment.
WITH openings AS MATERIALIZED (
    SELECT seq, observed_at, body
      FROM ledger
     WHERE territory = $1 AND pool = $2 AND type = 'pool_opened'
), life AS MATERIALIZED (
    SELECT coalesce(max(seq), 0) AS after
      FROM openings
     WHERE observed_at < $3
        OR EXISTS (SELECT 1 FROM ledger
                    WHERE territory = $1 AND pool = $2 AND seq > openings.seq AND observed_at < $3
                      AND observed_at > openings.observed_at - interval '8 days')
), newest_count AS MATERIALIZED (
    SELECT observed_at, body
      FROM ledger, life
     WHERE territory = $1 AND pool = $2 AND observed_at < $3 AND seq > life.after AND type = 'count'
     ORDER BY observed_at DESC, (body ->> 'id') COLLATE "C" DESC
     LIMIT 1
), counted AS MATERIALIZED (
    SELECT ledger.observed_at, min(seq) AS seq
      FROM ledger, life, newest_count
     WHERE territory = $1 AND pool = $2 AND seq > life.after AND type = 'count'
       AND ledger.observed_at = newest_count.observed_at
     GROUP BY ledger.observed_at
), movements AS (
    SELECT observed_at, body
      FROM ledger, life
     WHERE territory = $1 AND pool = $2 AND observed_at < $3 AND seq > life.after AND type = 'movement'
       AND observed_at > coalesce((SELECT observed_at FROM newest_count), '-infinity')
), newest_of_places AS (
    (SELECT observed_at, body
       FROM ledger, life
      WHERE territory = $1 AND pool = $2 AND observed_at < $3 AND seq > life.after AND type = 'inventory'
        AND body ? 'capacity'
      ORDER BY observed_at DESC, (body ->> 'id') COLLATE "C" DESC
      LIMIT 1)
     UNION ALL
    (SELECT observed_at, body
       FROM ledger, life
      WHERE territory = $1 AND pool = $2 AND observed_at < $3 AND seq > life.after AND type = 'inventory'
        AND body ? 'extra'
      ORDER BY observed_at DESC, (body ->> 'id') COLLATE "C" DESC
      LIMIT 1)
     UNION ALL
    (SELECT observed_at, body
       FROM ledger, life
      WHERE territory = $1 AND pool = $2 AND observed_at < $3 AND seq > life.after AND type = 'inventory'
        AND body ? 'out_of_service'
      ORDER BY observed_at DESC, (body ->> 'id') COLLATE "C" DESC
      LIMIT 1)
), newest_status AS (
    SELECT observed_at, body
      FROM ledger, life
     WHERE territory = $1 AND pool = $2 AND observed_at < $3 AND seq > life.after AND type = 'status'
     ORDER BY observed_at DESC, (body ->> 'id') COLLATE "C" DESC
     LIMIT 1
), newest_report AS (
    SELECT observed_at, body
      FROM ledger, life
     WHERE territory = $1 AND pool = $2 AND observed_at < $3 AND seq > life.after
       AND type IN ('count', 'movement', 'confirmation', 'inventory', 'status')
     ORDER BY observed_at DESC
     LIMIT 1
), edits AS (
    SELECT observed_at, body
      FROM ledger, life
     WHERE territory = $1 AND pool = $2 AND observed_at < $3 AND seq > life.after
       AND type IN ('pool_changed', 'pool_gone')
), holds AS (
    SELECT greatest(max(lines.observed_at), max(counted.observed_at)) AS observed_at,
           jsonb_build_object(
               'seq', max(lines.seq), 'id', 'holds', 'type', 'holds', 'held_change', sum(held_change),
               'arrived', coalesce(sum(arrived) FILTER (
                   WHERE lines.observed_at > coalesce(counted.observed_at, '-infinity')
                      OR lines.seq > counted.seq), 0)) AS body
      FROM ledger_lines AS lines
     CROSS JOIN life
      LEFT JOIN counted ON true
     WHERE territory = $1 AND pool = $2 AND lines.observed_at < $3 AND lines.seq > life.after
    HAVING count(*) > 0
)
SELECT observed_at, body::text AS body FROM openings
 UNION
SELECT observed_at, body::text FROM newest_count
 UNION
SELECT observed_at, body::text FROM movements
 UNION
SELECT observed_at, body::text FROM newest_of_places
 UNION
SELECT observed_at, body::text FROM newest_status
 UNION
SELECT observed_at, body::text FROM newest_report
 UNION
SELECT observed_at, body::text FROM edits
 UNION
SELECT observed_at, body::text FROM holds;

-- pool_commands --
-- What was observed of a pool within a time, late or not, by the moment of observation, except its openings and what
-- moves none of its numbers. $1 territory, $2 pool, $3 from, $4 to, $5 limit.
SELECT observed_at, body
  FROM ((SELECT observed_at, seq, body::text AS body
           FROM ledger
          WHERE territory = $1 AND pool = $2 AND observed_at >= $3 AND observed_at <= $4
            AND type NOT IN ('pool_opened', 'contingents_set', 'contingents_ended')
          ORDER BY observed_at, seq
          LIMIT $5)
         UNION ALL
        (SELECT observed_at, seq,
                jsonb_build_object(
                    'seq', seq, 'id', seq::text, 'type', type, 'held_change', held_change, 'arrived', arrived)::text
           FROM ledger_lines
          WHERE territory = $1 AND pool = $2 AND observed_at >= $3 AND observed_at <= $4
            AND (held_change <> 0 OR arrived <> 0)
          ORDER BY observed_at, seq
          LIMIT $5)) AS told
 ORDER BY observed_at, seq
 LIMIT $5;

-- is_pool_known --
-- Whether a pool is, or ever was, in the registry. $1 territory, $2 pool.
SELECT EXISTS (SELECT 1 FROM pools WHERE territory = $1 AND pool = $2) AS known;
