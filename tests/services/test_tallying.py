"""Tallying: what a night adds up to, from the live store and from the ledger alike, whatever the order of things."""

import asyncio
import itertools
from collections import Counter
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capacity.board.nights import Night
from capacity.board.requests import Summary
from capacity.errors import LedgerUnavailable, StoreUnavailable, UnknownTerritory
from capacity.services.tallying import Tallying
from capacity.store.live import LiveStore
from capacity.store.postgres import Database
from capacity.store.registry import RegistryStore
from capacity.store.request_ledger import RequestLedger
from capacity.vocabulary.words import UnmetReason
from tests.desk import Desk, desk_in
from tests.world import DAY_MS, HOUR_MS, NOW_MS, World, command_id, site, world_of

TONIGHT = Night.of(NOW_MS)
_numbers = itertools.count(1)


@pytest.fixture
async def desk(redis_url, database, territory):
    async with world_of(redis_url, database, territory) as world:
        yield await desk_in(world)


async def lose(world):
    """The live store loses the territory, and gets it back in a new epoch."""
    await world.recording.catch_up(world.name)
    await world.redis.delete(*[key async for key in world.redis.scan_iter(f"{{{world.name}}}:*")])
    await world.registering.mend()


def tallying_on(world, database=None, live=None):
    """Another process: it has read nothing yet."""
    database = database or world.database
    return Tallying(live or world.live, RequestLedger(database), RegistryStore(database), clock=world.clock)


async def from_the_ledger(world, night=TONIGHT):
    """The night as told when the live store has forgotten it."""
    await world.recording.catch_up(world.name)
    then, world.clock.now_ms = world.clock.now_ms, night.end_ms + 3 * DAY_MS
    book = await tallying_on(world).of_night(world.name, night)
    world.clock.now_ms = then
    return book


async def test_a_night_is_told_as_it_comes(desk):
    first = await desk.open(women=2)
    assert (await desk.summary()) == Summary(1, 1, 2, 1, 0, {}, 0)
    await desk.open(women=3, contact=first.contact)
    await desk.refuse(first.request.id, "line_cut")
    await desk.find_nothing()
    assert (await desk.summary()) == Summary(2, 1, 3, 1, 0, {"line_cut": 1}, 1)
    assert [request.persons for request in (await desk.tonight()).newest(5)] == [3, 2]


async def test_every_process_tells_the_same_and_so_does_the_ledger(desk):
    told = [await desk.open(women=n) for n in range(1, 8)]
    for one in told[::2]:
        await desk.refuse(one.request.id)
    book = await desk.tonight()
    for other in (await tallying_on(desk.world).of_night(desk.world.name, TONIGHT), await from_the_ledger(desk.world)):
        assert other.summary() == book.summary()
        assert other.newest(100) == book.newest(100)
        assert other.seq == book.seq


async def test_an_outcome_after_noon_belongs_to_the_night_of_its_request(desk):
    told = await desk.open()
    desk.world.clock.now_ms = TONIGHT.end_ms + HOUR_MS
    await desk.refuse(told.request.id)
    assert (await desk.summary()).requests == 0
    for book in (await desk.world.tallying.of_night(desk.world.name, TONIGHT), await from_the_ledger(desk.world)):
        assert (book.summary().open, book.summary().unmet) == (0, {"no_place": 1})


async def test_a_night_that_is_yet_to_come_or_long_over_is_empty(desk):
    await desk.open()
    for day in (date(2026, 11, 23), date(2199, 12, 31), date(2026, 11, 21), date(2000, 1, 1)):
        assert (await desk.world.tallying.of_night(desk.world.name, Night(day))).summary().requests == 0
    assert len(desk.world.tallying._kept) <= 2, "nothing is remembered of what anybody may ask"


async def test_a_territory_that_nobody_knows_is_unknown_in_every_night(desk):
    for day in (date(2026, 11, 24), date(2026, 11, 22), date(2026, 1, 1)):
        with pytest.raises(UnknownTerritory):
            await desk.world.tallying.of_night("nowhere", Night(day))


async def test_a_live_store_that_was_made_anew_leaves_the_ledger_to_tell_what_was_before(desk):
    told = [await desk.open(women=n) for n in (1, 2)]
    await desk.refuse(told[0].request.id)
    await desk.tonight()
    before = (await desk.tonight()).newest(9)
    desk.world.clock.forward(HOUR_MS)
    await lose(desk.world)
    assert (await desk.tonight()).newest(9) == before
    await desk.open(women=4)
    assert (await desk.summary()) == Summary(3, 3, 7, 2, 0, {"no_place": 1}, 0)
    assert (await from_the_ledger(desk.world)).summary() == await desk.summary()


async def test_a_territory_that_the_live_store_has_just_lost_is_not_unknown(desk):
    await desk.world.redis.delete(desk.world.keys.meta)
    with pytest.raises(StoreUnavailable):
        await desk.tonight()


@pytest.fixture
async def no_database(tmp_path):
    async with Database.open(f"postgresql:///none?host={tmp_path}") as database:
        yield database


