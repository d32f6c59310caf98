"""Rebuilding on random nights: what the live store lost comes back from the ledger exactly as it was. Laws 2 to 8."""

import asyncio
import itertools
import json
import logging
from contextlib import AsyncExitStack

import pytest
from hypothesis import given, settings

from capacity.errors import StoreUnavailable, UnknownTerritory
from capacity.services.recording import Recording
from capacity.services.registering import Registering
from capacity.store.holds import HoldStore, Moment
from capacity.store.ledger import LedgerStore
from capacity.store.postgres import Database
from capacity.wire.holds import ArrivalBody, HoldBody, ReleaseBody
from tests.desk import desk_in
from tests.lives import Life, lives
from tests.world import DAY_MS, HOUR_MS, MINUTE_MS, NOW_MS, World, new_id, report, site, world_of

WOMEN, MEN = "halte.women", "halte.men"
TYPES = {b"hash": "hgetall", b"string": "get", b"set": "smembers"}
NOT_OF_THE_LEDGER = ("meta", "stream", "salt:", "households:", "requests:", "searched:")
"""What tells of the store itself, or dies with it on purpose."""

_worlds = itertools.count(1)


@pytest.fixture
async def world(redis_url, database, territory):
    async with world_of(redis_url, database, territory) as world:
        await world.put(site("halte", WOMEN, MEN))
        yield world


async def all_of(world):
    """All that the live store has of a territory and its rebuild must bring back, key by key, as values."""
    tag = f"{{{world.name}}}:"
    found = {}
    async for key in world.redis.scan_iter(f"{tag}*", count=1_000):
        name = key.decode().removeprefix(tag)
        if name.startswith(NOT_OF_THE_LEDGER):
            continue
        kind = await world.redis.type(key)
        if kind == b"zset":
            found[name] = dict(await world.redis.zrange(key, 0, -1, withscores=True))
        else:
            found[name] = await getattr(world.redis, TYPES[kind])(key)
        if name.startswith("request:"):  # the ledger keeps what a JSON says, not how it was written
            found[name] = {word: _said(text) for word, text in found[name].items()}
    return found


def _said(text):
    return json.loads(text) if text.startswith(b"{") else text


async def lose(world):
    """All of the territory is gone from the live store, as after a loss of its disk."""
    await world.redis.delete(*await world.everything())


async def rebuilt(world):
    await lose(world)
    await world.registering.mend()


async def answers_live_on(world, report_said):
    """A report sent again is told its first number, as it was."""
    (again,) = await world.post(report_said)
    return again["outcome"], again["seq"]


async def test_whatever_a_night_was_it_comes_back_from_the_ledger_as_it_was(redis_url, database, caplog):
    """The whole of it: rows with their stamps, facts with their moments, movements, holds with codes, and answers."""

    async def night(steps):
        name = f"rebuilt-{next(_worlds)}"
        world = World(base.live, base.redis, name, base.clock, database=base.database)
        life = Life(world)
        await life.begin()
        for step in steps:
            await life.go_on(step)
        await world.recording.catch_up(name)
        before, (epoch, seq) = await all_of(world), await world.live.position(name)
        await rebuilt(world)
        new_epoch, new_seq = await world.live.position(name)
        assert (new_epoch != epoch, new_seq) == (True, seq)
        assert await all_of(world) == before
        await life.end()
        for kind, fields in (("movement", {"delta": 1}), ("count", {"occupied": 3})) if life.capacities else ():
            await world.post(*(report(kind, pool, NOW_MS - HOUR_MS, **fields) for pool in life.capacities))
        await world.recording.catch_up(name)
        kept = await world.kept()
        assert [command["seq"] for command in kept] == list(range(1, await world.seq() + 1))

    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(world_of(redis_url, database, "base"))
        caplog.set_level(logging.ERROR, logger="capacity")
        loop = asyncio.get_running_loop()

        @settings(max_examples=40)
        @given(lives)
        def nights(steps):
            asyncio.run_coroutine_threadsafe(night(steps), loop).result()

        await asyncio.to_thread(nights)


