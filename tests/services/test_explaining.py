"""Why this number? The explanation alone must lead to the row, whatever happened to the pool."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings

from capacity.errors import PoolGone, StoreUnavailable, UnknownPool, UnknownTerritory
from capacity.wire.explanation import Explanation
from tests.lives import POOLS, Life, lives
from tests.world import DAY_MS, HOUR_MS, NOW_MS, World, report, site, world_of

POOL, OTHER = POOLS
_numbers = itertools.count(1)


@pytest.fixture
async def world(redis_url, database, territory):
    async with world_of(redis_url, database, territory) as world:
        yield world


@pytest.fixture
async def life(world):
    life = Life(world)
    await life.begin()
    world.clock.now_ms = NOW_MS
    return life


async def explained(world, pool=POOL):
    """The explanation, which must have the documented shape and add up to the row on the board."""
    found = await world.explaining.explanation(world.name, pool)
    Explanation.model_validate(found)
    assert found["row"] == (await world.rows())[pool]
    assert added_up(found) == {name: value for name, value in found["row"].items() if name in added_up(found)}
    return found


def added_up(found):
    """The row once more, from the explanation alone."""
    inside = found["occupied"]
    total = (inside["count"] or {"occupied": 0})["occupied"] + inside["earlier_movements"]
    total += sum(movement["delta"] for movement in inside["movements"])
    occupied = total + inside["cut"]
    held = sum(hold["places"] for hold in found["held"]["holds"])
    assert (inside["places"], found["held"]["places"]) == (occupied, held)
    assert inside["cut"] == max(0, -total)
    names = ("capacity", "extra", "out_of_service")
    places = {name: found[name]["places"] for name in names}
    left = places["capacity"] + places["extra"] - places["out_of_service"] - occupied - held
    is_open = found["status"]["status"] == "open"
    contingents = [
        {name: value for name, value in one.items() if name != "held" or value} for one in found["contingents"]
    ]
    free, over = max(0, left) if is_open else 0, max(0, -left)
    assert (found["free"], found["over"]) == (free, over)
    return {
        **places,
        "pool": found["pool"], "site": found["site"], "status": found["status"]["status"], "occupied": occupied,
        "held": held, "free": free, "over": over, "contingents": contingents,
    }  # fmt: skip


async def test_a_pool_of_which_nothing_was_said_has_its_registered_capacity(life, world):
    found = await explained(world)
    assert found["capacity"] == {"places": 10, "since": None}
    assert found["occupied"] == {"places": 0, "count": None, "movements": [], "earlier_movements": 0, "cut": 0}
    assert found["status"] == {"status": "open", "reason": None, "until": None, "since": None}


async def test_each_part_says_since_when_and_why(life, world):
    status = report("status", POOL, NOW_MS - 2, status="suspended", reason="heating", until="2026-11-23T07:00:00Z")
    await world.post(
        report("inventory", POOL, NOW_MS - 1, out_of_service=2, reason="pests"),
        report("inventory", POOL, NOW_MS - 3, extra=4),
        status,
    )
    found = await explained(world)
    assert found["out_of_service"] == {"places": 2, "since": "2026-11-22T22:41:07.119Z", "reason": "pests"}
    assert found["extra"] == {"places": 4, "since": "2026-11-22T22:41:07.117Z"}
    assert found["status"] == {
        "status": "suspended", "reason": "heating", "until": "2026-11-23T07:00:00.000Z",
        "since": "2026-11-22T22:41:07.118Z",
    }  # fmt: skip


async def test_who_arrived_with_a_hold_is_told_apart_from_who_was_reported(life, world):
    await world.post(report("count", POOL, NOW_MS - 5, occupied=3), report("movement", POOL, NOW_MS - 2, delta=-1))
    await life.hold({POOL: 2}, 30, "115")
    await life.arrive(0, fewer=False)
    assert (await explained(world))["occupied"] == {
        "places": 4,
        "count": {"occupied": 3, "observed_at": "2026-11-22T22:41:07.115Z", "by": "admin"},
        "movements": [
            {"delta": -1, "observed_at": "2026-11-22T22:41:07.118Z", "by": "movement", "role": "admin"},
            {"delta": 2, "observed_at": "2026-11-22T22:41:07.120Z", "by": "arrival", "role": None},
        ],
        "earlier_movements": 0,
        "cut": 0,
    }


async def test_each_hold_is_named_with_its_end_the_soonest_first(life, world):
    await life.hold({POOL: 2, OTHER: 1}, 60, "115")
    await life.hold({POOL: 1}, 30, "site")
    late, soon = (hold_id for hold_id, _ in life.holds)
    assert (await explained(world))["held"] == {
        "places": 3,
        "holds": [
            {"hold": soon, "channel": "site", "places": 1, "expires_at": "2026-11-22T23:11:07.120Z"},
            {"hold": late, "channel": "115", "places": 2, "expires_at": "2026-11-22T23:41:07.120Z"},
        ],
    }
    assert (await explained(world, OTHER))["held"]["places"] == 1


async def test_what_is_kept_for_a_channel_says_how_much_of_it_is_held(life, world):
    await life.keep(POOL, "115", 3, 60)
    await life.hold({POOL: 2}, 30, "115")
    (kept,) = (await explained(world))["contingents"]
    assert kept == {"channel": "115", "places": 3, "held": 2, "until": "2026-11-22T23:41:07.120Z"}


async def test_more_who_left_than_came_are_cut_at_zero(life, world):
    await world.post(report("movement", POOL, NOW_MS - 1, delta=-4), report("movement", POOL, NOW_MS, delta=1))
    found = await explained(world)
    assert (found["occupied"]["places"], found["occupied"]["cut"]) == (0, 3)


async def test_movements_of_another_day_are_told_as_a_sum(life, world):
    await world.post(report("movement", POOL, delta=3), report("movement", POOL, delta=2))
    world.clock.forward(DAY_MS + HOUR_MS)
    await world.post(report("movement", POOL, delta=1))
    found = await explained(world)
    assert found["occupied"]["earlier_movements"] == 5
    assert [movement["delta"] for movement in found["occupied"]["movements"]] == [1]


async def test_a_pool_that_is_not_there_is_named(life, world):
    with pytest.raises(UnknownPool):
        await world.explaining.explanation(world.name, "halte.men")
    with pytest.raises(UnknownTerritory):
        await world.explaining.explanation("nowhere", POOL)
    await life.remove(POOL)
    with pytest.raises(PoolGone):
        await world.explaining.explanation(world.name, POOL)


async def test_a_board_that_is_being_made_whole_says_so(life, world):
    await world.redis.hset(world.keys.meta, "is_partial", "1")
    with pytest.raises(StoreUnavailable):
        await world.explaining.explanation(world.name, "halte.men")


async def test_a_pool_that_moved_to_another_site_is_explained_there(life, world):
    await life.hold({POOL: 2}, 30, "115")
    await world.put(site("halte", OTHER))
    await world.put(site("elsewhere", POOL))
    found = await explained(world)
    assert (found["site"], found["held"]["holds"]) == ("elsewhere", [])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=lives)
async def test_whatever_happened_the_explanation_leads_to_the_row(world, steps):
    fresh = World(world.live, world.redis, f"explained-{next(_numbers)}", world.clock, database=world.database)
    life = Life(fresh)
    await life.begin()
    for step in steps:
        await life.go_on(step)
    for _ in ("while places are held", "at the end of all holds"):
        for pool, row in (await fresh.rows()).items():
            if "gone" not in row:
                await explained(fresh, pool)
        await life.end()
