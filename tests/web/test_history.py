"""The ledger over HTTP."""

from itertools import pairwise

import pytest

from tests.web_fixtures import is_problem
from tests.world import HOUR_MS, MINUTE_MS, NOW_MS, report, site


@pytest.fixture
async def told(world):
    """A pool of 10 places with 4, 10 and 6 people, an hour apart, in the ledger; the territory's address."""
    world.clock.now_ms = NOW_MS - 3 * HOUR_MS
    await world.put(site("halte", "halte.women"))
    for occupied in (4, 10, 6):
        world.clock.forward(HOUR_MS - MINUTE_MS)
        await world.post(report("count", "halte.women", occupied=occupied))
        world.clock.forward(MINUTE_MS)
    await world.recording.catch_up(world.name)
    return f"/v1/territories/{world.name}"


async def test_without_a_step_there_is_a_point_a_change(client, told):
    points = (await client.get(f"{told}/pools/halte.women/history")).json()["points"]
    assert [point["occupied"] for point in points][-3:] == [4, 10, 6]
    assert set(points[0]) == {"at", "capacity", "occupied", "held", "free"}
    assert all(one["at"] < two["at"] for one, two in pairwise(points))


async def test_a_step_shows_its_fullest_moment(client, told):
    span = {"from": "2026-11-22T20:00:00Z", "to": "2026-11-22T22:41:07.120Z", "step": 7200}
    points = (await client.get(f"{told}/pools/halte.women/history", params=span)).json()["points"]
    assert points[0]["at"] == "2026-11-22T20:00:00.000Z"
    assert points[0]["free"] == 0


async def test_a_query_of_the_wrong_shape_is_told_where(client, told):
    history = f"{told}/pools/halte.women/history"
    wrong = [
        f"{history}?from=yesterday",
        f"{history}?from=1700000000",
        f"{history}?from=2026-11-22T22:41:07",
        f"{history}?to=0001-01-01T00:00:00%2B23:59",
        f"{history}?from=9999-12-31T23:59:59Z",
        f"{history}?from=2026-11-22T22:41:07Z&to=2026-11-22T22:41:07Z",
        f"{history}?step=0",
        f"{history}?step=1e3",
        f"{history}?step=60&step=60",
        f"{history}?step=%ff",
        f"{told}/ledger?after=-1",
        f"{told}/ledger?after=99999999999999999999",
        f"{told}/ledger?limit=0",
        f"{told}/ledger?limit=1001",
        f"{told}/ledger?limit=%00",
    ]
    for address in wrong:
        answer = await client.get(address)
        assert is_problem(answer, 422, "invalid-query"), address
        assert answer.json()["errors"][0]["loc"], address


async def test_more_points_than_one_answer_carries_are_refused(client, told):
    span = {"from": "2026-01-01T00:00:00Z", "to": "2026-11-22T00:00:00Z", "step": 1}
    answer = await client.get(f"{told}/pools/halte.women/history", params=span)
    assert is_problem(answer, 422, "invalid-query")


async def test_an_unknown_pool_or_territory_is_404(client, told):
    for pool_id in ("nowhere", "NO SLUG", "%00", "a" * 300):
        assert is_problem(await client.get(f"{told}/pools/{pool_id}/history"), 404, "unknown-pool"), pool_id
    assert is_problem(await client.get("/v1/territories/nowhere/ledger"), 404, "unknown-territory")
    assert is_problem(await client.get("/v1/territories/nowhere/pools/p/history"), 404, "unknown-territory")


async def test_the_ledger_has_each_number_once_and_in_order(client, told):
    commands = (await client.get(f"{told}/ledger")).json()["commands"]
    assert [command["seq"] for command in commands] == [1, 2, 3, 4]
    assert [command["type"] for command in commands] == ["pool_opened", "count", "count", "count"]
    page = (await client.get(f"{told}/ledger", params={"after": 1, "limit": 2})).json()["commands"]
    assert page == commands[1:3]
    assert (await client.get(f"{told}/ledger?after=4")).json() == {"commands": []}