async def test_tonight_is_told_while_the_ledger_is_away(desk, no_database):
    told = await desk.open()
    await desk.refuse(told.request.id)
    tallying = tallying_on(desk.world, no_database)
    assert (await tallying.of_night(desk.world.name, TONIGHT)).summary().unmet == {"no_place": 1}
    assert (await tallying.of_night(desk.world.name, TONIGHT.before(1))).summary().requests == 0
    with pytest.raises(LedgerUnavailable):
        await tallying.of_night(desk.world.name, TONIGHT.before(4))


async def test_what_only_the_ledger_can_tell_is_not_told_while_it_is_away(desk, no_database):
    await desk.open()
    desk.world.clock.forward(HOUR_MS)
    await lose(desk.world)
    await desk.open()
    with pytest.raises(LedgerUnavailable):
        await tallying_on(desk.world, no_database).of_night(desk.world.name, TONIGHT)
    desk.world.clock.forward(DAY_MS)
    await desk.open()
    tomorrow = await tallying_on(desk.world, no_database).of_night(desk.world.name, TONIGHT.before(-1))
    assert tomorrow.summary().requests == 1, "the store made anew has heard all of this night"


async def test_older_nights_are_told_while_the_live_store_is_away(desk, tmp_path):
    await desk.open()
    await desk.world.recording.catch_up(desk.world.name)
    async with LiveStore.open(f"unix://{tmp_path}/none.sock") as live:
        tallying = tallying_on(desk.world, live=live)
        with pytest.raises(StoreUnavailable):
            await tallying.of_night(desk.world.name, TONIGHT)
        desk.world.clock.now_ms = TONIGHT.end_ms + 3 * DAY_MS
        assert (await tallying.of_night(desk.world.name, TONIGHT)).summary().requests == 1


async def test_many_readers_at_once_hear_each_command_once(desk, monkeypatch):
    monkeypatch.setattr("capacity.services.tallying.AT_ONCE", 7)
    for round_ in range(3):
        searched = range(10 * round_ + 1, 10 * round_ + 11)
        await asyncio.gather(*(desk.open() for _ in range(30)), *(desk.find_nothing(women) for women in searched))
        books = await asyncio.gather(*(desk.tonight() for _ in range(10)))
        told = {(book.summary().requests, book.summary().empty_searches) for book in books}
        assert told == {(30 * (round_ + 1), 10 * (round_ + 1))}


async def test_ten_thousand_requests_of_one_night_are_told(desk):
    for _ in range(10):
        await asyncio.gather(*(desk.open() for _ in range(1_000)))
    summary = await desk.summary()
    assert (summary.requests, summary.households, summary.persons) == (10_000, 10_000, 10_000)
    assert len((await desk.tonight()).newest(1_000)) == 1_000


# Any interleaving and resending gives the same summary

OVER = object()
calls = st.tuples(st.integers(1, 4), st.none() | st.sampled_from(UnmetReason))
households = st.lists(st.lists(calls, min_size=1, max_size=3), max_size=5)
searches = st.lists(st.integers(1, 3), max_size=4)


def expected(lives, searched):
    every = [call for life in lives for call in life]
    unmet = Counter(reason.value for _, reason in every if reason)
    return Summary(
        requests=len(every),
        households=len(lives),
        persons=sum(max(women for women, _ in life) for life in lives),
        open=sum(reason is None for _, reason in every),
        oriented=0,
        unmet=unmet,
        empty_searches=len(set(searched)),
    )


async def living(desk, life, first_id, repeat):
    """One household's night, a command a step; some are sent again, and an earlier one of the same household too."""
    contact, sent = {}, []
    for n, (women, reason) in enumerate(life):
        request_id = command_id(first_id + 10 * n)
        said = {"request_id": request_id, "women": women, **contact}
        sent.append(lambda said=said: desk.open(**said))
        told = await sent[-1]()
        contact = {"contact": told.contact}
        yield
        if reason:
            sent.append(
                lambda one=request_id, why=reason, n=n: desk.refuse(one, why, command_id(first_id + 10 * n + 5))
            )
            await sent[-1]()
            yield
        for again in repeat(len(sent)):
            await sent[again]()
            yield


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(lives=households, searched=searches, data=st.data())
async def test_any_interleaving_and_resending_adds_up_to_the_same(desk, lives, searched, data):
    old = desk.world
    world = World(old.live, old.redis, f"night-{next(_numbers)}", old.clock, database=old.database)
    await world.put(site("halte"))
    fresh = Desk(world)

    async def searching():
        for women in searched:
            await fresh.find_nothing(women)
            yield

    def repeat(there_are):
        return data.draw(st.lists(st.integers(0, there_are - 1), max_size=2))

    under_way = [living(fresh, life, 1_000_000 + 1_000 * n, repeat) for n, life in enumerate(lives)]
    under_way.append(searching())
    while under_way:
        one = under_way[data.draw(st.integers(0, len(under_way) - 1))]
        if data.draw(st.booleans()):
            await fresh.summary()  # a reader in between changes nothing
        if await anext(one, OVER) is OVER:
            under_way.remove(one)

    assert await fresh.summary() == expected(lives, searched)
    assert (await from_the_ledger(world)).summary() == expected(lives, searched)
    numbers = [command["seq"] for command in await world.commands()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == sum(1 + bool(reason) for life in lives for _, reason in life) + len(set(searched))
