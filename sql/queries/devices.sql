-- devices --
-- The devices and systems of a territory, or one of them, and those that ended a while ago; the newest first, what has
-- ended behind. $1 territory, $2 one of them, or null for all, $3 the moment from which the ended ones are told,
-- $4 how many at most.
SELECT credential AS id, kind, label, role, sites, created_at, last_used_at, expires_at, revoked_at
  FROM grants
  JOIN credentials ON credential = holder
 WHERE territory = $1 AND kind IN ('device', 'token') AND ($2::uuid IS NULL OR credential = $2)
   AND coalesce(least(revoked_at, expires_at) > $3, true)
 ORDER BY revoked_at IS NOT NULL, created_at DESC, credential
 LIMIT $4;
