"""How far sites keep their word, and where the sides disagree, on the real stores."""

import json

import pytest

from capacity.board.nights import Night
from capacity.board.testimony import Reliability, contradicts
from capacity.errors import UnknownTerritory
from tests.lives import POOLS, Life
from tests.world import HOUR_MS, MINUTE_MS, NOW_MS, report, site, world_of

POOL, OTHER = POOLS
FAR = "abri.men"


@pytest.fixture
async def world(redis_url, database, territory):
    async with world_of(redis_url, database, territory) as world:
        yield world


@pytest.fixture
async def life(world):
    life = Life(world)
    await life.begin()
    await world.put(site("abri", FAR))
    world.clock.now_ms = NOW_MS
    return life


async def ended(life, verb, *words, lines=None):
    """One more hold, which ends so at once."""
    await life.hold(lines or {POOL: 1}, 30, "115")
    await getattr(life, verb)(len(life.holds) - 1, *words)


async def reliability(world):
    await world.recording.catch_up(world.name)
    return await world.reckoning.reliability(world.name)


async def disagreements(world):
    await world.recording.catch_up(world.name)
    return await world.reckoning.disagreements(world.name)


async def test_each_site_is_told_by_what_became_of_its_holds(life, world):
    for verb, word in (
        ("arrive", False), ("arrive", False), ("release", "full_on_arrival"), ("release", "refused"),
        ("release", "no_show"), ("release", "cancelled"),
    ):  # fmt: skip
        await ended(life, verb, word)
        if verb == "arrive":
            await life.report("count", POOL, 0, {"occupied": 0})
    await life.hold({POOL: 1}, 5, "115")
    await ended(life, "release", "refused", lines={FAR: 2})
    world.clock.forward(HOUR_MS)
    await life.expire()
    assert await reliability(world) == [
        Reliability("abri", refused=1),
        Reliability("halte", arrived=2, full_on_arrival=1, refused=1, no_show=1, expired=1),
    ]


async def test_a_hold_in_two_pools_of_a_site_counts_once_and_on_two_sites_on_each(life, world):
    await ended(life, "arrive", False, lines={POOL: 1, OTHER: 2})
    await ended(life, "release", "no_show", lines={POOL: 1, FAR: 1})
    assert await reliability(world) == [Reliability("abri", no_show=1), Reliability("halte", arrived=1, no_show=1)]


async def test_where_nobody_of_a_household_arrived_none_is_counted(life, world):
    await ended(life, "arrive", True, lines={POOL: 2, FAR: 1})
    assert await reliability(world) == [Reliability("halte", arrived=1)]


async def test_a_hold_belongs_to_the_site_where_its_pool_was(life, world):
    await ended(life, "release", "refused")
    await world.put(site("halte", OTHER))
    await world.put(site("abri", FAR, POOL))
    await ended(life, "arrive", False)
    assert await reliability(world) == [Reliability("abri", arrived=1), Reliability("halte", refused=1)]


async def test_a_pool_that_left_the_board_is_remembered_and_what_it_broke_off_is_not_counted(life, world):
    await ended(life, "arrive", False)
    await life.hold({POOL: 1}, 30, "115")
    await life.remove(POOL)
    assert await reliability(world) == [Reliability("halte", arrived=1)]


async def test_thirty_nights_are_counted_and_not_one_more(life, world):
    first = Night.of(NOW_MS).before(29)
    for at_ms, reason in ((first.start_ms - 1, "refused"), (first.start_ms, "no_show")):
        world.clock.now_ms = at_ms
        await ended(life, "release", reason)
    world.clock.now_ms = NOW_MS
    assert await reliability(world) == [Reliability("halte", no_show=1)]


async def test_what_ends_and_is_told_alike_is_no_disagreement(life, world):
    await ended(life, "arrive", False)
    await life.tell(0, "site", "arrived")
    await ended(life, "release", "no_show")
    assert await disagreements(world) == []


async def test_a_site_that_says_otherwise_than_the_team_is_told_with_both(life, world):
    await ended(life, "arrive", False, lines={POOL: 1, OTHER: 1})
    world.clock.forward(MINUTE_MS)
    await life.tell(0, "site", "no_show")
    (told,) = await disagreements(world)
    assert (told.hold, told.site, sorted(told.pools)) == (life.holds[0][0], "halte", sorted(POOLS))
    assert (told.ended_as, told.ended_ms) == ("arrived", NOW_MS)
    assert [(one.side, one.says, one.at_ms) for one in told.statements] == [("site", "no_show", NOW_MS + MINUTE_MS)]


async def test_an_arrival_that_was_told_after_the_end_is_a_disagreement(life, world):
    await life.hold({POOL: 1}, 5, "115")
    world.clock.forward(HOUR_MS)
    await life.expire()
    await life.tell(0, "team", "arrived")
    (told,) = await disagreements(world)
    assert (told.ended_as, told.ended_ms) == ("expired", NOW_MS + 5 * MINUTE_MS)


async def test_a_site_that_was_full_while_the_board_showed_a_free_place_is_a_disagreement(life, world):
    await ended(life, "release", "full_on_arrival")
    (told,) = await disagreements(world)
    assert (told.ended_as, told.free, told.statements) == ("full_on_arrival", {POOL: 10}, [])


async def test_a_site_that_was_full_as_the_board_shows_since_is_none(life, world):
    await life.hold({POOL: 1}, 30, "115")
    await world.post(report("count", POOL, occupied=12))
    await life.release(0, "full_on_arrival")
    assert await disagreements(world) == []


async def test_disagreements_of_two_nights_are_told_the_latest_first(life, world):
    before = Night.of(NOW_MS).before(1)
    for at_ms in (before.start_ms - 1, before.start_ms, NOW_MS):
        world.clock.now_ms = at_ms
        await ended(life, "release", "full_on_arrival")
    assert [told.ended_ms for told in await disagreements(world)] == [NOW_MS, before.start_ms]


async def test_what_is_said_tonight_of_an_earlier_end_is_told_with_that_end(life, world):
    world.clock.now_ms = Night.of(NOW_MS).before(1).start_ms - HOUR_MS
    await ended(life, "release", "no_show")
    ended_ms = world.clock()
    world.clock.now_ms = NOW_MS
    await life.tell(0, "team", "arrived")
    (told,) = await disagreements(world)
    assert told.ended_ms == ended_ms


async def test_the_live_store_calls_disputed_what_contradicts(life, world):
    ends = [("arrive", False, "arrived")]
    ends += [("release", reason, reason) for reason in ("cancelled", "no_show", "refused", "full_on_arrival")]
    for verb, word, ended_as in ends:
        for says in ("arrived", "no_show", "refused", "full_on_arrival"):
            await ended(life, verb, word)
            await life.report("count", POOL, 0, {"occupied": 0})
            await life.tell(len(life.holds) - 1, "site", says)
            hold = (await world.holding.hold(world.name, life.holds[-1][0])).hold
            assert json.loads(hold)["disputed"] is contradicts(ended_as, says), (ended_as, says)


async def test_an_unknown_territory_is_named(world):
    with pytest.raises(UnknownTerritory):
        await world.reckoning.reliability("nowhere")
    with pytest.raises(UnknownTerritory):
        await world.reckoning.disagreements("nowhere")
