-- hold_ends --
-- How many holds ended in which way at each site, in a time, by the moments of their ends. A hold with places in several
-- pools of a site ended there once; by arrival only where somebody arrived. $1 territory, $2 from, $3 before.
SELECT coalesce(lines.site, pools.site) AS site, says, count(DISTINCT hold) AS holds
  FROM ledger_lines AS lines
  LEFT JOIN pools USING (territory, pool)
 WHERE territory = $1 AND says IS NOT NULL AND observed_at >= $2 AND observed_at < $3
   AND type <> 'hold_told' AND (type <> 'hold_arrived' OR arrived > 0)
 GROUP BY coalesce(lines.site, pools.site), says
 ORDER BY site, says;

-- doubted_holds --
-- All that is told of the end of those holds of which a side said something, or that found a site full where the board
-- showed a free place, since a moment: a line for each pool, in the order of the numbers. side is that of a statement,
-- free what the board showed after the end. $1 territory, $2 since, $3 a moment before all of their ends.
WITH doubted AS (
    SELECT DISTINCT hold
      FROM ledger_lines
     WHERE territory = $1 AND says IS NOT NULL AND observed_at >= $2
       AND (type = 'hold_told' OR (says = 'full_on_arrival' AND (row ->> 'free')::integer > 0))
)
SELECT hold::text AS hold, lines.type, lines.pool, coalesce(lines.site, pools.site) AS site, says, lines.observed_at,
       ledger.body ->> 'side' AS side, (lines.row ->> 'free')::integer AS free
  FROM ledger_lines AS lines
  JOIN doubted USING (hold)
  LEFT JOIN pools USING (territory, pool)
  LEFT JOIN ledger
    ON lines.type = 'hold_told' AND ledger.territory = $1 AND ledger.seq = lines.seq
 WHERE lines.territory = $1 AND says IS NOT NULL AND lines.observed_at >= $3
 ORDER BY lines.seq, lines.pool;
