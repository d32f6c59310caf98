"""The doctor on the real stores: well when they are, and not when somebody has meddled with them."""

import asyncio
import json

import pytest
from redis.asyncio import Redis

from capacity.board.clocks import system_clock
from capacity.commands.checkup import Verdict
from capacity.commands.doctor import examine
from capacity.commands.rebuild import Wish as Rebuild
from capacity.commands.rebuild import run as rebuild
from capacity.commands.stores import Addresses
from capacity.errors import StartFailed
from capacity.store import inspection
from capacity.store.promises import Promises, promises_now
from tests.lives import POOLS, Life
from tests.world import HOUR_MS, MINUTE_MS, report, site


@pytest.fixture
async def examined(world, redis_url, database):
    """What is wrong with this test's territory; the stores are shared with other tests."""
    await world.put(site("halte", "halte.women", "halte.men"))
    await world.post(report("count", "halte.women", occupied=4), report("movement", "halte.women", delta=1))
    await world.recording.catch_up(world.name)

    async def examined():
        findings = await examine(Addresses(redis_url, database, "the stores of the test"))
        ours = [each for each in findings if each.subject == f"territory {world.name}"]
        assert len(ours) >= 5
        return [each.said for each in ours if each.verdict is not Verdict.GOOD]

    return examined


async def test_a_territory_in_use_is_well(examined):
    assert await examined() == []


async def test_a_pool_that_was_taken_off_the_board_is_well(examined, world):
    await world.put(site("halte", "halte.women"))
    await world.recording.catch_up(world.name)
    assert await examined() == []


async def test_a_row_that_somebody_wrote_by_hand_is_found(examined, world):
    row = (await world.rows())["halte.women"]
    await world.redis.hset(world.keys.rows, "halte.women", json.dumps({**row, "free": 9}))
    (said,) = await examined()
    assert "law 1" in said
    assert "halte.women" in said


async def test_a_command_that_vanished_from_the_ledger_is_found(examined, world):
    async with world.database.connection() as connection:
        await connection.execute("DELETE FROM ledger WHERE territory = $1 AND seq = 2", world.name)
    assert await examined() == ["ledger: gaps after 1"]


async def test_commands_that_wait_for_the_recorder_are_counted(examined, world):
    await world.post(report("count", "halte.men", occupied=1))
    assert await examined() == ["ledger: 1 commands behind"]


async def test_a_pool_that_the_board_forgot_is_found(examined, world):
    await world.redis.hdel(world.keys.rows, "halte.men")
    await world.redis.zrem(world.keys.stamps, "halte.men")
    (said,) = await examined()
    assert said == "registry: 1 pools registered and not on the board: halte.men"


async def test_of_a_long_ledger_only_the_end_is_looked_at_and_the_doctor_says_so(examined, world, monkeypatch):
    await world.post(*(report("movement", "halte.women", delta=1) for _ in range(6)))
    await world.recording.catch_up(world.name)
    monkeypatch.setattr(inspection, "NUMBERS_LOOKED_AT", 4)
    assert await examined() == []
    for number, gaps in ((2, []), (9, ["ledger: gaps after 8"]), (7, ["ledger: gaps after 6, 8"])):
        async with world.database.connection() as connection:
            await connection.execute("DELETE FROM ledger WHERE territory = $1 AND seq = $2", world.name, number)
        assert await examined() == gaps


@pytest.fixture
async def promising(examined, world):
    """Two holds that last another hour by the real clock, one of them in both pools."""
    world.clock.now_ms = system_clock()
    life = Life(world)
    await life._put()
    await life.hold(dict.fromkeys(POOLS, 1), 60, "115")
    await life.hold({POOLS[0]: 2}, 60, "site")
    await world.recording.catch_up(world.name)
    return life


async def test_holds_that_last_and_holds_that_ended_are_well(examined, promising, world):
    assert await examined() == []
    await promising.arrive(0, fewer=False)
    await promising.keep(POOLS[1], "site", 2, 60)
    await world.recording.catch_up(world.name)
    assert await examined() == []


async def test_a_promise_that_somebody_changed_by_hand_is_found(examined, promising, world):
    keys, (hold_id, _) = world.keys, promising.holds[1]
    await world.redis.srem(keys.promises(POOLS[0]), hold_id)
    await world.redis.zincrby(keys.holds, 1, hold_id)
    await world.redis.hset(keys.codes, "ABCD", hold_id)
    await world.redis.hset(keys.hold(hold_id), "lines", f"{POOLS[0]}=3")
    assert await examined() == [
        f"holds: `held` is not the sum of the active holds: {POOLS[0]} (3, not 4), {POOLS[0]} (2, not 3)",
        f"holds: pools are kept with other holds than have places there: {POOLS[0]}",
        "holds: codes lead to another hold than has them: ABCD",
        f"holds: holds are awaited at another moment than their end: {hold_id}",
    ]


