-- night_commands --
-- What was said of the requests of a night, oldest first; their outcomes may have come later. $1 territory, $2 night,
-- $3 its first moment, $4 when nothing more can be said of it, $5 up to this number.
SELECT body::text AS body
  FROM ledger
 WHERE territory = $1 AND pool IS NULL AND observed_at >= $3 AND observed_at < $4
   AND type IN ('request_opened', 'request_closed', 'search_empty')
   AND body ->> 'night' = $2 AND seq <= $5
 ORDER BY seq;