async def test_a_late_count_is_decided_on_as_if_nothing_had_been_lost(world):
    ahead, cut = NOW_MS - 20 * MINUTE_MS, NOW_MS - 10 * MINUTE_MS
    await world.post(
        report("count", WOMEN, NOW_MS - 30 * MINUTE_MS, occupied=2),
        report("movement", WOMEN, ahead, delta=3),
        report("movement", WOMEN, NOW_MS - 5 * MINUTE_MS, delta=1),
    )
    await world.recording.catch_up(world.name)
    await rebuilt(world)
    (late,) = await world.post(report("count", WOMEN, NOW_MS - HOUR_MS, occupied=9))
    (newer,) = await world.post(report("count", WOMEN, cut, occupied=7))
    assert (late["outcome"], newer["outcome"], newer["row"]["occupied"]) == ("late", "applied", 8)


async def test_what_is_sent_again_after_the_loss_is_a_duplicate_with_its_first_number(world):
    moved = report("movement", WOMEN, delta=2)
    (first,) = await world.post(moved)
    await world.recording.catch_up(world.name)
    await rebuilt(world)
    assert await answers_live_on(world, moved) == ("duplicate", first["seq"])
    assert (await world.rows())[WOMEN]["occupied"] == 2
    world.clock.forward(2 * DAY_MS + HOUR_MS)
    await rebuilt(world)
    assert await world.redis.exists(world.keys.answer(moved["id"])) == 0


async def test_a_hold_is_still_held_and_its_code_still_ends_it(world):
    asked = HoldBody.model_validate({"id": new_id(), "lines": [{"pool": WOMEN, "places": 2}], "minutes": 45})
    granted = json.loads((await world.holding.create(world.name, asked, owner="team-7")).hold)
    await world.recording.catch_up(world.name)
    await rebuilt(world)
    found = await world.holding.hold(world.name, asked.id)
    assert (json.loads(found.hold), found.owner) == (granted, "team-7")
    assert (await world.holding.create(world.name, asked, owner="team-7")).outcome == "duplicate"
    assert await world.redis.hget(world.keys.codes, granted["code"]) == asked.id.encode()
    verdict = await world.holding.arrive(world.name, asked.id, ArrivalBody.model_validate({"id": new_id()}))
    row = (await world.rows())[WOMEN]
    assert (verdict.outcome, row["held"], row["occupied"]) == ("done", 0, 2)


async def test_a_hold_whose_time_came_meanwhile_ends_once(world):
    asked = HoldBody.model_validate({"id": new_id(), "lines": [{"pool": WOMEN, "places": 2}], "minutes": 5})
    await world.holding.create(world.name, asked)
    await world.recording.catch_up(world.name)
    await lose(world)
    world.clock.forward(HOUR_MS)
    await world.registering.mend()
    store, now = HoldStore(world.live), Moment(world.clock(), "2026-11-22T23:41:07.120Z")
    assert (await store.expire(world.name, now, 10))[0] == 1
    assert (await store.expire(world.name, now, 10))[0] == 0
    assert (await world.rows())[WOMEN]["held"] == 0


async def test_the_end_of_a_hold_that_is_sent_again_is_a_duplicate(world):
    asked = HoldBody.model_validate({"id": new_id(), "lines": [{"pool": WOMEN, "places": 2}], "minutes": 45})
    await world.holding.create(world.name, asked)
    release = ReleaseBody.model_validate({"id": new_id(), "reason": "no_show"})
    await world.holding.release(world.name, asked.id, release)
    await world.recording.catch_up(world.name)
    await rebuilt(world)
    assert (await world.holding.release(world.name, asked.id, release)).outcome == "duplicate"


async def test_a_request_of_the_night_can_still_be_closed(world):
    desk = await desk_in(world)
    first, other = await desk.open(women=2), await desk.open(women=1)
    await desk.refuse(other.request.id, "line_cut")
    await world.recording.catch_up(world.name)
    before = await all_of(world)
    await rebuilt(world)
    assert await all_of(world) == before
    await desk.refuse(first.request.id, "line_cut")
    assert (await desk.summary()).requests == 2


