-- territories --
-- All territories, by name.
SELECT territory AS id, name
  FROM territories
 ORDER BY territory;

-- version --
-- The version of a territory's registry; no line when there is no such territory. $1 territory.
SELECT version
  FROM territories
 WHERE territory = $1;

-- standing --
-- The version of a territory's registry and whether everybody may read its public sites; no line when there is no such
-- territory. $1 territory.
SELECT version, is_public
  FROM territories
 WHERE territory = $1;

-- belongings --
-- Whose each pool is that ever was, and who may know that site. $1 territory.
SELECT pools.pool, pools.site, sites.visibility
  FROM pools
  JOIN sites USING (territory, site)
 WHERE pools.territory = $1;

-- opaque_key --
-- The key of opaque ids.
SELECT secret
  FROM secrets
 WHERE name = 'opaque ids';

-- sites --
-- The sites of a territory that are not closed, with their pools on the board, as the wire shows them. $1 territory,
-- $2 one site, or null for all.
SELECT jsonb_build_object(
           'id', sites.site, 'name', name, 'kind', kind, 'visibility', visibility, 'address', address,
           'position', CASE WHEN lat IS NULL THEN NULL ELSE jsonb_build_object('lat', lat, 'lon', lon) END,
           'phone', phone, 'opening_hours', opening_hours, 'organisation', organisation,
           'reminder_hours', reminder_hours,
           'pools', coalesce(
               jsonb_agg(
                   jsonb_build_object(
                       'id', pool, 'unit', unit, 'sleeps', sleeps, 'audience', audience, 'traits', traits,
                       'capacity', capacity, 'fresh_for', fresh_for)
                   ORDER BY ordinal)
               FILTER (WHERE pool IS NOT NULL), '[]'))::text AS site
  FROM sites
  LEFT JOIN pools
    ON pools.territory = sites.territory AND pools.site = sites.site AND removed_at IS NULL
 WHERE sites.territory = $1 AND ($2::text IS NULL OR sites.site = $2) AND closed_at IS NULL
 GROUP BY sites.territory, sites.site
 ORDER BY sites.site;

-- open_territory --
-- Open a territory unless it is open. $1 territory, $2 name.
INSERT INTO territories (territory, name, version)
VALUES ($1, $2, nextval('registry_versions'))
    ON CONFLICT (territory) DO NOTHING;

-- next_version --
-- Take the territory's next version and keep other edits of it waiting until this one is done. $1 territory.
UPDATE territories
   SET version = nextval('registry_versions')
 WHERE territory = $1
RETURNING version;

-- pools_elsewhere --
-- Those of some pools that are on the board of another site. $1 territory, $2 site, $3 pool ids.
SELECT pool
  FROM pools
 WHERE territory = $1 AND site <> $2 AND pool = ANY ($3::text[]) AND removed_at IS NULL
 ORDER BY pool;

-- keep_site --
-- Create or replace a site. $1 territory, $2 version, $3 the site as on the wire.
INSERT INTO sites (territory, site, version, name, kind, visibility, address, lat, lon, phone, opening_hours,
                   organisation, reminder_hours)
SELECT $1, site ->> 'id', $2, site ->> 'name', site ->> 'kind', site ->> 'visibility', site ->> 'address',
       (site -> 'position' ->> 'lat')::double precision, (site -> 'position' ->> 'lon')::double precision,
       site ->> 'phone', site ->> 'opening_hours', site ->> 'organisation',
       ARRAY (SELECT jsonb_array_elements_text(coalesce(site -> 'reminder_hours', '[]')))
  FROM (VALUES ($3::jsonb)) AS given (site)
    ON CONFLICT (territory, site) DO UPDATE
   SET version = excluded.version, name = excluded.name, kind = excluded.kind, visibility = excluded.visibility,
       address = excluded.address, lat = excluded.lat, lon = excluded.lon, phone = excluded.phone,
       opening_hours = excluded.opening_hours, organisation = excluded.organisation,
       reminder_hours = excluded.reminder_hours, closed_at = NULL;

-- keep_pools --
-- Create or replace the pools of a site. $1 territory, $2 version, $3 the site as on the wire.
INSERT INTO pools (territory, pool, site, version, ordinal, unit, sleeps, audience, traits, capacity, fresh_for)
SELECT $1, pool ->> 'id', site ->> 'id', $2, ordinal, pool ->> 'unit', (pool ->> 'sleeps')::integer,
       pool ->> 'audience', ARRAY (SELECT jsonb_array_elements_text(pool -> 'traits')),
       (pool ->> 'capacity')::integer, (pool ->> 'fresh_for')::integer
  FROM (VALUES ($3::jsonb)) AS given (site),
       jsonb_array_elements(site -> 'pools') WITH ORDINALITY AS listed (pool, ordinal)
    ON CONFLICT (territory, pool) DO UPDATE
   SET site = excluded.site, version = excluded.version, ordinal = excluded.ordinal, unit = excluded.unit,
       sleeps = excluded.sleeps, audience = excluded.audience, traits = excluded.traits,
       capacity = excluded.capacity, fresh_for = excluded.fresh_for, removed_at = NULL;

-- remove_pools --
-- Take the pools of a site that are not among those named off the board. $1 territory, $2 version, $3 site, $4 pool ids.
UPDATE pools
   SET removed_at = now(), version = $2
 WHERE territory = $1 AND site = $3 AND pool <> ALL ($4::text[]) AND removed_at IS NULL;

-- close_site --
-- Close a site for good; no line when there is none. $1 territory, $2 version, $3 site.
UPDATE sites
   SET closed_at = now(), version = $2
 WHERE territory = $1 AND site = $3 AND closed_at IS NULL
RETURNING site;

-- pools --
-- Every pool that ever was, for bringing the live store up to the registry. $1 territory, or null for all;
-- $2 sites, or null for all.
SELECT territory, pool AS pool_id, site AS site_id, version, capacity, fresh_for, removed_at IS NOT NULL AS removed
  FROM pools
 WHERE ($1::text IS NULL OR territory = $1) AND ($2::text[] IS NULL OR site = ANY ($2))
 ORDER BY territory, version, ordinal;

-- recorded --
-- The last number of a territory that the ledger has; no line when it has none. $1 territory.
SELECT seq
  FROM cursors
 WHERE territory = $1;
