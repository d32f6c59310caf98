"""Expiring goes on whatever else does not: a hold ends within a second of its time. Law 5."""

import asyncio
import time
from contextlib import asynccontextmanager, suppress

import pytest

from capacity.errors import LedgerUnavailable
from capacity.services import expiring
from capacity.services.expiring import Expiring
from capacity.store.holds import HoldStore
from tests.store.test_holds_edges import hold
from tests.world import MINUTE_MS, Ground, standing_on

WOMEN = "halte.women"


@pytest.fixture
async def ground(redis_url, territory):
    async with standing_on(redis_url, territory) as ground:
        await ground.open(WOMEN)
        yield ground


@asynccontextmanager
async def running(ground, territories):
    """Expiring as `serve` runs it; answers a queue of what it is told to have ended."""
    ended: asyncio.Queue[int] = asyncio.Queue()
    task = asyncio.create_task(Expiring(ground.live, territories, clock=ground.clock, observe=ended.put_nowait).run())
    try:
        yield ended
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def the_time_is_over(ground, ended):
    """Make a hold, let its time be over, and wait for its end, of a second at most."""
    hold_id = await hold(ground, HoldStore(ground.live), 1)
    ground.clock.forward(5 * MINUTE_MS)
    started = time.monotonic()
    async with asyncio.timeout(5):
        await ended.get()
    assert time.monotonic() - started < 1.0
    found = await HoldStore(ground.live).hold(ground.name, hold_id)
    assert b'"state":"expired"' in found.hold


async def test_holds_end_while_the_registry_hangs(ground, monkeypatch):
    monkeypatch.setattr(expiring, "LIST_SECONDS", 0.01)
    hanging = asyncio.Event()
    answers = iter([[ground.name]])

    async def territories():
        answer = next(answers, None)
        if answer is None:
            hanging.set()
            await asyncio.Event().wait()
        return answer

    async with running(ground, territories) as ended:
        await hanging.wait()
        await the_time_is_over(ground, ended)


async def test_holds_end_though_the_registry_was_away_from_the_start(ground):
    async def territories():
        raise LedgerUnavailable

    async with running(ground, territories) as ended:
        await the_time_is_over(ground, ended)


async def test_holds_end_while_the_registry_hangs_from_the_start(ground):
    async with running(ground, asyncio.Event().wait) as ended:
        await the_time_is_over(ground, ended)


async def test_a_territory_in_which_many_end_keeps_no_other_waiting(ground, redis_url):
    crowded = Ground(ground.live, ground.redis, ground.name + "-crowded", ground.clock)
    await crowded.open(WOMEN)
    slow = asyncio.Event()
    live_call = ground.live.call

    async def call(function, keys, args):
        if function == "hold_expire_v1" and crowded.name in keys[0]:
            slow.set()
            await asyncio.Event().wait()
        return await live_call(function, keys, args)

    async def territories():
        return [crowded.name, ground.name]

    ground.live.call = call
    async with running(ground, territories) as ended:
        await slow.wait()
        await the_time_is_over(ground, ended)


async def test_a_territory_whose_look_failed_is_looked_at_again(ground):
    looks = 0
    live_call = ground.live.call

    async def call(function, keys, args):
        nonlocal looks
        if function == "hold_expire_v1":
            looks += 1
            if looks == 1:
                raise expiring.StoreUnavailable
        return await live_call(function, keys, args)

    async def territories():
        return [ground.name]

    ground.live.call = call
    async with running(ground, territories) as ended:
        await the_time_is_over(ground, ended)
    assert looks > 1
