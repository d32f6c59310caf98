-- try_rebuild --
-- Take the lock of a territory's rebuild if nobody holds it; it lasts as long as the transaction. $1 territory.
SELECT pg_try_advisory_xact_lock(hashtext('capacity rebuild'), hashtext($1)) AS taken;

-- held_cursor --
-- How far the ledger is, and nobody moves it until this transaction ends. $1 territory.
SELECT epoch, seq
  FROM cursors
 WHERE territory = $1
   FOR UPDATE;

-- take_epoch --
-- The live store goes on in a new epoch from here. $1 territory, $2 epoch.
UPDATE cursors
   SET epoch = $2
 WHERE territory = $1;

-- pools --
-- The facts of all pools that are known whole, gone ones too. $1 territory.
SELECT substr(key, 6) AS pool, seq, since, facts::text AS facts, facts ->> 'count_at' AS count_at,
       facts ->> 'version' AS version, facts ->> 'site' AS site, facts ->> 'fresh_for' AS fresh_for,
       facts ->> 'registered_capacity' AS registered_capacity, facts ? 'gone' AS gone
  FROM live_facts
 WHERE territory = $1 AND key LIKE 'pool:%' AND facts ? 'site';

-- holds --
-- The holds that are active, and those that ended after a moment. $1 territory, $2 moment.
SELECT substr(key, 6) AS hold, facts::text AS facts, facts ->> 'state' = 'active' AS is_active,
       facts ->> 'movements' AS movements, seq,
       coalesce(greatest(1, extract(epoch FROM (facts ->> 'ended_at')::timestamptz - $2)), 1)::integer AS seconds
  FROM live_facts
 WHERE territory = $1 AND key LIKE 'hold:%' AND facts ? 'id'
   AND (facts ->> 'state' = 'active' OR (facts ->> 'ended_at')::timestamptz > $2);

-- received --
-- The first command from a number on and when it was received. $1 territory, $2 number.
SELECT seq, received_at
  FROM ledger
 WHERE territory = $1 AND seq >= $2
 ORDER BY seq
 LIMIT 1;

-- answers --
-- What was answered to commands after a number, received after a moment, and for how many seconds more than until that
-- moment it is known. Of older versions' reports the digest was not kept. $1 territory, $2 number, $3 moment.
SELECT body ->> 'id' AS id, seq || ' ' || coalesce(digest, '') AS answer,
       greatest(1, extract(epoch FROM received_at - $3))::integer AS seconds
  FROM ledger
 WHERE territory = $1 AND seq > $2 AND received_at > $3
   AND (digest IS NOT NULL OR type IN ('count', 'movement', 'confirmation', 'inventory', 'status'));

-- movements --
-- The movements that took effect after a number, observed after a moment, as the live store keeps them. $1 territory,
-- $2 number, $3 moment.
SELECT pool, seq, (extract(epoch FROM observed_at) * 1000)::bigint AS at_ms,
       (body ->> 'delta') || ':' || (body ->> 'id') || ':' || coalesce(body ->> 'by', '') AS member
  FROM ledger
 WHERE territory = $1 AND seq > $2 AND type = 'movement' AND outcome = 'applied' AND observed_at >= $3;

-- requests --
-- The requests opened after a number, received after a moment, with what became of them. $1 territory, $2 number,
-- $3 moment.
SELECT opened.body ->> 'id' AS id, greatest(1, extract(epoch FROM opened.received_at - $3))::integer AS seconds,
       jsonb_strip_nulls(jsonb_build_object(
           'opened', opened.body::text, 'night', opened.body ->> 'night', 'digest', coalesce(opened.digest, ''),
           'closed', closed.body::text, 'closed_by', closed.body ->> 'id'))::text AS facts
  FROM ledger AS opened
  LEFT JOIN ledger AS closed
    ON closed.territory = $1 AND closed.seq > opened.seq AND closed.type = 'request_closed'
   AND closed.body ->> 'request' = opened.body ->> 'id'
 WHERE opened.territory = $1 AND opened.seq > $2 AND opened.received_at > $3 AND opened.type = 'request_opened';
