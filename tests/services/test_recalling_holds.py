"""A pool's past with its holds: held from promise to end, who arrived inside from then on, on the real stores."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capacity.wire.holds import ReleaseBody
from tests.lives import POOLS, Life, lived, lives
from tests.world import HOUR_MS, MINUTE_MS, NOW_MS, World, new_id, report, site, world_of

POOL, OTHER = POOLS
_numbers = itertools.count(1)


@pytest.fixture
async def world(redis_url, database, territory):
    async with world_of(redis_url, database, territory) as world:
        yield world


@pytest.fixture
async def life(world):
    """Two pools of ten places, in one of which four people are, since an hour ago."""
    life = Life(world)
    await life.begin()
    world.clock.now_ms = ago(60)
    await world.post(report("count", POOL, occupied=4))
    return life


def ago(minutes):
    return NOW_MS - minutes * MINUTE_MS


async def recalled(world, from_ms, to_ms=NOW_MS, step_ms=None, pool=POOL):
    """The points as moment, occupied, held and free."""
    await world.recording.catch_up(world.name)
    points = await world.recalling.history(world.name, pool, from_ms, to_ms, step_ms)
    return [(point.at_ms, point.occupied, point.held, point.free) for point in points]


async def held(life, minutes_ago, places=2, minutes=30):
    life.world.clock.now_ms = ago(minutes_ago)
    await life.hold({POOL: places}, minutes, "115")


async def test_places_are_held_until_who_was_awaited_is_inside(life, world):
    await held(life, 50)
    world.clock.now_ms = ago(40)
    await life.arrive(0, fewer=False)
    whole = [(ago(60), 4, 0, 6), (ago(50), 4, 2, 4), (ago(40), 6, 0, 4)]
    assert await recalled(world, ago(60)) == whole
    assert await recalled(world, ago(45)) == whole[2:]
    assert await recalled(world, ago(30), step_ms=30 * MINUTE_MS) == [(ago(30), 6, 0, 4)]


async def test_of_fewer_who_came_the_rest_is_free_again(life, world):
    await held(life, 50, places=3)
    world.clock.now_ms = ago(40)
    await life.arrive(0, fewer=True)
    assert await recalled(world, ago(45)) == [(ago(40), 5, 0, 5)]


async def test_a_hold_that_was_given_back_leaves_nobody_inside(life, world):
    await held(life, 50)
    world.clock.now_ms = ago(40)
    await life.release(0, "no_show")
    assert await recalled(world, ago(55)) == [(ago(50), 4, 2, 4), (ago(40), 4, 0, 6)]


async def test_a_hold_ends_at_its_own_time_however_late_that_was_carried_out(life, world):
    await held(life, 50, minutes=30)
    await life.end()
    (_, *_, last) = await world.commands()
    assert (last["type"], last["received_at"] > last["observed_at"]) == ("hold_expired", True)
    assert await recalled(world, ago(55)) == [(ago(50), 4, 2, 4), (ago(20), 4, 0, 6)]
    assert await recalled(world, ago(19), step_ms=MINUTE_MS * 20) == [(ago(19), 4, 0, 6)]


async def test_a_range_that_begins_while_places_are_held_knows_it_and_a_step_its_worst_moment(life, world):
    await held(life, 50, places=6, minutes=60)
    await held(life, 45)
    world.clock.now_ms = ago(40)
    await life.release(0, "cancelled")
    assert await recalled(world, ago(48), ago(42), MINUTE_MS * 6) == [(ago(48), 4, 6, 0)]
    steps = await recalled(world, ago(60), ago(20), MINUTE_MS * 20)
    assert steps == [(ago(60), 4, 6, 0), (ago(40), 4, 0, 6)]


async def test_who_arrives_when_a_count_of_that_moment_is_known_is_not_in_it(life, world):
    await held(life, 50)
    world.clock.now_ms = ago(40)
    await world.post(report("count", POOL, occupied=5))
    await life.arrive(0, fewer=False)
    assert await recalled(world, ago(45)) == [(ago(40), 7, 0, 3)]
    assert await recalled(world, ago(30), step_ms=HOUR_MS) == [(ago(30), 7, 0, 3)]
    assert (await world.rows())[POOL]["occupied"] == 7


async def test_a_count_of_the_moment_of_an_arrival_that_comes_after_it_holds_who_arrived(life, world):
    await held(life, 50)
    world.clock.now_ms = ago(40)
    await life.arrive(0, fewer=False)
    await world.post(report("count", POOL, occupied=5))
    assert await recalled(world, ago(45)) == [(ago(40), 5, 0, 5)]
    assert await recalled(world, ago(30), step_ms=HOUR_MS) == [(ago(30), 5, 0, 5)]
    assert (await world.rows())[POOL]["occupied"] == 5


async def test_each_pool_of_a_hold_has_its_own_line(life, world, database):
    world.clock.now_ms = ago(50)
    await world.post(report("count", OTHER, occupied=0))
    await life.hold({POOL: 1, OTHER: 3}, 30, "115")
    world.clock.now_ms = ago(40)
    await life.release(0, "refused")
    assert await recalled(world, ago(55)) == [(ago(50), 4, 1, 5), (ago(40), 4, 0, 6)]
    assert await recalled(world, ago(55), pool=OTHER) == [(ago(50), 0, 3, 7), (ago(40), 0, 0, 10)]
    async with world.database.connection() as connection:
        lines = await connection.fetch(
            "SELECT pool, site, type, says, held_change, (row ->> 'held')::integer AS held, hold::text"
            "  FROM ledger_lines WHERE territory = $1 ORDER BY seq, pool",
            world.name,
        )
    hold_id = life.holds[0][0]
    assert [tuple(line) for line in lines] == [
        (OTHER, "halte", "hold_created", None, 3, 3, hold_id),
        (POOL, "halte", "hold_created", None, 1, 1, hold_id),
        (OTHER, "halte", "hold_released", "refused", -3, 0, hold_id),
        (POOL, "halte", "hold_released", "refused", -1, 0, hold_id),
    ]


async def test_what_is_kept_for_a_channel_and_what_is_said_of_a_hold_are_no_past_of_the_pool(life, world):
    await held(life, 50)
    world.clock.now_ms = ago(40)
    await life.release(0, "no_show")
    before = await recalled(world, ago(60))
    world.clock.now_ms = ago(30)
    await life.tell(0, "team", "arrived")
    await life.keep(POOL, "site", 2, 5)
    await life.end()
    kinds = [command["type"] for command in await world.commands()]
    assert kinds[-3:] == ["hold_told", "contingents_set", "contingents_ended"]
    assert await recalled(world, ago(60)) == before
    assert await recalled(world, ago(20), step_ms=HOUR_MS) == [(ago(20), 4, 0, 6)]


async def test_a_pool_that_left_the_board_takes_its_holds_along(life, world):
    await held(life, 50, minutes=240)
    world.clock.now_ms = ago(40)
    await life.remove(POOL)
    world.clock.now_ms = ago(30)
    await world.put(site("halte", *POOLS))
    world.clock.now_ms = ago(20)
    await world.post(report("count", POOL, occupied=1))
    assert await recalled(world, ago(55)) == [(ago(50), 4, 2, 4), (ago(40), 0, 0, 0), (ago(20), 1, 0, 9)]
    assert await recalled(world, ago(35), ago(31), MINUTE_MS * 4) == [(ago(35), 0, 0, 0)]
    assert await recalled(world, ago(10), step_ms=HOUR_MS) == [(ago(10), 1, 0, 9)]


async def test_a_promise_alone_makes_no_pool_known(life, world):
    world.clock.now_ms = ago(50)
    await life.hold({OTHER: 2}, 30, "115")
    world.clock.now_ms = ago(40)
    await life.arrive(0, fewer=False)
    assert await recalled(world, ago(60), pool=OTHER) == []
    assert (await world.rows())[OTHER]["observed_at"] is None
    world.clock.now_ms = ago(30)
    await world.post(report("movement", OTHER, delta=1))
    assert await recalled(world, ago(60), pool=OTHER) == [(ago(30), 3, 0, 7)]
    assert await recalled(world, ago(10), step_ms=HOUR_MS, pool=OTHER) == [(ago(10), 3, 0, 7)]


async def test_what_was_ended_twice_at_once_is_in_the_past_once(life, world):
    await held(life, 50)
    world.clock.now_ms = ago(40)
    hold_id = life.holds[0][0]
    for reason in ("cancelled", "no_show"):
        asked = ReleaseBody.model_validate({"id": new_id(), "reason": reason})
        await world.holding.release(world.name, hold_id, asked)
    assert await recalled(world, ago(45)) == [(ago(40), 4, 0, 6)]


minutes = st.integers(0, 43).map(lambda number: 7 * number)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=lives, starts=st.lists(minutes, min_size=1, max_size=3))
async def test_the_past_with_holds_is_the_same_wherever_one_begins_and_ends_as_the_board(world, steps, starts):
    fresh = World(world.live, world.redis, f"held-past-{next(_numbers)}", world.clock, database=world.database)
    await lived(fresh, steps)
    rows = await fresh.rows()
    for pool in POOLS:
        whole = await recalled(fresh, ago(700), pool=pool)
        in_steps = await recalled(fresh, ago(700), step_ms=7 * MINUTE_MS, pool=pool)
        for start in starts:
            assert await recalled(fresh, ago(start), pool=pool) == [one for one in whole if one[0] >= ago(start)]
            later = [one for one in in_steps if one[0] >= ago(start)]
            assert await recalled(fresh, ago(start), step_ms=7 * MINUTE_MS, pool=pool) == later
        now = await recalled(fresh, NOW_MS, NOW_MS + 1, MINUTE_MS, pool)
        row = rows[pool]
        if "gone" not in row and row["observed_at"] is not None:
            assert now == [(NOW_MS, row["occupied"], row["held"], row["free"])]
