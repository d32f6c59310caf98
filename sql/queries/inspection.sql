-- settings --
-- The server's version and what keeps its commits.
SELECT current_setting('server_version_num')::integer AS version_num, current_setting('fsync') AS fsync,
       current_setting('full_page_writes') AS full_page_writes,
       current_setting('synchronous_commit') AS synchronous_commit;

-- applied --
-- The migrations that this database has had, by name.
SELECT name
  FROM migration
 ORDER BY name;

-- recorders --
-- Who holds the recorder's lock. $1 its number.
SELECT locks.pid, activity.client_addr::text AS address, activity.backend_start AS since
  FROM pg_locks AS locks
  LEFT JOIN pg_stat_activity AS activity USING (pid)
 WHERE locktype = 'advisory' AND granted AND objsubid = 1
   AND ((locks.classid::bigint << 32) | locks.objid::bigint) = $1;

-- ledgers --
-- For each territory that is registered or recorded: the cursor, the numbers kept, and the first of each gap.
SELECT territory, cursors.epoch, cursors.seq, kept.first, kept.last, kept.count, coalesce(gaps.after, '{}') AS gaps
  FROM (SELECT territory FROM territories UNION SELECT territory FROM cursors) AS known
  LEFT JOIN cursors USING (territory)
  LEFT JOIN LATERAL (
       SELECT min(seq) AS first, max(seq) AS last, count(*) AS count
         FROM ledger
        WHERE ledger.territory = known.territory) AS kept ON true
  LEFT JOIN LATERAL (
       SELECT array_agg(after ORDER BY after) AS after
         FROM (SELECT seq AS after, lead(seq) OVER (ORDER BY seq) AS next
                 FROM ledger
                WHERE ledger.territory = known.territory) AS numbers
        WHERE next > after + 1) AS gaps ON kept.count <> kept.last - kept.first + 1
 ORDER BY territory;
