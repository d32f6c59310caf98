-- version --
-- Grows with every change of who is let in.
SELECT version FROM access_version;

-- grow_version --
-- In the transaction of each such change: whoever sees the new number sees the change.
UPDATE access_version SET version = version + 1;

-- live_credentials --
-- Every credential that lets somebody in at a moment, a line for each of its grants. $1 moment.
-- must_prove: the person behind it answers for a password and a second factor here, not at an OpenID provider.
SELECT credential, kind, secret_hash, coalesce(people.person, credential) AS holder, expires_at,
       grants.territory, grants.role, grants.sites,
       kind = 'session' AND begun_by IS DISTINCT FROM 'oidc' AND NOT coalesce(second_factor_waived, false) AS must_prove,
       password_hash IS NOT NULL AS has_password, totp_secret IS NOT NULL AS has_totp
  FROM credentials
  LEFT JOIN people USING (person)
  JOIN grants ON grants.holder = coalesce(people.person, credential)
 WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1) AND people.disabled_at IS NULL;

-- add_credential --
-- $1 credential, $2 kind, $3 hash of its secret, $4 person or null, $5 label, $6 made at, $7 ends at or null,
-- $8 how the person of a session came, or null, $9 who let it in or null.
INSERT INTO credentials (credential, kind, secret_hash, person, label, created_at, expires_at, begun_by, admitted_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- hand_out --
-- A credential gets the secret that lets it in, once. $1 credential, $2 what stood for the hash, $3 the hash.
UPDATE credentials
   SET secret_hash = $3
 WHERE credential = $1 AND secret_hash = $2 AND revoked_at IS NULL
RETURNING credential;

-- withdraw --
-- A credential that was never handed out is gone as if it had not been. $1 credential, $2 what stands for the hash.
WITH gone AS (DELETE FROM credentials WHERE credential = $1 AND secret_hash = $2 RETURNING credential)
DELETE FROM grants USING gone WHERE holder = gone.credential;

-- put_grant --
-- What a holder is for a territory from now on. $1 holder, $2 territory, $3 role, $4 sites.
INSERT INTO grants (holder, territory, role, sites)
VALUES ($1, $2, $3, $4)
    ON CONFLICT (holder, territory) DO UPDATE SET role = excluded.role, sites = excluded.sites;

-- revoke --
-- End a credential for good; no line when it had ended or never was. $1 credential, $2 moment.
UPDATE credentials
   SET revoked_at = $2
 WHERE credential = $1 AND revoked_at IS NULL
RETURNING credential;

-- touch --
-- When credentials were last used. $1 credentials, $2 moments.
UPDATE credentials
   SET last_used_at = greatest(last_used_at, used.at)
  FROM unnest($1::uuid[], $2::timestamptz[]) AS used (id, at)
 WHERE credential = used.id;
