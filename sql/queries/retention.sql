-- forget_audit --
-- Take away a batch of the lines of the audit from before a moment; answers how many. $1 moment, $2 how many at most.
WITH over AS (
       SELECT id
         FROM audit
        WHERE at < $1
        ORDER BY at
        LIMIT $2),
     gone AS (
       DELETE FROM audit
        USING over
        WHERE audit.id = over.id
    RETURNING 1)
SELECT count(*)
  FROM gone;

-- forget_credentials --
-- Take away a batch of the credentials that ended before a moment, with what they were for; answers how many.
-- $1 moment, $2 how many at most.
WITH over AS (
       SELECT credential
         FROM credentials
        WHERE least(revoked_at, expires_at) < $1
        LIMIT $2),
     ended AS (
       DELETE FROM grants
        USING over
        WHERE holder = credential),
     gone AS (
       DELETE FROM credentials
        USING over
        WHERE credentials.credential = over.credential
    RETURNING 1)
SELECT count(*)
  FROM gone;

-- forget_links --
-- Take away a batch of the links that were used or ended before a moment; answers how many. $1 moment, $2 how many at
-- most.
WITH over AS (
       SELECT secret_hash
         FROM links
        WHERE least(used_at, expires_at) < $1
        LIMIT $2),
     gone AS (
       DELETE FROM links
        USING over
        WHERE links.secret_hash = over.secret_hash
    RETURNING 1)
SELECT count(*)
  FROM gone;

-- forget_accounts --
-- Take away a batch of the people who are nothing anywhere, whose last credential is gone as well, and who were added
-- before a moment; answers how many. $1 moment, $2 how many at most.
WITH over AS (
       SELECT person
         FROM people
        WHERE created_at < $1
          AND NOT EXISTS (SELECT FROM grants WHERE holder = people.person)
          AND NOT EXISTS (SELECT FROM credentials WHERE credentials.person = people.person)
        LIMIT $2),
     gone AS (
       DELETE FROM people
        USING over
        WHERE people.person = over.person
    RETURNING 1)
SELECT count(*)
  FROM gone;

-- forget_holds --
-- Take away a batch of the facts of holds that ended before a moment; answers how many. $1 moment, $2 how many at most.
WITH over AS (
       SELECT territory, key
         FROM live_facts
        WHERE key LIKE 'hold:%' AND (facts ->> 'ended_at')::timestamptz < $1
        LIMIT $2),
     gone AS (
       DELETE FROM live_facts
        USING over
        WHERE live_facts.territory = over.territory AND live_facts.key = over.key
    RETURNING 1)
SELECT count(*)
  FROM gone;

-- left_audit --
-- How many lines of the audit are from before a moment. $1 moment.
SELECT count(*)
  FROM audit
 WHERE at < $1;

-- left_credentials --
-- How many credentials ended before a moment. $1 moment.
SELECT count(*)
  FROM credentials
 WHERE least(revoked_at, expires_at) < $1;

-- left_links --
-- How many links were used or ended before a moment. $1 moment.
SELECT count(*)
  FROM links
 WHERE least(used_at, expires_at) < $1;

-- left_accounts --
-- How many people are nothing anywhere, have no credential, and were added before a moment. $1 moment.
SELECT count(*)
  FROM people
 WHERE created_at < $1
   AND NOT EXISTS (SELECT FROM grants WHERE holder = people.person)
   AND NOT EXISTS (SELECT FROM credentials WHERE credentials.person = people.person);

-- left_holds --
-- How many holds ended before a moment and are still known by their facts. $1 moment.
SELECT count(*)
  FROM live_facts
 WHERE key LIKE 'hold:%' AND (facts ->> 'ended_at')::timestamptz < $1;
