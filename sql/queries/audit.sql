-- note --
-- Keep one line for each thing that an act was done to. $1 territory, $2 moment, $3 role, $4 credential or null,
-- $5 action, $6 subjects, $7 kind where there is no credential.
INSERT INTO audit (territory, at, role, kind, credential, label, action, subject)
SELECT $1, $2, $3, coalesce(credentials.kind, $7), $4,
       CASE WHEN person IS NULL THEN coalesce(label, '') ELSE '' END, $5, subject
  FROM unnest($6::text[]) AS subject
  LEFT JOIN credentials ON credential = $4::uuid;

-- page --
-- The latest lines of a territory, latest first. $1 territory, $2 only those before this id, or null; $3 how many.
SELECT id, at, role, kind, label, action, subject
  FROM audit
 WHERE territory = $1 AND ($2::bigint IS NULL OR id < $2)
 ORDER BY id DESC
 LIMIT $3;
