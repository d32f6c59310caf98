"""Whoever reports for some sites only reports for no other. Law 10."""

import pytest

from capacity.board.access import Grant
from capacity.errors import LedgerUnavailable
from capacity.vocabulary.roles import Role
from tests.serving import in_one_task
from tests.world import may_report, report, site, world_of

HALTE = Grant(Role.INTEGRATION, frozenset({"halte"}))


@pytest.fixture
async def world(redis_url, database, territory):
    async with in_one_task(world_of(redis_url, database, territory)) as world:
        await world.put(site("halte", "halte.women", "halte.men"))
        await world.put(site("gym", "gym.men"))
        await world.put(site("refuge", "refuge.women", visibility="protected"))
        yield world


def told(result):
    return result["problem"]["type"] if result["outcome"] == "rejected" else result["outcome"]


async def test_each_report_of_a_batch_is_judged_by_itself(world):
    pools = ["halte.women", "gym.men", "refuge.women", "no.such", "halte.men"]
    results = await world.post(*(report("count", pool, occupied=3) for pool in pools), grant=HALTE)
    assert [told(result) for result in results] == [
        "applied", "/problems/not-allowed", "/problems/unknown-pool", "/problems/unknown-pool", "applied",
    ]  # fmt: skip
    assert {pool: row["occupied"] for pool, row in (await world.rows()).items()} == {
        "halte.women": 3, "halte.men": 3, "gym.men": 0, "refuge.women": 0,
    }  # fmt: skip


async def test_a_protected_site_of_others_is_told_as_one_that_is_not_there(world):
    unknown, protected = [
        (await world.post(report("count", pool, occupied=3), grant=HALTE))[0] for pool in ("no.such", "refuge.women")
    ]
    assert {**unknown, "id": ""} == {**protected, "id": ""}


async def test_a_refused_report_takes_no_number_and_is_counted(world):
    seq = await world.seq()
    await world.post(report("movement", "gym.men", delta=1), grant=HALTE)
    assert await world.seq() == seq
    assert world.observed == [("movement", "rejected")]


async def test_a_pool_that_was_put_on_the_board_a_moment_ago_is_found(world):
    await world.post(report("count", "halte.women", occupied=3), grant=HALTE)  # the directory is fresh now
    await world.put(site("halte", "halte.women", "halte.men", "halte.families"))
    (result,) = await world.post(report("count", "halte.families", occupied=3), grant=HALTE)
    assert result["outcome"] == "applied"


async def test_without_the_registry_nothing_is_taken_from_who_is_for_some_sites(world, monkeypatch):
    async def away(*_):
        raise LedgerUnavailable

    monkeypatch.setattr(world.registry, "standing", away)
    with pytest.raises(LedgerUnavailable):
        await world.post(report("count", "halte.women", occupied=3), grant=HALTE)
    (result,) = await world.post(report("count", "halte.women", occupied=3))
    assert result["outcome"] == "applied"


async def test_straight_only_goes_what_memory_says_is_within_reach(world):
    asked = []
    body = {pool: b'{"reports":[{"id":"%b","type":"count","pool":"%b","occupied":4}]}' % (
        report("count", pool)["id"].encode(), pool.encode()) for pool in ("halte.women", "gym.men")}  # fmt: skip
    may = may_report(HALTE)

    def goes_straight(pool):
        return world.reporting.begin(world.name, body[pool], may, asked.append)

    await world.post(report("count", "halte.women", occupied=3))
    assert not goes_straight("halte.women")  # nobody has asked for the directory yet
    await world.directories.of(world.name)
    assert goes_straight("halte.women")
    assert not goes_straight("gym.men")
    world.clock.forward(2_000)
    assert not goes_straight("halte.women")
