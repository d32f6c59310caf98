-- Years of a territory's past, made by Postgres itself: the shape, the sizes and the order of what the recorder writes.
-- Everything follows from the numbers by hashes, so the same numbers are the same past.

-- unlogged --
-- What is made here can be made again, so it need not be written twice. Queries and indexes are the same.
ALTER TABLE ledger SET UNLOGGED;
ALTER TABLE ledger_lines SET UNLOGGED;

-- registry --
-- A territory with its pools, ten a site, opened at a moment. $1 territory, $2 pools, $3 moment.
WITH opened AS (
    INSERT INTO territories (territory, name, version, opened_at)
    VALUES ($1, 'Banc', 1, $3)
), sites AS (
    INSERT INTO sites (territory, site, version, name, kind, visibility)
    SELECT $1, 'site-' || site, 1, 'Une halte', 'women_halte', 'public'
      FROM generate_series(0, ($2 - 1) / 10) AS site
)
INSERT INTO pools (territory, pool, site, version, ordinal, unit, audience, traits, capacity, fresh_for)
SELECT $1, 'site-' || pool / 10 || '.p' || pool % 10, 'site-' || pool / 10, 1, pool % 10, 'place', 'women', '{}', 39, 7200
  FROM generate_series(0, $2 - 1) AS pool;

-- rows --
-- A row as the live store tells it, one a pool: what differs between two moments of a pool is not read here.
CREATE TABLE past_rows AS
SELECT 10 * split_part(site, '-', 2)::integer + ordinal AS number, pool, site,
       jsonb_build_object(
           'pool', pool, 'site', site, 'seq', 4177, 'status', 'open', 'capacity', capacity, 'extra', 0,
           'out_of_service', 1, 'occupied', 35, 'held', 1, 'free', 2, 'over', 0,
           'observed_at', '2026-11-22T22:38:50.000Z', 'fresh_for', fresh_for, 'contingents', '[]'::jsonb) AS row
  FROM pools;

-- draw --
-- A number from 0 to 1 that belongs to a number and a purpose.
CREATE FUNCTION past_draw(number bigint, purpose integer) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (hashint8extended(number, purpose) & 4294967295)::double precision / 4294967296 $$;

-- commands --
-- The commands of some numbers. One pool in a thousand has three of a hundred reports, half of the pools have under a
-- third; one in twelve commands is a hold's, one in twenty a request's; what is observed arrives at once or hours later.
-- The last pool is never counted, only tapped. $1 territory, $2 first, $3 last, $4 pools, $5 the first moment, $6 the
-- seconds from one to the next.
INSERT INTO ledger (territory, seq, type, pool, outcome, observed_at, received_at, body, row, digest)
SELECT $1, seq, type, CASE WHEN on_a_pool THEN pool END, outcome, observed_at, received_at,
       ('{"id":"' || id || '","seq":' || seq || ',"type":"' || type || '","outcome":"' || outcome
        || CASE type
                WHEN 'movement' THEN '","by":"staff","pool":"' || pool || '","delta":' || delta
                WHEN 'count' THEN '","by":"staff","pool":"' || pool || '","occupied":' || 20 + seq % 19
                WHEN 'confirmation' THEN '","pool":"' || pool || '"'
                WHEN 'inventory' THEN '","pool":"' || pool || '","capacity":39,"out_of_service":' || seq % 3
                WHEN 'status' THEN '","pool":"' || pool || '","status":"open"'
                WHEN 'pool_opened' THEN '","pool":"' || pool || '","capacity":39'
                WHEN 'pool_changed' THEN '","pool":"' || pool || '","capacity":39'
                WHEN 'hold_created' THEN '","hold":"' || id || '","channel":"115","lines":[{"pool":"' || pool
                     || '","places":1}],"minutes":45,"expires_at":"' || said_at || '"'
                WHEN 'request_opened' THEN '","channel":"115","party":{"women":1,"men":0,"children":1},"night":"'
                     || night || '"'
                WHEN 'request_closed' THEN '","outcome_of":"placed","request":"' || begun_id || '","night":"'
                     || night || '"'
                ELSE '","hold":"' || begun_id || '","lines":[{"pool":"' || pool || '","places":1,"arrived":1}]'
           END
        || ',"observed_at":"' || said_at || '","received_at":"' || said_at || '"}')::jsonb,
       CASE WHEN on_a_pool AND outcome = 'applied' THEN row END,
       lpad(to_hex(hashint8extended(seq, 9)), 16, '0')
  FROM past_told($2, $3, $4, $5, $6, false)
  JOIN past_rows USING (number);

-- again --
-- The same commands a while later, some numbers on: made as fast as they can be written. Columns, lines and the nights of
-- requests are the later ones; what a body says of its own id, number and moments is repeated, which costs a reader the
-- same. $1 territory, $2 first, $3 last of those to repeat, $4 how many numbers on, $5 the seconds of one.
INSERT INTO ledger (territory, seq, type, pool, outcome, observed_at, received_at, body, row, digest)
SELECT territory, seq + $4, type, pool, outcome, observed_at + passed, received_at + passed,
       CASE WHEN body ? 'night'
            THEN body || jsonb_build_object('night', (received_at + passed - interval '12 hours')::date)
            ELSE body
       END, row, digest
  FROM ledger
 CROSS JOIN (SELECT interval '1 second' * ($5::double precision * $4::bigint) AS passed) AS pause
 WHERE territory = $1 AND seq BETWEEN $2 AND $3
 ORDER BY seq;

