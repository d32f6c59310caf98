"""Tries that wait longer and longer, counted in the live store."""

import asyncio

import pytest

from capacity.errors import TooManyTries
from capacity.services.limiting import Limiting
from capacity.store.doors import DoorStore
from tests.world import DAY_MS, new_id, standing_on


@pytest.fixture
async def ground(redis_url, territory):
    async with standing_on(redis_url, territory) as ground:
        yield ground


@pytest.fixture
def limiting(ground):
    return Limiting(DoorStore(ground.live), clock=ground.clock)


async def wait_of(limiting, kind, subject):
    try:
        await limiting.attempt(kind, subject)
    except TooManyTries as refused:
        return refused.retry_seconds
    return 0


async def test_five_are_free_then_each_waits_twice_as_long(limiting, ground):
    subject = new_id()
    assert [await wait_of(limiting, "anything", subject) for _ in range(6)] == [0, 0, 0, 0, 0, 1]
    ground.clock.forward(1000)
    assert [await wait_of(limiting, "anything", subject) for _ in range(3)] == [0, 2, 2]


async def test_tries_at_once_count_each(limiting):
    subject = new_id()
    waits = await asyncio.gather(*(wait_of(limiting, "anything", subject) for _ in range(40)))
    assert sorted(waits)[:6] == [0, 0, 0, 0, 0, 1]


async def test_kinds_and_subjects_are_counted_apart(limiting):
    subject = new_id()
    for _ in range(6):
        await wait_of(limiting, "anything", subject)
    assert await wait_of(limiting, "something else", subject) == 0
    assert await wait_of(limiting, "anything", new_id()) == 0


async def test_a_right_try_is_taken_back_alone_or_with_those_before(limiting):
    subject = new_id()
    for _ in range(30):
        assert await wait_of(limiting, "anything", subject) == 0
        await limiting.forgive("anything", subject)
    for _ in range(5):
        await wait_of(limiting, "anything", subject)
    await limiting.forgive("anything", subject)
    assert [await wait_of(limiting, "anything", subject) for _ in range(2)] == [0, 1]
    await limiting.forget("anything", subject)
    assert [await wait_of(limiting, "anything", subject) for _ in range(6)] == [0, 0, 0, 0, 0, 1]


async def test_what_is_kept_names_nobody_and_ends(limiting, ground):
    subject = f"{new_id()}@siao.example"
    before = {name async for name in ground.redis.scan_iter("{access}:tries:*", count=10_000)}
    await limiting.attempt("account", subject)
    [key] = {name async for name in ground.redis.scan_iter("{access}:tries:*", count=10_000)} - before
    assert subject.encode() not in key
    assert 0 < await ground.redis.pttl(key) <= DAY_MS
