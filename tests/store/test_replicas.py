"""Accepted means kept on a replica too, where that is asked for. Law 6, on a real primary with a real replica."""

import asyncio
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path

import pytest

from capacity.errors import InDoubt, ReplicaAway, StoreUnavailable
from capacity.processes.engines.running import running
from capacity.store import keeping
from tests.valkeys import Node, confirms, free_ports, wait_until
from tests.world import report, standing_on

POOL = "halte.women"


@dataclass
class Pair:
    primary: Node
    replica: Node
    pid: int

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.primary.port}"

    def stop_the_replica(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def let_it_go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


@pytest.fixture(scope="module")
def both() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory(prefix="capacity-test-", ignore_cleanup_errors=True) as name, ExitStack() as stack:
        ports = free_ports(2)
        primary = Node(Path(name), ports[0])
        replica = Node(Path(name), ports[1], {"replicaof": f"127.0.0.1 {ports[0]}"})
        stack.enter_context(running(primary))
        pid = stack.enter_context(running(replica)).pid
        wait_until(lambda: confirms(primary, 1), "the replica follows")
        yield Pair(primary, replica, pid)


@pytest.fixture
def pair(both: Pair, monkeypatch) -> Iterator[Pair]:
    monkeypatch.setattr(keeping, "REPLICA_SECONDS", 0.3)
    yield both
    both.let_it_go_on()


@pytest.fixture
async def ground(pair, territory):
    async with standing_on(pair.url, territory, min_replicas=1) as ground:
        await ground.open(POOL)
        yield ground


async def until_confirmed(ground) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                return await ground.live.confirm()
            except StoreUnavailable:
                continue


async def test_a_success_is_on_the_disk_of_the_replica(ground, pair):
    assert await ground.live.mode() == "fsync always, and on the disk of 1 replica (1 there)"
    before = pair.primary.client.info("commandstats").get("cmdstat_waitaof", {}).get("calls", 0)
    results = await ground.post(*(report("movement", POOL, delta=1) for _ in range(250)))
    assert [result["seq"] for result in results] == list(range(2, 252))
    assert pair.primary.client.info("commandstats")["cmdstat_waitaof"]["calls"] - before <= 3  # a turn, not a command
    assert pair.replica.client.hget(ground.keys.meta, "seq") == "251"


async def test_a_replica_that_does_not_answer_leaves_one_turn_in_doubt_and_takes_nothing_after_it(ground, pair):
    doubtful, refused = report("movement", POOL, delta=1), report("movement", POOL, delta=1)
    pair.stop_the_replica()
    with pytest.raises(InDoubt, match="send it again with the same id"):
        await ground.post(doubtful)
    with pytest.raises(ReplicaAway, match="nothing was taken"):
        await ground.post(refused)
    pair.let_it_go_on()
    await until_confirmed(ground)
    (again,) = await ground.post(doubtful)
    assert (again["outcome"], again["seq"]) == ("duplicate", 2)
    (taken,) = await ground.post(refused)
    assert (taken["outcome"], taken["seq"]) == ("applied", 3)


async def test_a_first_answer_is_not_told_again_before_the_replica_has_it(ground, pair, territory):
    """Who resends on another connection writes nothing there, and WAITAOF alone would have nothing to wait for."""
    said = report("movement", POOL, delta=1)
    async with standing_on(pair.url, territory, min_replicas=1) as other:
        await other.live.confirm()
        pair.stop_the_replica()
        with pytest.raises(InDoubt):
            await ground.post(said)
        with pytest.raises(StoreUnavailable):
            await other.post(said)
        pair.let_it_go_on()
        await until_confirmed(other)
        assert [result["outcome"] for result in await other.post(said)] == ["duplicate"]


async def test_what_the_replica_does_not_have_is_neither_shown_nor_recorded(ground, pair):
    await ground.post(report("count", POOL, occupied=1))
    seq = await ground.seq()
    pair.stop_the_replica()
    with pytest.raises(InDoubt):
        await ground.post(report("count", POOL, occupied=2))
    assert await ground.seq() == seq + 1
    async with aclosing(ground.live.follow(ground.name, seq)) as following:
        with pytest.raises(ReplicaAway):
            await anext(following)
    for since in (0, seq):
        with pytest.raises(ReplicaAway):
            await ground.live.rows_since(ground.name, since)
    assert (await ground.live.rows_since(ground.name, seq + 1)).rows == []  # nothing to confirm
    pair.let_it_go_on()
    await until_confirmed(ground)
    async with aclosing(ground.live.follow(ground.name, seq)) as following:
        assert [entry.seq for entry in await anext(following)] == [seq + 1]
    assert list(await ground.rows(since=seq)) == [POOL]


async def test_a_primary_without_its_replica_takes_nothing_from_the_start(pair, territory):
    pair.stop_the_replica()
    async with standing_on(pair.url, territory, min_replicas=1) as ground:
        with pytest.raises(ReplicaAway):
            await ground.open(POOL)
        assert await ground.live.position(territory) is None


async def test_without_the_wish_the_mode_says_what_a_failover_may_lose(pair, territory):
    async with standing_on(pair.url, territory) as ground:
        assert "no success waits for the 1 replica" in await ground.live.mode()
        pair.stop_the_replica()
        await ground.open(POOL)
        assert (await ground.post(report("count", POOL, occupied=1)))[0]["outcome"] == "applied"


async def test_a_server_that_has_become_a_replica_is_left_for_another(ground, pair):
    """By an address that moves: a name, or a proxy."""
    ground.live._ways.all()[0].gathering._replicas = 0
    connection = ground.live._ways.all()[0].gathering._connection
    pair.primary.client.replicaof("127.0.0.1", pair.replica.port)
    try:
        with pytest.raises(StoreUnavailable):
            await ground.post(report("count", POOL, occupied=1))
        assert ground.live._ways.all()[0].gathering._connection is not connection
    finally:
        pair.primary.client.replicaof("NO", "ONE")
        wait_until(lambda: confirms(pair.primary, 1), "the replica follows again")
