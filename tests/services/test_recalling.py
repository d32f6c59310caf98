"""Recalling: the ledger by number, and a pool's past as it was observed, on the real stores."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capacity.errors import RangeTooLong, UnknownPool, UnknownTerritory
from capacity.services import recalling as recalling_module
from tests.world import HOUR_MS, MINUTE_MS, NOW_MS, World, report, site, world_of

POOL = "halte.women"
_numbers = itertools.count(1)


@pytest.fixture
async def world(redis_url, database, territory):
    async with world_of(redis_url, database, territory) as world:
        world.clock.now_ms = NOW_MS - 4 * HOUR_MS
        await world.put(site("halte", POOL))
        world.clock.now_ms = NOW_MS
        yield world


async def recalled(world, from_ms, to_ms, step_ms=None, pool=POOL):
    await world.recording.catch_up(world.name)
    points = await world.recalling.history(world.name, pool, from_ms, to_ms, step_ms)
    return [(point.at_ms, point.capacity, point.occupied, point.free) for point in points]


def ago(minutes):
    return NOW_MS - minutes * MINUTE_MS


async def test_the_ledger_is_read_by_number(world):
    await world.post(*(report("movement", POOL, delta=1) for _ in range(5)))
    await world.recording.catch_up(world.name)
    assert [command["seq"] for command in await world.kept(after=2, limit=3)] == [3, 4, 5]
    assert await world.kept(after=6) == []
    assert await world.kept(after=2**53 - 1) == []


async def test_what_is_unknown_is_named(world):
    with pytest.raises(UnknownTerritory):
        await world.recalling.ledger("nowhere", 0, 10)
    with pytest.raises(UnknownTerritory):
        await world.recalling.history("nowhere", POOL, 0, 1, None)
    with pytest.raises(UnknownPool):
        await world.recalling.history(world.name, "halte.men", 0, 1, None)


async def test_what_was_said_late_stands_at_its_own_moment(world):
    await world.post(report("count", POOL, ago(10), occupied=4))
    (late,) = await world.post(report("count", POOL, ago(20), occupied=9))
    assert late["outcome"] == "late"
    assert await recalled(world, ago(30), NOW_MS) == [(ago(20), 10, 9, 1), (ago(10), 10, 4, 6)]


async def test_each_step_tells_the_fewest_places_that_were_free_in_it(world):
    for minute, occupied in ((58, 2), (50, 10), (45, 3), (20, 5)):
        await world.post(report("count", POOL, ago(minute), occupied=occupied))
    steps = await recalled(world, ago(60), NOW_MS, 15 * MINUTE_MS)
    assert steps == [(ago(60), 10, 10, 0), (ago(45), 10, 3, 7), (ago(30), 10, 5, 5), (ago(15), 10, 5, 5)]


async def test_before_its_first_report_a_pool_has_no_past(world):
    await world.post(report("confirmation", POOL, ago(30), seq=1))
    assert await recalled(world, NOW_MS - 6 * HOUR_MS, ago(31)) == []
    assert await recalled(world, ago(50), NOW_MS, 10 * MINUTE_MS) == [
        (ago(30), 10, 0, 10), (ago(20), 10, 0, 10), (ago(10), 10, 0, 10),
    ]  # fmt: skip


async def test_a_pool_that_comes_back_has_a_past_again_from_its_next_report(world):
    await world.post(report("count", POOL, ago(50), occupied=4))
    for minute, pools in ((40, ()), (30, (POOL,))):
        world.clock.now_ms = ago(minute)
        await world.put(site("halte", *pools))
    world.clock.now_ms = NOW_MS
    await world.post(report("movement", POOL, ago(15), delta=1))
    assert await recalled(world, ago(60), NOW_MS) == [(ago(50), 10, 4, 6), (ago(40), 0, 0, 0), (ago(15), 10, 1, 9)]
    assert await recalled(world, ago(10), NOW_MS, 10 * MINUTE_MS) == [(ago(10), 10, 1, 9)]
    assert await recalled(world, ago(25), ago(16), MINUTE_MS) == []


async def test_an_edit_that_leaves_the_capacity_alone_moves_none(world):
    await world.post(report("inventory", POOL, ago(50), capacity=12))
    world.clock.now_ms = ago(40)
    await world.put(site("halte", {"id": POOL, "fresh_for": 600}))
    world.clock.now_ms = ago(30)
    await world.put(site("halte", {"id": POOL, "fresh_for": 600, "capacity": 20}))
    world.clock.now_ms = NOW_MS
    whole = [(ago(50), 12, 0, 12), (ago(40), 12, 0, 12), (ago(30), 20, 0, 20)]
    assert await recalled(world, ago(60), NOW_MS) == whole
    assert await recalled(world, ago(35), NOW_MS) == whole[2:]
    assert await recalled(world, ago(35), ago(30), 5 * MINUTE_MS) == [(ago(35), 12, 0, 12)]


async def test_a_range_includes_both_its_ends(world):
    await world.post(report("count", POOL, ago(10), occupied=4), report("count", POOL, ago(5), occupied=6))
    assert await recalled(world, ago(10), ago(5)) == [(ago(10), 10, 4, 6), (ago(5), 10, 6, 4)]


async def test_a_range_that_starts_between_two_facts_knows_the_first(world):
    await world.post(report("count", POOL, ago(50), occupied=4), report("movement", POOL, ago(10), delta=2))
    assert await recalled(world, ago(30), NOW_MS, 10 * MINUTE_MS) == [
        (ago(30), 10, 4, 6), (ago(20), 10, 4, 6), (ago(10), 10, 6, 4),
    ]  # fmt: skip


async def test_a_range_that_starts_after_inventories_knows_each_of_their_fields(world):
    await world.post(
        report("inventory", POOL, ago(50), capacity=12),
        report("inventory", POOL, ago(40), extra=3, out_of_service=2),
        report("inventory", POOL, ago(45), extra=9),
        report("count", POOL, ago(60), occupied=1),
    )
    assert await recalled(world, ago(10), NOW_MS, 10 * MINUTE_MS) == [(ago(10), 12, 1, 12)]


async def test_a_range_that_starts_after_counts_of_one_moment_knows_the_one_of_the_greater_id(world):
    smaller, greater = report("count", POOL, ago(50), occupied=4), report("count", POOL, ago(50), occupied=7)
    await world.post(greater, smaller)
    assert await recalled(world, ago(10), NOW_MS, 10 * MINUTE_MS) == [(ago(10), 10, 7, 3)]


async def test_a_range_that_starts_in_a_later_life_hears_nothing_of_the_first(world):
    await world.post(report("count", POOL, ago(50), occupied=9))
    for minute, pools in ((40, ()), (30, (POOL,))):
        world.clock.now_ms = ago(minute)
        await world.put(site("halte", *pools))
    await world.post(report("count", POOL, ago(55), occupied=4))
    world.clock.now_ms = NOW_MS
    assert await recalled(world, ago(10), NOW_MS, 10 * MINUTE_MS) == [(ago(10), 10, 4, 6)]


async def test_a_pool_that_was_only_confirmed_is_known(world):
    await world.post(report("confirmation", POOL, ago(50), seq=1))
    assert await recalled(world, ago(10), NOW_MS, 10 * MINUTE_MS) == [(ago(10), 10, 0, 10)]


async def test_a_pool_that_is_gone_has_nothing_from_then_on_wherever_the_range_begins(world):
    await world.post(report("count", POOL, ago(50), occupied=4))
    world.clock.now_ms = ago(20)
    await world.put(site("halte"))
    whole = await recalled(world, ago(60), NOW_MS, 10 * MINUTE_MS)
    assert await recalled(world, ago(10), NOW_MS, 10 * MINUTE_MS) == whole[-1:] == [(ago(10), 0, 0, 0)]


async def test_a_report_of_before_the_opening_is_not_forgotten_by_the_opening(world):
    await world.post(report("count", POOL, NOW_MS - 5 * HOUR_MS, occupied=4))
    ((_, capacity, occupied, _),) = await recalled(world, ago(1), NOW_MS, MINUTE_MS)
    row = (await world.rows())[POOL]
    assert (capacity, occupied) == (row["capacity"], row["occupied"])


async def test_a_range_of_too_much_is_refused(world, monkeypatch):
    with pytest.raises(RangeTooLong):
        await world.recalling.history(world.name, POOL, 0, NOW_MS, 1)
    await world.post(*(report("count", POOL, ago(minute), occupied=minute) for minute in range(12, 0, -1)))
    await world.recording.catch_up(world.name)
    with monkeypatch.context() as patched:
        patched.setattr(recalling_module, "MOST_FACTS", 11)
        with pytest.raises(RangeTooLong):
            await world.recalling.history(world.name, POOL, ago(60), NOW_MS, HOUR_MS)
    monkeypatch.setattr(recalling_module, "MOST_POINTS", 11)
    with pytest.raises(RangeTooLong):
        await world.recalling.history(world.name, POOL, ago(60), NOW_MS, None)


minutes = st.integers(0, 40).map(lambda number: 7 * number)
ages = st.sampled_from([0, 0, 7, 14, 70, 140, 350])
sayings = st.one_of(
    st.tuples(st.just("count"), ages, st.fixed_dictionaries({"occupied": st.integers(0, 14)})),
    st.tuples(st.just("movement"), ages, st.fixed_dictionaries({"delta": st.sampled_from([-2, -1, 1, 3])})),
    st.tuples(
        st.just("inventory"),
        ages,
        st.fixed_dictionaries({}, optional={"capacity": st.integers(0, 14), "out_of_service": st.integers(0, 4)}),
    ).filter(lambda saying: saying[2]),
    st.tuples(st.just("status"), ages, st.fixed_dictionaries({"status": st.sampled_from(["open", "closed"])})),
    st.tuples(st.just("edit"), st.just(0), st.fixed_dictionaries({"capacity": st.sampled_from([8, 10])})),
    st.tuples(st.just("edit"), st.just(0), st.fixed_dictionaries({"fresh_for": st.sampled_from([60, 7200])})),
    st.tuples(st.just("remove"), st.just(0), st.just({})),
)


async def lived(world, life):
    """A pool whose night went as told: pauses in minutes, and what was said or edited after each."""
    opened = {"capacity": 10, "fresh_for": 7200}
    world.clock.now_ms = NOW_MS - 5 * HOUR_MS
    await world.put(site("halte", {"id": POOL, **opened}))
    for pause, (verb, age, words) in life:
        world.clock.now_ms = min(NOW_MS, world.clock.now_ms + pause * MINUTE_MS)
        if verb == "edit":
            opened |= words
            await world.put(site("halte", {"id": POOL, **opened}))
        elif verb == "remove":
            await world.put(site("halte"))
        else:
            await world.post(report(verb, POOL, world.clock() - age * MINUTE_MS, **words))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    life=st.lists(st.tuples(st.sampled_from([0, 7, 35]), sayings), max_size=12),
    starts=st.lists(minutes, min_size=1, max_size=3),
)
async def test_the_past_is_the_same_wherever_one_begins_to_read_and_ends_as_the_board(world, life, starts):
    fresh = World(world.live, world.redis, f"past-{next(_numbers)}", world.clock, database=world.database)
    await lived(fresh, life)
    whole = await recalled(fresh, ago(700), NOW_MS)
    steps = await recalled(fresh, ago(700), NOW_MS, 7 * MINUTE_MS)
    for start in starts:
        assert await recalled(fresh, ago(start), NOW_MS) == [point for point in whole if point[0] >= ago(start)]
        later = [point for point in steps if point[0] >= ago(start)]
        assert await recalled(fresh, ago(start), NOW_MS, 7 * MINUTE_MS) == later
    row = (await fresh.rows())[POOL]
    if "gone" not in row:
        now = await recalled(fresh, NOW_MS, NOW_MS + 1, MINUTE_MS)
        assert now == [(NOW_MS, row["capacity"], row["occupied"], row["free"])] or (now, row["observed_at"]) == (
            [],
            None,
        )