-- lines --
-- The lines of the holds among some numbers. Parameters as of `commands`.
INSERT INTO ledger_lines (territory, seq, pool, site, hold, type, says, observed_at, held_change, arrived, row)
SELECT $1, seq, pool, site, begun_id, type, says, observed_at, CASE WHEN type = 'hold_created' THEN 1 ELSE -1 END,
       (type = 'hold_arrived')::integer, row
  FROM past_told($2, $3, $4, $5, $6, true)
  JOIN past_rows USING (number)
 WHERE type LIKE 'hold%';

-- told --
-- Who says what when: numbers up to that of the pools open them; a hold is made at each 25th number and ends 412 later.
CREATE FUNCTION past_told(first bigint, last bigint, pools integer, began timestamptz, seconds double precision,
                          only_holds boolean)
RETURNS TABLE (seq bigint, number integer, type text, on_a_pool boolean, outcome text, delta integer, id uuid,
               begun_id uuid, says text, received_at timestamptz, observed_at timestamptz, said_at text, night date)
LANGUAGE sql STABLE AS $$
SELECT seq, number, type, type NOT LIKE 'hold%' AND type NOT LIKE 'request%',
       CASE WHEN type IN ('movement', 'count') AND past_draw(seq, 4) < 0.01 THEN 'late' ELSE 'applied' END,
       CASE WHEN past_draw(seq, 5) < 0.5 THEN 1 ELSE -1 END,
       ('01920000-0000-7000-8000-' || lpad(to_hex(seq), 12, '0'))::uuid,
       ('01920000-0000-7000-8000-' || lpad(to_hex(begun), 12, '0'))::uuid,
       CASE type
            WHEN 'hold_arrived' THEN 'arrived'
            WHEN 'hold_expired' THEN 'expired'
            WHEN 'hold_released' THEN CASE WHEN past_draw(seq, 7) < 0.3 THEN 'full_on_arrival' ELSE 'no_show' END
       END,
       received_at, observed_at, to_char(observed_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       (received_at - interval '12 hours')::date
  FROM (SELECT seq, begun, received_at,
               CASE WHEN seq <= pools THEN seq - 1 ELSE floor(pools * past_draw(begun, 2) ^ 2) END::integer AS number,
               received_at - interval '2 hours' * CASE WHEN seq <= pools THEN 0 ELSE past_draw(seq, 3) ^ 8 END
               AS observed_at,
               CASE WHEN seq <= pools THEN 'pool_opened'
                    WHEN seq % 25 = 0 THEN 'hold_created'
                    WHEN seq % 25 = 12 AND begun < seq THEN
                         CASE WHEN chance < 0.7 THEN 'hold_arrived'
                              WHEN chance < 0.85 THEN 'hold_expired'
                              ELSE 'hold_released'
                         END
                    WHEN seq % 40 = 7 THEN 'request_opened'
                    WHEN seq % 40 = 27 AND begun < seq THEN 'request_closed'
                    WHEN chance < 0.7 OR past_draw(begun, 2) ^ 2 * pools >= pools - 1 THEN 'movement'
                    WHEN chance < 0.84 THEN 'count'
                    WHEN chance < 0.985 THEN 'confirmation'
                    WHEN chance < 0.993 THEN 'inventory'
                    WHEN chance < 0.998 THEN 'status'
                    ELSE 'pool_changed'
               END AS type
          FROM (SELECT seq, past_draw(seq, 1) AS chance, began + interval '1 second' * (seconds * seq) AS received_at,
                       CASE WHEN seq % 25 = 12 AND seq - 412 > pools THEN seq - 412
                            WHEN seq % 25 NOT IN (0, 12) AND seq % 40 = 27 AND seq - 20 > pools THEN seq - 20
                            ELSE seq
                       END AS begun
                  FROM generate_series(first, last) AS seq
                 WHERE NOT only_holds OR seq % 25 IN (0, 12)
                OFFSET 0) AS numbers
        OFFSET 0) AS told $$;

-- is_made --
-- Whether the past can go on here.
SELECT to_regproc('past_told') IS NOT NULL AS is_made;

-- length --
-- The last number that was made. $1 territory.
SELECT coalesce(max(seq), 0) AS length
  FROM ledger
 WHERE territory = $1;

-- undo --
-- Take back what was appended behind the past. $1 territory, $2 the last number that stays.
WITH lines AS (
    DELETE FROM ledger_lines
     WHERE territory = $1 AND seq > $2
)
DELETE FROM ledger
 WHERE territory = $1 AND seq > $2;

-- at_number --
-- Let the recorder go on after a number. $1 territory, $2 number, $3 moment.
INSERT INTO cursors (territory, epoch, seq, recorded_at)
VALUES ($1, 'bench', $2, $3)
    ON CONFLICT (territory) DO UPDATE
   SET seq = excluded.seq;

-- sizes --
-- What the ledger takes on the disk: rows and their indexes, in bytes.
SELECT pg_table_size('ledger') + pg_table_size('ledger_lines') AS rows,
       pg_indexes_size('ledger') + pg_indexes_size('ledger_lines') AS indexes;
