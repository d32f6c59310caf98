"""Recording: each number once, without a gap, whoever dies; and the stream trimmed only behind the ledger. Law 6."""

import asyncio
from contextlib import asynccontextmanager, suppress
from time import monotonic

import asyncpg
import pytest

from capacity.errors import LedgerGap, LedgerMoved, LedgerUnavailable
from capacity.services import recording as recording_module
from capacity.services.recording import STREAM_KEPT, Recording
from capacity.store.ledger import LedgerStore
from capacity.store.lock import RecorderLock
from capacity.store.postgres import Database
from tests.world import NOW_MS, World, report, site, world_of

POOL = "halte.women"
PATIENCE_SECONDS = 20
TAKEOVER_SECONDS = 5


@pytest.fixture
async def world(redis_url, database, territory):
    async with world_of(redis_url, database, territory) as world:
        await world.put(site("halte", POOL))
        yield world


async def neighbour_of(world, pool="next.women"):
    """Another territory in the same stores."""
    neighbour = World(world.live, world.redis, f"{world.name}-next", world.clock, database=world.database)
    await neighbour.put(site("next", pool))
    return neighbour


def movements(count, pool=POOL):
    return [report("movement", pool, NOW_MS, delta=1) for _ in range(count)]


@asynccontextmanager
async def recorder(world, database):
    """A recorder at work as a task of this loop; leaving the block ends it as a stopped process would."""
    task = asyncio.create_task(world.recording.run(RecorderLock(database)))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until_kept(world, seq):
    """Wait for a fact: the ledger of the territory is at this number."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (cursor := await world.ledger.cursor(world.name)) is None or cursor.seq < seq:
            await asyncio.sleep(0.02)  # Postgres can only be asked
    return cursor


async def each_once(world):
    """The ledger has every number that was given, once, in order, as the stream said it."""
    kept = await world.kept()
    assert [command["seq"] for command in kept] == list(range(1, await world.seq() + 1))
    return kept


async def test_the_ledger_keeps_exactly_what_the_stream_said(world):
    status = report("status", POOL, status="suspended", reason="heating", until="2026-11-23T06:00:00Z")
    await world.post(*movements(3), status, report("count", POOL, NOW_MS - 1, occupied=4))
    said = await world.commands()
    assert await world.recording.catch_up(world.name) == len(said)
    assert await each_once(world) == said


async def test_the_ledger_keeps_the_row_after_each_command_and_none_where_none_changed(world, database):
    await world.post(report("count", POOL, occupied=4), report("count", POOL, NOW_MS - 1, occupied=9))
    await world.recording.catch_up(world.name)
    connection = await asyncpg.connect(database)
    lines = await connection.fetch("SELECT type, outcome, row ->> 'occupied' AS occupied FROM ledger ORDER BY seq")
    await connection.close()
    expected = [("pool_opened", "applied", "0"), ("count", "applied", "4"), ("count", "late", None)]
    assert [tuple(line) for line in lines] == expected


async def test_a_long_stream_is_kept_in_batches(world, monkeypatch):
    monkeypatch.setattr(recording_module, "ENTRIES_A_BATCH", 7)
    await world.post(*movements(50))
    assert await world.recording.catch_up(world.name) == 51
    await each_once(world)


async def test_what_is_kept_already_is_not_kept_again(world):
    await world.post(*movements(5))
    for _ in range(2):
        assert await world.recording.catch_up(world.name) == 6
    await each_once(world)


async def test_the_cursor_moves_with_the_commands_or_not_at_all(world):
    await world.post(*movements(5))
    epoch, _ = await world.live.position(world.name)
    await world.recording.catch_up(world.name)
    before = await world.ledger.cursor(world.name)
    for wrong_epoch, after_seq in ((epoch, 3), ("another", 6), (epoch, 7)):
        with pytest.raises(LedgerMoved):
            await world.ledger.append(world.name, wrong_epoch, after_seq, await grown(world), before.recorded_at)
        assert await world.ledger.cursor(world.name) == before
        assert len(await world.kept()) == 6


async def grown(world):
    await world.post(*movements(1))
    return (await world.stream())[6:]


async def test_two_recorders_that_both_believe_to_be_alone_keep_each_number_once(world, database):
    await world.post(*movements(400))
    async with Database.open(database) as other_database:
        other = Recording(world.live, LedgerStore(other_database), world.registry, clock=world.clock)
        for _ in range(20):
            await world.post(*movements(20))
            await asyncio.gather(
                world.recording.catch_up(world.name), other.catch_up(world.name), return_exceptions=True
            )
    assert await world.recording.catch_up(world.name) == 801
    await each_once(world)


async def test_a_gap_in_the_stream_stands_still_before_a_number_is_lost(world):
    await world.post(*movements(5))
    await world.redis.xdel(world.keys.stream, "3-0")
    with pytest.raises(LedgerGap):
        await world.recording.catch_up(world.name)
    assert await world.kept() == []


async def test_a_stream_trimmed_ahead_of_the_ledger_is_a_gap_too(world):
    await world.post(*movements(5))
    await world.redis.xtrim(world.keys.stream, minid="4-0", approximate=False)
    with pytest.raises(LedgerGap):
        await world.recording.catch_up(world.name)
    assert await world.kept() == []


async def test_another_live_store_is_not_followed(world):
    await world.post(*movements(5))
    await world.recording.catch_up(world.name)
    await world.redis.hset(world.keys.meta, "epoch", "another")
    with pytest.raises(LedgerMoved):
        await world.recording.catch_up(world.name)
    assert len(await world.kept()) == 6


async def test_a_live_store_older_than_the_ledger_is_not_followed(world):
    await world.post(*movements(5))
    await world.recording.catch_up(world.name)
    await world.redis.hset(world.keys.meta, "seq", 2)
    with pytest.raises(LedgerMoved):
        await world.recording.catch_up(world.name)


async def test_a_live_store_that_came_back_older_and_grew_past_the_ledger_is_not_followed(world):
    await world.post(*movements(5))
    snapshot = await world.everything()
    await world.post(*movements(5))
    await world.recording.catch_up(world.name)
    await world.redis.delete(*await world.everything())
    for key, value in snapshot.items():
        await world.redis.restore(key, 0, value)
    await world.post(*movements(9))
    with pytest.raises(LedgerMoved):
        await world.recording.catch_up(world.name)
    assert len(await world.kept()) == 11


async def test_a_territory_that_stands_still_does_not_stop_the_others(world, database):
    neighbour = await neighbour_of(world)
    await world.post(*movements(5))
    await world.redis.xdel(world.keys.stream, "3-0")
    async with recorder(world, database):
        await neighbour.post(*movements(5, "next.women"))
        await until_kept(neighbour, 6)
        await neighbour.post(*movements(5, "next.women"))
        await until_kept(neighbour, 11)
        assert await world.kept() == []
    await each_once(neighbour)


async def test_the_stream_is_never_trimmed_ahead_of_the_ledger(world):
    for _ in range(4):
        await world.post(*movements(999))
    before = await world.redis.xlen(world.keys.stream)
    reached = await world.recording.catch_up(world.name)
    first = (await world.live.entries(world.name, 0, 1))[0].seq
    assert before == reached == 3_997
    assert 1 < first <= reached - STREAM_KEPT + 1
    assert await world.redis.xlen(world.keys.stream) >= STREAM_KEPT
    await each_once(world)


async def test_nothing_is_trimmed_while_the_ledger_is_away(world, monkeypatch):
    for _ in range(2):
        await world.post(*movements(999))

    async def away(*_):
        raise LedgerUnavailable

    monkeypatch.setattr(world.ledger, "append", away)
    with pytest.raises(LedgerUnavailable):
        await world.recording.catch_up(world.name)
    assert len(await world.stream()) == 1_999


async def test_a_recorder_at_work_follows_new_commands_and_new_territories(world, database):
    async with recorder(world, database):
        await until_kept(world, 1)
        await world.post(*movements(10))
        await until_kept(world, 11)
        neighbour = await neighbour_of(world)
        await until_kept(neighbour, 1)
    await each_once(world)


async def test_postgres_that_goes_away_is_caught_up_with_afterwards(world, database):
    async with recorder(world, database):
        await until_kept(world, 1)
        connection = await asyncpg.connect(database)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await world.post(*movements(20))
        await until_kept(world, 21)
        await connection.close()
    await each_once(world)


async def test_one_recorder_works_while_the_other_waits_and_then_takes_over(world, database):
    async with Database.open(database) as other_database:
        waiting = World(world.live, world.redis, world.name, world.clock, database=other_database)
        async with recorder(waiting, database) as second:
            async with recorder(world, database) as first:
                await until_kept(world, 1)
                assert await holders(database) == 1
                await world.post(*movements(10))
                await until_kept(world, 11)
                assert not first.done()
            stopped = monotonic()
            await world.post(*movements(10))
            await until_kept(world, 21)
            assert monotonic() - stopped < TAKEOVER_SECONDS
            assert not second.done()
    await each_once(world)


async def test_a_recorder_whose_connection_was_cut_gives_way_within_five_seconds(world, database):
    async with Database.open(database) as other_database:
        waiting = World(world.live, world.redis, world.name, world.clock, database=other_database)
        async with recorder(world, database), recorder(waiting, database):
            await until_kept(world, 1)
            connection = await asyncpg.connect(database)
            cut = monotonic()
            assert await connection.fetchval(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_locks"
                " WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database"
                " WHERE datname = current_database())"
            )
            await world.post(*movements(10))
            await until_kept(world, 11)
            assert monotonic() - cut < TAKEOVER_SECONDS
            async with asyncio.timeout(TAKEOVER_SECONDS):
                while await holders(database) != 1:
                    await asyncio.sleep(0.02)  # Postgres can only be asked
            await connection.close()
    await each_once(world)


async def holders(database):
    connection = await asyncpg.connect(database)
    count = await connection.fetchval(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
        " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
    )
    await connection.close()
    return count