async def test_a_hold_that_nobody_ended_is_found(examined, promising, world):
    world.clock.now_ms = system_clock() - HOUR_MS
    await promising.hold({POOLS[0]: 1}, 59, "115")
    await world.recording.catch_up(world.name)
    hold_id = promising.holds[2][0]
    assert await examined() == [f"holds: their time is over and nobody ended them: {hold_id}"]


async def test_a_hold_that_comes_while_the_others_are_read_is_read_too(promising, world, redis_url, monkeypatch):
    async with Redis.from_url(redis_url, decode_responses=True) as client:
        at_once = client.hvals

        async def hvals(key):
            codes = await at_once(key)
            if len(promising.holds) == 2:
                await promising.hold({POOLS[0]: 1}, 60, "115")
            return codes

        monkeypatch.setattr(client, "hvals", hvals)
        found = await promises_now(client, world.name)
    assert isinstance(found, Promises)
    assert set(found.ends) == {hold_id for hold_id, _ in promising.holds}
    assert len(found.holds) == 3
    assert found.held[POOLS[0]]["held"] == 4
    assert min(found.ends.values()) > found.now_ms + 59 * MINUTE_MS


async def test_the_whole_store_is_looked_at_in_one_go(examined, redis_url, database):
    findings = await examine(Addresses(redis_url, database, ""))
    subjects = [each.subject for each in findings]
    assert {"live store", "ledger", "recorder"} < set(subjects)
    assert any("nobody holds its lock" in each.said for each in findings), "no recorder runs in the tests"


async def test_stores_that_are_away_are_findings():
    findings = await examine(Addresses("redis://127.0.0.1:9/0", "postgresql://127.0.0.1:9/none", ""))
    assert [(each.subject, each.verdict) for each in findings] == [
        ("live store", Verdict.BAD),
        ("ledger", Verdict.BAD),
    ]


# Two stores that are not, or no longer, of one history


async def put_back(world, snapshot):
    await world.redis.delete(*await world.everything())
    for key, value in snapshot.items():
        await world.redis.restore(key, 0, value)


async def findings_of(world, redis_url, database):
    found = await examine(Addresses(redis_url, database, "the stores of the test"))
    return {
        each.said: each.advice
        for each in found
        if each.subject == f"territory {world.name}" and each.verdict is Verdict.BAD
    }


async def test_a_live_store_that_is_lost_is_found_and_serve_is_the_remedy(examined, world, redis_url, database):
    await world.redis.delete(*await world.everything())
    found = await findings_of(world, redis_url, database)
    assert "capacity serve" in found["stores: the live store does not have this territory"]


async def test_a_live_store_that_is_older_is_found_and_serve_is_the_remedy(examined, world, redis_url, database):
    old = await world.everything()
    await world.post(report("movement", "halte.women", delta=1))
    await world.recording.catch_up(world.name)
    await put_back(world, old)
    found = await findings_of(world, redis_url, database)
    assert "capacity serve" in found["stores: the live store is an older state of the ledger"]


async def test_stores_that_went_apart_are_found_and_rebuilding_is_for_a_person_to_decide(
    examined, world, redis_url, database, monkeypatch, tmp_path
):
    old = await world.everything()
    await world.post(report("movement", "halte.women", delta=1))
    await world.recording.catch_up(world.name)
    await put_back(world, old)
    lost = report("movement", "halte.women", delta=2)
    await world.post(lost)
    found = await findings_of(world, redis_url, database)
    assert f"capacity rebuild -t {world.name} --discard" in found["stores: not of one history"]

    monkeypatch.setenv("CAPACITY_REDIS_URL", redis_url)
    monkeypatch.setenv("CAPACITY_DATABASE_URL", database)
    lacking = tmp_path / "lacking.jsonl"
    with pytest.raises(StartFailed, match="that the ledger lacks"):
        await asyncio.to_thread(rebuild, Rebuild(world.name, discard=False, lacking=lacking, data=None))
    await asyncio.to_thread(rebuild, Rebuild(world.name, discard=True, lacking=lacking, data=None))
    assert [json.loads(line)["id"] for line in lacking.read_text().splitlines()] == [lost["id"]]
    assert await findings_of(world, redis_url, database) == {}
    assert (await world.rows())["halte.women"]["occupied"] == 4


async def test_a_ledger_that_is_older_for_good_is_found_with_both_remedies(examined, world, redis_url, database):
    async with world.database.connection() as connection:
        await connection.execute("DELETE FROM ledger WHERE territory = $1 AND seq > 2", world.name)
        await connection.execute("UPDATE cursors SET seq = 2 WHERE territory = $1", world.name)
    await world.redis.xtrim(world.keys.stream, minid="4-0", approximate=False)
    await world.post(report("movement", "halte.women", delta=1))
    found = await findings_of(world, redis_url, database)
    advice = found["stores: the ledger is older than the live store, and cannot catch up"]
    assert "Restore a newer one" in advice
    assert "capacity rebuild" in advice
