"""Searches on the real stores: what the registry, the board and the holds say together."""

import asyncio

import pytest

from capacity.board.needs import Household
from capacity.board.search import Question
from capacity.errors import LedgerUnavailable, StoreUnavailable, UnknownTerritory
from capacity.services.broadcasting import Hub
from capacity.services.channel import Pace
from capacity.services.directory import LOOK_MS
from capacity.services.finding import Finding
from capacity.vocabulary.words import Channel, Trait
from capacity.wire.parties import Party
from tests.serving import in_one_task
from tests.world import MINUTE_MS, report, site, world_of

WOMAN = Question(Household(women=1))


@pytest.fixture
async def world(redis_url, database, territory):
    async with in_one_task(world_of(redis_url, database, territory)) as world:
        yield world


@pytest.fixture
async def hub(world):
    async with in_one_task(Hub.open(world.live, Pace(clock=world.clock))) as hub:
        yield hub


@pytest.fixture
def counted():
    """The empty searches that were counted."""
    return []


@pytest.fixture
def finding(world, hub, counted):
    async def count(*said):
        counted.append(said)

    return Finding(hub, world.directories, clock=world.clock, count_empty=count)


async def found(finding, world, question=WOMAN):
    findings = await finding.find(world.name, question)
    return [option.fit.lines[0].candidate.lodging.pool_id for option in findings.options]


async def until(finding, world, expected, question=WOMAN):
    """The feed brings what was reported a moment later."""
    async with asyncio.timeout(5):
        while await found(finding, world, question) != expected:
            await asyncio.sleep(0.01)


async def test_what_is_reported_and_edited_is_found(finding, world):
    await world.put(site("a", "a.1"))
    await until(finding, world, ["a.1"])
    await world.put(site("b", "b.1", {"id": "b.2", "audience": "men"}))
    await until(finding, world, ["a.1", "b.1"])
    await world.post(report("count", "b.1", occupied=3))  # now a.1 alone is unknown
    await until(finding, world, ["b.1", "a.1"])
    await world.post(report("count", "b.1", occupied=10), report("status", "a.1", status="closed"))
    await until(finding, world, [])
    await world.put(site("b", {"id": "b.3", "capacity": 3}))
    await until(finding, world, ["b.3"])
    await world.registering.close(world.name, "b")
    await until(finding, world, [])


async def test_an_edit_that_the_board_does_not_show_is_seen_within_two_seconds(finding, world):
    await world.put(site("a", "a.1"))
    await until(finding, world, ["a.1"])
    await world.put(site("a", {"id": "a.1", "traits": ["pets"]}))
    pets = Question(Household(women=1), traits=frozenset({Trait.PETS}))
    world.clock.forward(LOOK_MS)
    assert await found(finding, world, pets) == ["a.1"]


async def test_a_pool_that_moves_to_another_site_is_found_there(finding, world):
    await world.put(site("a", "p"))
    await until(finding, world, ["p"])
    await world.registering.import_sites(world.name, None, [site("a"), site("b", "p")])
    async with asyncio.timeout(5):
        while (await finding.find(world.name, WOMAN)).options[0].place.shelter.site_id != "b":
            await asyncio.sleep(0.01)


async def test_while_postgres_is_away_it_answers_from_memory(finding, world, monkeypatch):
    await world.put(site("a", "a.1"))
    await until(finding, world, ["a.1"])

    async def away(_territory):
        raise LedgerUnavailable

    monkeypatch.setattr(world.registry, "standing", away)
    world.clock.forward(MINUTE_MS)
    assert await found(finding, world) == ["a.1"]
    other = Finding(finding._hub, type(world.directories)(world.registry, clock=world.clock), clock=world.clock,
                    count_empty=None)  # fmt: skip
    with pytest.raises(LedgerUnavailable):
        await other.find(world.name, WOMAN)


async def test_a_postgres_that_hangs_keeps_one_search_waiting_not_all(finding, world, monkeypatch):
    await world.put(site("a", "a.1"))
    await until(finding, world, ["a.1"])
    asked = asyncio.Event()

    async def hang(_territory):
        asked.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(world.registry, "standing", hang)
    world.clock.forward(MINUTE_MS)
    waiting = asyncio.create_task(found(finding, world))
    await asked.wait()
    async with asyncio.timeout(2):
        assert await found(finding, world) == ["a.1"]
    waiting.cancel()


async def test_an_empty_answer_is_counted_and_no_other(finding, world, counted):
    await world.put(site("a", "a.1"))
    await until(finding, world, ["a.1"])
    counted.clear()
    traits = frozenset({Trait.PETS})
    await finding.find(world.name, Question(Household(1, 0, 2), traits, channel=Channel.MARAUDE))
    await finding.find(world.name, WOMAN)
    assert counted == [(world.name, Party(women=1, children=2), traits, Channel.MARAUDE)]


@pytest.mark.parametrize("failure", [StoreUnavailable(), None])
async def test_what_cannot_be_counted_is_answered_all_the_same(world, hub, failure, monkeypatch):
    monkeypatch.setattr("capacity.services.finding.COUNTING_SECONDS", 0.01)

    async def fail(*_said):
        if failure:
            raise failure
        await asyncio.Event().wait()

    await world.put(site("a", "a.1"))
    finding = Finding(hub, world.directories, clock=world.clock, count_empty=fail)
    assert (await finding.find(world.name, Question(Household(men=1)))).options == []


async def test_a_territory_that_nobody_has_is_unknown(finding):
    with pytest.raises(UnknownTerritory):
        await finding.find("nowhere", WOMAN)
