"""Territories spread over the primaries of a cluster, each with its stream; functions are wherever they are called."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest
from redis.crc import key_slot

from capacity.commands.checkup import Verdict
from capacity.commands.checkup_copies import check_copies
from capacity.errors import StoreUnavailable
from capacity.store.cluster import slot_of
from capacity.store.doors import DoorStore
from capacity.store.inspection import inspect_live
from capacity.store.keys import Keys
from tests.valkeys import Cluster, cluster, wait_until
from tests.world import Ground, HandClock, report, standing_on

POOL = "halte.women"
TERRITORIES = ["75", "13", "69", "33", "59", "2A"]


@pytest.fixture(scope="module")
def nodes() -> Iterator[Cluster]:
    with (
        tempfile.TemporaryDirectory(prefix="capacity-test-", ignore_cleanup_errors=True) as name,
        cluster(Path(name)) as nodes,
    ):
        yield nodes


@pytest.fixture
async def grounds(nodes):
    """Six territories, on all three primaries, by one LiveStore."""
    async with standing_on(nodes.url, TERRITORIES[0]) as ground:
        yield [Ground(ground.live, ground.redis, name, HandClock()) for name in TERRITORIES]


def owner_of(nodes: Cluster, name: str):
    return nodes.owner(slot_of(Keys.of(name).meta))


@pytest.mark.parametrize("key", ["{75}:meta", "guard:{7}", "plain", "{}x", "{a", "a}b{c}", "{{x}y}", "é{ü}"])
def test_the_slot_of_a_key_is_that_of_the_servers(key):
    assert slot_of(key) == key_slot(key.encode())


async def test_territories_on_different_primaries_are_written_read_and_followed(nodes, grounds):
    assert len({owner_of(nodes, name).port for name in TERRITORIES}) == 3
    await asyncio.gather(*(ground.open(POOL) for ground in grounds))
    told = await asyncio.gather(*(ground.post(report("count", POOL, occupied=3)) for ground in grounds))
    assert [result["outcome"] for (result,) in told] == ["applied"] * 6
    for ground in grounds:
        assert (await ground.rows())[POOL]["occupied"] == 3
        async with aclosing(ground.live.follow(ground.name, 0)) as following:
            assert [entry.seq for entry in await anext(following)] == [1, 2]
    assert {*TERRITORIES} <= {*await grounds[0].live.territories()}
    assert await DoorStore(grounds[0].live).attempt("d", 0, free=3, first_ms=1, longest_ms=2, kept_seconds=60) == 0


async def test_the_doctor_sees_each_primary_with_its_replica(nodes, grounds):
    await grounds[0].open(POOL)
    facts = await inspect_live(nodes.url)
    servers = (facts, *facts.others)
    assert len({each.library for each in servers}) == 1
    assert TERRITORIES[0] in facts.territories
    found = list(check_copies([each.copies for each in servers], 1))
    assert [each.verdict for each in found] == [Verdict.DOUBTFUL, Verdict.GOOD] * 3  # one replica each, and no other


async def test_a_node_that_has_lost_the_functions_is_given_them_where_it_is_asked(nodes, grounds):
    ground = grounds[1]
    await ground.open(POOL)
    owner_of(nodes, ground.name).client.function_flush("SYNC")
    assert (await ground.post(report("count", POOL, occupied=4)))[0]["outcome"] in ("applied", "late")
    assert POOL in await ground.rows()


async def test_a_slot_that_moved_is_found_again(nodes, grounds):
    """What a slot has been moved to is told by the node that had it; nobody sees more of it than a moment."""
    ground = Ground(grounds[0].live, grounds[0].redis, "moves", HandClock())
    slot = slot_of(ground.keys.meta)
    here = nodes.owner(slot)
    there = next(node for node in nodes.nodes[:3] if node.port != here.port)
    for node in (there, here):
        await asyncio.to_thread(node.client.execute_command, "CLUSTER", "SETSLOT", slot, "NODE", there.node_id)
    await ground.open(POOL)
    assert (await ground.post(report("count", POOL, occupied=5)))[0]["seq"] == 2
    assert there.client.hget(ground.keys.meta, "seq") == "2"


async def test_a_primary_that_dies_leaves_the_others_alone_and_its_replica_goes_on(nodes, grounds):
    await asyncio.gather(*(ground.open(POOL) for ground in grounds))
    lost = owner_of(nodes, TERRITORIES[0])
    spared = next(ground for ground in grounds if owner_of(nodes, ground.name).port != lost.port)
    epoch, seq = await grounds[0].live.position(TERRITORIES[0])
    wait_until(lambda: nodes.copy_has(lost, grounds[0].keys.meta, seq), "the replica has it")
    nodes.kill(lost)
    assert (await spared.post(report("movement", POOL, delta=1)))[0]["seq"] >= 1
    said, result = report("movement", POOL, delta=1), None
    async with asyncio.timeout(30):
        while result is None:
            try:
                (result,) = await grounds[0].post(said)
            except StoreUnavailable:
                await asyncio.sleep(0.05)
    assert result["seq"] == seq + 1
    assert await grounds[0].live.position(TERRITORIES[0]) == (epoch, seq + 1)
    assert owner_of(nodes, TERRITORIES[0]).port != lost.port
