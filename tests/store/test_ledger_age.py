"""What a pool's past is told from is found without reading through the years before it."""

import json
from datetime import UTC, datetime

import asyncpg

from capacity.store.queries import load

YEARS_OF_TAPS = """
INSERT INTO ledger (territory, seq, type, pool, outcome, observed_at, received_at, body)
SELECT 'here', number, type, 'halte.women', 'applied', moment, moment,
       jsonb_build_object('id', number::text, 'seq', number, 'type', type, 'pool', 'halte.women') || said
  FROM (SELECT number, timestamptz '2016-11-01' + interval '1 hour' * number AS moment,
               CASE WHEN number = 1 THEN 'pool_opened'
                    WHEN number % 10 = 0 THEN 'inventory'
                    WHEN number % 7 = 0 THEN 'count'
                    ELSE 'movement'
               END AS type,
               CASE WHEN number % 10 = 0 THEN '{"out_of_service": 1}'::jsonb
                    WHEN number % 7 = 0 THEN '{"occupied": 20}'
                    ELSE '{"delta": 1}'
               END AS said
          FROM generate_series(1, 20000) AS number) AS told
"""
MOMENT = datetime(2018, 11, 1, tzinfo=UTC)
MOST_ROWS = 60


def rows_of(plan) -> int:
    """The rows that all scans of a plan looked at, those that they threw away too."""
    own = 0
    if "Relation Name" in plan:
        own = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return own + sum(rows_of(part) for part in plan.get("Plans", ()))


async def test_the_standing_of_a_pool_after_years_reads_no_more_than_speaks_at_its_moment(database):
    """Of 2,000 inventories none says `capacity` or `extra`: that none does is known from an index."""
    connection = await asyncpg.connect(database)
    await connection.execute(YEARS_OF_TAPS)
    await connection.execute("ANALYZE")
    query = load("ledger")["pool_standing"]
    told = await connection.fetchval(
        f"EXPLAIN (ANALYZE, FORMAT JSON) {query.rstrip().rstrip(';')}", "here", "halte.women", MOMENT
    )
    lines = await connection.fetch(query, "here", "halte.women", MOMENT)
    await connection.close()
    kinds = {json.loads(line["body"])["type"] for line in lines}
    assert {"pool_opened", "count", "inventory", "movement"} <= kinds
    assert rows_of(json.loads(told)[0]["Plan"]) <= MOST_ROWS
