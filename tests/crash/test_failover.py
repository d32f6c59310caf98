"""The primary dies under load and a replica takes its place: nothing accepted is lost, and everybody goes on."""

import asyncio
import signal
from pathlib import Path

import pytest

from capacity.commands.doctor import examine
from capacity.commands.stores import Addresses
from capacity.errors import StoreUnavailable
from tests.crash.failover import fail_over, house
from tests.valkeys import watched
from tests.world import report, site, world_of

pytestmark = pytest.mark.crash

DOWN_AFTER_MS = 600
PATIENCE_SECONDS = 30
POOL = "halte.women"


async def test_a_primary_killed_under_load_loses_nothing_that_was_accepted(engine_folder: Path, database: str):
    with watched(engine_folder, down_after_ms=DOWN_AFTER_MS) as fleet:
        async with house(fleet, database) as (serve, token):
            outcome = await fail_over(fleet, database, serve, token)
    assert outcome.breaches == []
    assert outcome.accepted > 200
    assert outcome.silence_seconds <= DOWN_AFTER_MS / 1000 + 5


async def test_a_replica_that_lagged_and_is_promoted_is_brought_up_to_the_ledger(
    engine_folder: Path, database: str, territory: str
):
    """Where no success waits for it: what the recorder had taken comes back, and a new epoch tells every reader."""
    with watched(engine_folder, replicas=1, sentinels=1, down_after_ms=DOWN_AFTER_MS) as fleet:
        async with asyncio.timeout(PATIENCE_SECONDS), world_of(fleet.url, database, territory) as world:
            await world.put(site("halte", POOL))
            await world.post(report("count", POOL, occupied=3))
            primary, replica = fleet.nodes
            assert await _of_the_live_store(fleet.url, database) >= {
                "all Sentinels of the address answer (1)",
                "the Sentinels have a quorum and could fail over",
                "the primary has 1 replica, and a success waits for all of them",
                "has the functions of this version",
            }
            fleet.signal(replica, signal.SIGSTOP)
            primary.client.client_kill_filter(_type="replica")
            lost = [report("movement", POOL, delta=1) for _ in range(5)]
            await world.post(*lost)
            recorded = await world.recording.catch_up(territory)
            before, rows = await world.live.position(territory), await world.rows()
            fleet.kill(primary)
            fleet.signal(replica, signal.SIGCONT)
            while (position := await _position(world)) is None:
                await asyncio.sleep(0.02)
            assert position == (before[0], recorded - len(lost))

            assert list(await world.registering.mend()) == [territory]
            epoch, seq = await world.live.position(territory)
            assert (epoch != before[0], seq) == (True, recorded)
            assert await world.rows() == rows
            assert {result["outcome"] for result in await world.post(*lost)} == {"duplicate"}
            await world.post(report("movement", POOL, delta=1))
            assert await world.recording.catch_up(territory) == recorded + 1


async def _of_the_live_store(url: str, database: str) -> set[str]:
    """What the doctor says of it."""
    findings = await examine(Addresses(url, database, "the stores of the test", min_replicas=1))
    return {each.said for each in findings if each.subject == "live store"}


async def _position(world) -> tuple[str, int] | None:
    """Where the territory stands on the server that takes writes; None while there is none."""
    try:
        await world.live.confirm()
        return await world.live.position(world.name)
    except StoreUnavailable:
        return None
