-- territory --
-- What a territory is, and whether everybody may read its public sites; no line when there is none. $1 territory.
SELECT territory AS id, name, is_public
  FROM territories
 WHERE territory = $1;

-- open_to_all --
-- The territories whose public sites everybody may read, by name.
SELECT territory AS id, name, is_public
  FROM territories
 WHERE is_public
 ORDER BY name, territory;

-- set_publicity --
-- Whether everybody may read its public sites from now on; no line when that is so already. It is an edit of the
-- registry: whoever has an older answer must ask again. $1 territory, $2 whether.
UPDATE territories
   SET is_public = $2, version = nextval('registry_versions')
 WHERE territory = $1 AND is_public <> $2
RETURNING territory;
