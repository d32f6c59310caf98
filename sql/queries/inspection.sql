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
-- For each territory that is registered or recorded: the cursor, the first and the last number kept, how many of the last
-- so many are kept, and after which of them there is a gap. $1 how many to look at.
SELECT territory, cursors.epoch, cursors.seq, kept.first, kept.last, looked_at.count, coalesce(gaps.after, '{}') AS gaps
  FROM (SELECT territory FROM territories UNION SELECT territory FROM cursors) AS known
  LEFT JOIN cursors USING (territory)
  LEFT JOIN LATERAL (
       SELECT (SELECT min(seq) FROM ledger WHERE ledger.territory = known.territory) AS first,
              (SELECT max(seq) FROM ledger WHERE ledger.territory = known.territory) AS last) AS kept ON true
  LEFT JOIN LATERAL (
       SELECT count(*) AS count
         FROM ledger
        WHERE ledger.territory = known.territory AND seq > kept.last - $1) AS looked_at ON true
  LEFT JOIN LATERAL (
       SELECT array_agg(after ORDER BY after) AS after
         FROM (SELECT seq AS after, lead(seq) OVER (ORDER BY seq) AS next
                 FROM (SELECT seq
                         FROM ledger
                        WHERE ledger.territory = known.territory AND seq > kept.last - $1
                        UNION
                       SELECT greatest(kept.first, kept.last - $1)) AS numbers (seq)) AS pairs
        WHERE next > after + 1) AS gaps ON looked_at.count <> least($1, kept.last - kept.first + 1)
 ORDER BY territory;