async def test_an_edit_that_the_loss_cut_short_is_completed(world):
    await world.post(report("count", WOMEN, occupied=4))
    await world.recording.catch_up(world.name)
    await lose(world)
    await world.registry.keep(world.name, None, [site("halte", WOMEN, {"id": "halte.new", "capacity": 3})])
    await world.registering.mend()
    rows = await world.rows()
    assert (rows[WOMEN]["occupied"], rows["halte.new"]["capacity"], rows[MEN]["gone"]) == (4, 3, True)


async def test_of_two_that_rebuild_at_once_one_does_it(world, redis_url, database):
    await world.post(report("count", WOMEN, occupied=4))
    await world.recording.catch_up(world.name)
    async with world_of(redis_url, database, world.name) as other:
        await lose(world)
        mended = await asyncio.gather(world.registering.mend(), other.registering.mend())
    assert sorted(sum(each.values()) for each in mended) == [0, 2]
    assert await world.seq() == 3


async def test_nothing_is_taken_and_nobody_told_until_the_rebuild_is_done(world):
    granted = HoldBody.model_validate({"id": new_id(), "lines": [{"pool": WOMEN, "places": 2}], "minutes": 45})
    await world.holding.create(world.name, granted)
    await world.recording.catch_up(world.name)
    before = await all_of(world)
    await world.registering.mend()  # it knows the territory
    await lose(world)
    await world.live.call("rebuild_begin_v1", (world.keys.meta,), ("a rebuild that died",))
    for name, value in before[f"pool:{WOMEN}"].items():
        await world.redis.hset(world.keys.facts(WOMEN), name, value)
    asked = granted.model_copy(update={"id": new_id()})
    release = ReleaseBody.model_validate({"id": new_id(), "reason": "no_show"})
    for refused in (
        world.post(report("count", WOMEN, occupied=4)),
        world.post(report("count", WOMEN, occupied=4), report("count", MEN, occupied=4)),
        world.holding.create(world.name, asked),
        world.holding.release(world.name, granted.id, release),
        world.holding.active(world.name, None),
        world.live.whole_board(world.name),
    ):
        with pytest.raises(StoreUnavailable):
            await refused
    assert await world.stream() == []
    await world.registering.mend()
    assert await all_of(world) == before


async def test_a_live_store_that_goes_away_during_a_rebuild_is_one_known_error_and_the_next_look_mends_it(
    world, monkeypatch
):
    await world.post(report("count", WOMEN, occupied=4))
    await world.recording.catch_up(world.name)
    before = await all_of(world)
    await lose(world)
    call = world.live.call

    async def away(function, keys, args):
        if function == "restore_pools_v1":
            raise StoreUnavailable
        return await call(function, keys, args)

    with monkeypatch.context() as patched:
        patched.setattr(world.live, "call", away)
        with pytest.raises(StoreUnavailable):
            await world.registering.mend()
    assert await world.live.position(world.name) is None
    await world.registering.mend()
    assert await all_of(world) == before


async def test_a_rebuild_that_was_overtaken_ends_without_a_trace(world):
    await world.recording.catch_up(world.name)
    await lose(world)
    await world.live.call("rebuild_begin_v1", (world.keys.meta,), ("mine",))
    await world.live.call("rebuild_begin_v1", (world.keys.meta,), ("another's",))
    left = await world.everything()
    for function, words in (
        ("restore_pools_v1", (WOMEN, 1, '{"site":"halte"}', "[]")), ("restore_holds_v1", ("a", "{}", 1)),
        ("restore_answers_v1", ("a", "1 x", 1)), ("restore_requests_v1", ("a", "{}", 1)),
        ("rebuild_end_v1", ("epoch", 7, 0)),
    ):  # fmt: skip
        assert await world.live.call(function, (world.keys.meta,), ("mine", *words)) == 0
    assert await world.everything() == left


