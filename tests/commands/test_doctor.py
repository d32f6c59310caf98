"""The doctor on the real stores: well when they are, and not when somebody has meddled with them."""

import json

import pytest

from capacity.commands.checkup import Verdict
from capacity.commands.doctor import examine
from capacity.commands.stores import Addresses
from tests.world import report, site


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
