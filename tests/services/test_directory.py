"""The registry in memory: who asks Postgres when, and who waits for it."""

import asyncio

import pytest

from capacity.errors import LedgerUnavailable, UnknownTerritory
from capacity.services.directory import LOOK_MS, Directories
from capacity.store.registry import Belonging, Standing
from tests.world import HandClock, site


class Registry:
    """A registry whose answers a test holds back."""

    def __init__(self):
        self.version_now, self.sites_now = 1, [site("a", "a.1")]
        self.asked = 0
        self.failure = None
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def standing(self, territory):
        self.asked += 1
        version = self.version_now
        await self.may_answer.wait()
        if self.failure:
            raise self.failure
        if territory != "75":
            raise UnknownTerritory
        return Standing(version, True)

    async def belongings(self, _territory):
        return {pool.id: Belonging(one.id, one.visibility) for one in self.sites_now for pool in one.pools}

    async def opaque_key(self):
        return b"a key"

    async def sites(self, _territory):
        return self.sites_now


@pytest.fixture
def registry():
    return Registry()


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def directories(registry, clock):
    return Directories(registry, clock=clock)


def edited(registry):
    registry.version_now += 1
    registry.sites_now = [site("a", "a.1"), site("b", "b.1")]


async def test_the_registry_is_asked_anew_every_two_seconds_and_read_only_when_it_was_edited(
    directories, registry, clock
):
    first = await directories.of("75")
    clock.forward(LOOK_MS - 1)
    assert await directories.of("75") is first
    assert registry.asked == 1
    clock.forward(1)
    assert await directories.of("75") is first
    edited(registry)
    clock.forward(LOOK_MS)
    second = await directories.of("75")
    assert (second.has("b.1", "b"), second.has("b.1", "a"), first.has("b.1", "b")) == (True, False, False)


async def test_a_doubt_is_looked_into_at_once(directories, registry):
    await directories.of("75")
    edited(registry)
    directories.doubt("75")
    assert (await directories.of("75")).has("b.1", "b")
    await directories.of("75")
    assert registry.asked == 2


async def test_a_doubt_that_comes_while_somebody_looks_is_looked_into_again(directories, registry, clock):
    await directories.of("75")
    clock.forward(LOOK_MS)
    registry.may_answer.clear()
    looking = asyncio.create_task(directories.of("75"))
    while registry.asked < 2:
        await asyncio.sleep(0)
    edited(registry)  # after the version was read
    directories.doubt("75")
    doubting = asyncio.create_task(directories.of("75"))
    await asyncio.sleep(0)
    registry.may_answer.set()
    assert not (await looking).has("b.1", "b")
    assert (await doubting).has("b.1", "b")


async def test_while_one_asks_the_others_have_what_is_known(directories, registry, clock):
    first = await directories.of("75")
    clock.forward(LOOK_MS)
    registry.may_answer.clear()
    looking = asyncio.create_task(directories.of("75"))
    while registry.asked < 2:
        await asyncio.sleep(0)
    async with asyncio.timeout(2):
        assert await directories.of("75") is first
    registry.may_answer.set()
    await looking


async def test_while_postgres_is_away_it_is_as_last_known(directories, registry, clock):
    first = await directories.of("75")
    registry.failure = LedgerUnavailable()
    clock.forward(LOOK_MS)
    assert await directories.of("75") is first
    directories.doubt("75")
    assert await directories.of("75") is first
    other = Directories(registry, clock=clock)
    with pytest.raises(LedgerUnavailable):
        await other.of("75")


async def test_names_that_nobody_has_leave_nothing_behind(directories):
    with pytest.raises(UnknownTerritory):
        await directories.of("nowhere")
    assert not directories._looking
