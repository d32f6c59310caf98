"""The explanation of a row over HTTP."""

from tests.web_fixtures import is_problem
from tests.world import report, site

POOL = "halte.women"


async def test_a_row_is_explained(client, world):
    await world.put(site("halte", POOL))
    await world.post(report("count", POOL, occupied=4))
    answer = await client.get(f"/v1/territories/{world.name}/pools/{POOL}/explanation")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    found = answer.json()
    assert found["row"] == (await world.rows())[POOL]
    assert set(found) == {
        "pool", "site", "row", "capacity", "extra", "out_of_service", "status", "occupied", "held", "contingents",
        "free", "over",
    }  # fmt: skip


async def test_what_is_not_there_is_a_problem(client, world):
    await world.put(site("halte", POOL))
    await world.put(site("halte"))
    pools = f"/v1/territories/{world.name}/pools"
    assert is_problem(await client.get(f"{pools}/{POOL}/explanation"), 410, "pool-gone")
    for pool in ("halte.men", "NO SLUG", "%00", "a" * 300):
        assert is_problem(await client.get(f"{pools}/{pool}/explanation"), 404, "unknown-pool"), pool
    nowhere = await client.get(f"/v1/territories/nowhere/pools/{POOL}/explanation")
    assert is_problem(nowhere, 404, "unknown-territory")
