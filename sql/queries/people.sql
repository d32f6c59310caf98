-- add_person --
-- $1 person, $2 e-mail in lower case, $3 moment, $4 whether password and second factor are waived.
INSERT INTO people (person, email, created_at, second_factor_waived)
VALUES ($1, $2, $3, $4)
    ON CONFLICT (email) DO NOTHING;

-- person_by_email --
-- $1 e-mail in lower case.
SELECT * FROM people WHERE email = $1 AND disabled_at IS NULL;

-- person_by_id --
-- $1 person.
SELECT * FROM people WHERE person = $1 AND disabled_at IS NULL;

-- person_by_identity --
-- $1 issuer, $2 subject.
SELECT people.*
  FROM people
  JOIN identities USING (person)
 WHERE issuer = $1 AND subject = $2 AND disabled_at IS NULL;

-- add_identity --
-- No line when the person has another one at this provider, or the identity is another person's.
-- $1 issuer, $2 subject, $3 person.
INSERT INTO identities (issuer, subject, person)
VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING
RETURNING person;

-- grants_of --
-- $1 holder.
SELECT territory, role, sites FROM grants WHERE holder = $1;

-- people_of --
-- Everybody who is something for a territory. $1 territory, $2 one person, or null for all.
SELECT people.person, email, role, sites, people.created_at, disabled_at IS NOT NULL AS disabled,
       password_hash IS NOT NULL AS has_password, totp_secret IS NOT NULL AS has_totp,
       (SELECT max(last_used_at) FROM credentials WHERE credentials.person = people.person) AS last_used_at
  FROM grants
  JOIN people ON people.person = grants.holder
 WHERE territory = $1 AND ($2::uuid IS NULL OR people.person = $2)
 ORDER BY email;

-- admins_of --
-- The people who are admins of a territory, kept from changing until the transaction ends. $1 territory.
SELECT holder
  FROM grants
  JOIN people ON people.person = grants.holder
 WHERE territory = $1 AND role = 'admin' AND disabled_at IS NULL
 ORDER BY holder
   FOR UPDATE OF grants;

-- end_grant --
-- $1 holder, $2 territory.
DELETE FROM grants WHERE holder = $1 AND territory = $2 RETURNING holder;

-- forget_sessions_of_nobody --
-- What let a person in who is nothing anywhere any more. $1 person.
DELETE FROM credentials WHERE person = $1 AND NOT EXISTS (SELECT FROM grants WHERE holder = $1);

-- forget_nobody --
-- A person who is nothing anywhere any more, with links and identities. $1 person.
DELETE FROM people WHERE person = $1 AND NOT EXISTS (SELECT FROM grants WHERE holder = $1);

-- end_links --
-- A new link ends those before it. $1 person.
DELETE FROM links WHERE person = $1 AND used_at IS NULL;

-- add_link --
-- $1 hash of its secret, $2 person, $3 purpose, $4 moment, $5 its end.
INSERT INTO links (secret_hash, person, purpose, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5);

-- person_by_link --
-- Whose a link is that has neither been used nor ended. $1 hash of its secret, $2 moment.
SELECT people.*
  FROM people
  JOIN links USING (person)
 WHERE secret_hash = $1 AND used_at IS NULL AND expires_at > $2 AND disabled_at IS NULL;

-- use_link --
-- Once; no line when it has been used or has ended. $1 hash of its secret, $2 moment.
UPDATE links SET used_at = $2 WHERE secret_hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING person;

-- set_password --
-- $1 person, $2 hash.
UPDATE people SET password_hash = $2 WHERE person = $1;

-- take_step --
-- The code of these 30 seconds is used up; no line when it or a later one was. $1 person, $2 step.
UPDATE people
   SET totp_step = $2
 WHERE person = $1 AND totp_secret IS NOT NULL AND (totp_step IS NULL OR totp_step < $2)
RETURNING person;

-- take_recovery --
-- A recovery code is used up; no line when it was. $1 person, $2 hash of the code.
UPDATE people SET recovery = array_remove(recovery, $2) WHERE person = $1 AND $2 = ANY (recovery) RETURNING person;

-- offer_totp --
-- A secret that waits for its first code; no line while another one is active. $1 person, $2 secret.
UPDATE people SET totp_pending = $2 WHERE person = $1 AND totp_secret IS NULL RETURNING person;

-- accept_totp --
-- The secret that waited is the second factor from now on. $1 person, $2 secret, $3 step of its first code,
-- $4 hashes of the recovery codes.
UPDATE people
   SET totp_secret = totp_pending, totp_pending = NULL, totp_step = $3, recovery = $4
 WHERE person = $1 AND totp_pending = $2 AND totp_secret IS NULL
RETURNING person;

-- end_totp --
-- $1 person.
UPDATE people SET totp_secret = NULL, totp_pending = NULL, totp_step = NULL, recovery = '{}' WHERE person = $1;

-- session --
-- What a credential is, and whose. $1 credential.
SELECT credential, kind, label, expires_at, credentials.created_at, begun_by, person, email
  FROM credentials
  LEFT JOIN people USING (person)
 WHERE credential = $1;

-- sessions_of --
-- A person's open sessions, newest first. $1 person, $2 moment.
SELECT credential, label, created_at, last_used_at, expires_at
  FROM credentials
 WHERE person = $1 AND kind = 'session' AND revoked_at IS NULL AND expires_at > $2
 ORDER BY created_at DESC, credential;

-- rotate --
-- A session goes on by another secret; no line when it has ended, or another request was first.
-- $1 credential, $2 hash of its secret so far, $3 hash of the new one, $4 its new end.
UPDATE credentials
   SET secret_hash = $3, expires_at = $4
 WHERE credential = $1 AND secret_hash = $2 AND kind = 'session' AND revoked_at IS NULL
RETURNING credential;

-- revoke_own --
-- One session of a person. $1 person, $2 credential, $3 moment.
UPDATE credentials
   SET revoked_at = $3
 WHERE person = $1 AND credential = $2 AND kind = 'session' AND revoked_at IS NULL
RETURNING credential;

-- revoke_others --
-- A new password ends what was begun before it. $1 person, $2 the session that goes on, or null, $3 moment.
UPDATE credentials
   SET revoked_at = $3
 WHERE person = $1 AND credential IS DISTINCT FROM $2 AND kind = 'session' AND revoked_at IS NULL;