async def test_a_territory_that_nobody_registered_is_unknown_and_not_awaited(world):
    await world.registering.mend()
    with pytest.raises(UnknownTerritory):
        await world.live.whole_board("nowhere")


# A live store older than the ledger, and the other way round


async def snapshot_of(world):
    return await world.everything()


async def put_back(world, snapshot):
    await world.redis.delete(*await world.everything())
    for key, value in snapshot.items():
        await world.redis.restore(key, 0, value)


async def test_a_live_store_restored_from_an_old_backup_is_rebuilt_to_what_the_ledger_has(world):
    await world.post(report("count", WOMEN, occupied=4))
    old = await snapshot_of(world)
    await world.post(report("count", WOMEN, NOW_MS, occupied=5), report("count", MEN, occupied=6))
    await world.recording.catch_up(world.name)
    before, seq = await all_of(world), await world.seq()
    await put_back(world, old)
    assert await world.registering.mend() == {world.name: 2}
    assert (await all_of(world), await world.seq()) == (before, seq)


async def test_a_live_store_that_went_on_from_an_old_state_is_stopped_and_nothing_overwritten(world, caplog):
    old = await snapshot_of(world)
    await world.post(report("count", WOMEN, occupied=5))
    await world.recording.catch_up(world.name)
    await put_back(world, old)
    await world.post(report("count", WOMEN, occupied=9), report("count", WOMEN, occupied=8))
    before = await world.everything()
    assert await world.registering.mend() == {}
    assert await world.everything() == before
    assert "other commands under the same numbers" in caplog.text
    for refused in (world.post(report("count", MEN, occupied=1)), world.live.whole_board(world.name)):
        with pytest.raises(StoreUnavailable, match="other commands under the same numbers"):
            await refused


async def test_a_ledger_restored_from_an_old_backup_is_said_and_its_history_left_alone(world, database):
    await world.post(*(report("movement", WOMEN, delta=1) for _ in range(5)))
    await world.recording.catch_up(world.name)
    async with world.database.connection() as connection:
        await connection.execute("DELETE FROM ledger WHERE territory = $1 AND seq > 3", world.name)
        await connection.execute("UPDATE cursors SET seq = 3 WHERE territory = $1", world.name)
    await world.redis.xtrim(world.keys.stream, minid="6-0", approximate=False)
    assert await world.registering.mend() == {}
    with pytest.raises(Exception, match="restored from an old backup"):
        await world.recording.catch_up(world.name)
    assert len(await world.kept()) == 3
    (counted,) = await world.post(report("count", WOMEN, occupied=1))
    assert counted["outcome"] == "applied"


async def test_a_ledger_only_a_little_older_than_the_stream_catches_up_by_itself(world):
    await world.post(*(report("movement", WOMEN, delta=1) for _ in range(5)))
    await world.recording.catch_up(world.name)
    async with world.database.connection() as connection:
        await connection.execute("DELETE FROM ledger WHERE territory = $1 AND seq > 3", world.name)
        await connection.execute("UPDATE cursors SET seq = 3 WHERE territory = $1", world.name)
    assert await world.recording.catch_up(world.name) == 7
    before = await all_of(world)
    await rebuilt(world)
    assert await all_of(world) == before


async def test_two_recorders_and_a_rebuild_lose_no_number(world, database):
    await world.post(*(report("movement", WOMEN, delta=1) for _ in range(50)))
    async with Database.open(database) as other:
        recordings = [world.recording, Recording(world.live, LedgerStore(other), world.registry, clock=world.clock)]
        await asyncio.gather(*(each.catch_up(world.name) for each in recordings), return_exceptions=True)
        await lose(world)
        mending = Registering(world.registry, world.live, clock=world.clock, new_id=new_id).mend()
        await asyncio.gather(mending, *(each.catch_up(world.name) for each in recordings), return_exceptions=True)
        await world.post(report("movement", WOMEN, delta=1))
        assert await world.recording.catch_up(world.name) == 53
    assert [command["seq"] for command in await world.kept()] == list(range(1, 54))
    assert (await world.rows())[WOMEN]["occupied"] == 51
