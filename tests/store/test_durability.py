"""Accepted means kept, also on a store that is laxer than ours. Law 6."""

import pytest

from capacity.errors import StoreNotDurable
from tests.world import report, standing_on

POOL = "halte.women"


@pytest.fixture
async def ground(valkey_of_its_own, territory):
    engine, _ = valkey_of_its_own()
    async with standing_on(engine.url, territory) as ground:
        await ground.open(POOL)
        yield ground


async def test_a_store_that_syncs_before_it_answers_is_not_waited_for(ground):
    assert await ground.live.check_durability() == "fsync always"


async def test_a_laxer_store_is_waited_for(ground):
    await ground.redis.config_set("appendfsync", "everysec")
    assert await ground.live.check_durability() == "waits for the disk"
    results = await ground.post(report("count", POOL, occupied=3), report("movement", POOL, delta=1))
    assert [result["outcome"] for result in results] == ["applied", "late"]
    waited = await ground.redis.info("commandstats")
    assert waited["cmdstat_waitaof"]["calls"] == 1
    assert (await ground.rows())[POOL]["occupied"] == 3


async def test_a_store_that_writes_nothing_to_disk_takes_nothing(ground):
    await ground.redis.config_set("appendonly", "no")
    with pytest.raises(StoreNotDurable):
        await ground.live.prepare()
    before = await ground.everything()
    with pytest.raises(StoreNotDurable):
        await ground.post(report("count", POOL, occupied=3))
    assert await ground.everything() == before
    await ground.redis.config_set("appendonly", "yes")
    await ground.live.prepare()
    assert (await ground.post(report("count", POOL, occupied=3)))[0]["outcome"] == "applied"
