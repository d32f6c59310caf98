"""`schema.sql` is today's truth, and the migrations lead to exactly it."""

import asyncpg
import pytest

from capacity.processes.migrating import TABLE
from capacity.store.queries import load, sql_folder

WHAT_IS_THERE = """
SELECT 'column', format('%s.%s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod)),
       concat_ws(' ', CASE WHEN attnotnull THEN 'not null' END, pg_get_expr(adbin, adrelid))
  FROM pg_attribute
  JOIN pg_class ON pg_class.oid = attrelid
  LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
UNION ALL
SELECT 'constraint', format('%s.%s', conrelid::regclass, conname), pg_get_constraintdef(oid)
  FROM pg_constraint
 WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index', indexname, indexdef
  FROM pg_indexes
 WHERE schemaname = 'public'
UNION ALL
SELECT 'kind ' || relkind::text, relname, ''
  FROM pg_class
 WHERE relnamespace = 'public'::regnamespace
ORDER BY 1, 2, 3
"""


async def told_by(connection):
    return [tuple(line) for line in await connection.fetch(WHAT_IS_THERE)]


async def test_the_migrations_lead_to_the_schema(database):
    connection = await asyncpg.connect(database)
    migrated = await told_by(connection)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.execute((sql_folder() / "schema.sql").read_text())
    await connection.execute(TABLE)
    written = await told_by(connection)
    await connection.close()
    assert written == migrated
    assert len(written) > 40


@pytest.mark.parametrize(
    "name",
    [
        "access",
        "audit",
        "hold_ledger",
        "inspection",
        "ledger",
        "lock",
        "people",
        "publicity",
        "rebuild",
        "registry",
        "requests",
    ],
)
async def test_every_named_query_is_one_that_postgres_understands(database, name):
    connection = await asyncpg.connect(database)
    queries = load(name)
    for query in queries.values():
        await connection.prepare(query)
    await connection.close()
    assert queries
