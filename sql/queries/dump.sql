-- tables --
-- Our tables with their columns and sizes; those that others refer to by a foreign key are told with who does.
SELECT relname AS table, pg_table_size(pg_class.oid) AS bytes,
       (SELECT array_agg(attname ORDER BY attnum)
          FROM pg_attribute
         WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '')::text[] AS columns,
       (SELECT coalesce(array_agg(DISTINCT referred.relname), '{}')
          FROM pg_constraint
          JOIN pg_class AS referred ON referred.oid = confrelid
         WHERE contype = 'f' AND conrelid = pg_class.oid)::text[] AS refers_to
  FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'migration'
 ORDER BY relname;

-- sequences --
-- How far each of our sequences is; null where it was never used.
SELECT sequencename AS name, last_value
  FROM pg_sequences
 WHERE schemaname = 'public';

-- territories --
-- The territories, and how far the ledger is in each.
SELECT territories.territory, name, coalesce(seq, 0) AS seq
  FROM territories
  LEFT JOIN cursors USING (territory)
 ORDER BY territories.territory;

-- is_in_use --
-- Whether there is anything that a restore would take away.
SELECT EXISTS (SELECT FROM territories) OR EXISTS (SELECT FROM people) OR EXISTS (SELECT FROM credentials)
    OR EXISTS (SELECT FROM ledger) AS in_use;

-- has_tables --
-- Whether the database has our tables at all.
SELECT to_regclass('public.territories') IS NOT NULL AS has_tables;

-- try_recorder_lock --
-- Take the recorder's lock for this transaction, if nobody records. $1 its number.
SELECT pg_try_advisory_xact_lock($1) AS taken;

-- clear --
-- Take away all of our tables and sequences.
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('DROP TABLE public.%I CASCADE', one.relname);
    END LOOP;
    FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' LOOP
        EXECUTE format('DROP SEQUENCE public.%I CASCADE', one.relname);
    END LOOP;
END $$;

-- set_sequence --
-- Let a sequence go on after a number. $1 its name, $2 the number.
SELECT setval(format('public.%I', $1::text)::regclass, $2);

-- note_migration --
-- A migration has been applied. $1 its name.
INSERT INTO migration (name)
VALUES ($1);

-- applied --
-- The migrations that this database has had, by name.
SELECT name
  FROM migration
 ORDER BY name;

-- empty --
-- Take away what the migrations put into the tables by themselves.
DO $$
DECLARE
    names text;
BEGIN
    SELECT string_agg(format('public.%I', relname), ', ') INTO names
      FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'migration';
    EXECUTE 'TRUNCATE ' || names;
END $$;
