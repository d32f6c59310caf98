"""A file goes through a real service and comes back from its ledger and history as it was sent."""

import pytest

from capacity.commands.planning import plan
from capacity.commands.readings import read_lines, sites_of
from capacity.commands.replay import send, verify
from capacity.commands.service import Service
from capacity.commands.tally import Tally
from tests.world import MINUTE_MS, report

SPEED = 600


@pytest.fixture
async def service(served, world):
    async with Service.open(served.url, world.name, clock=world.clock) as service:
        yield service


async def replay(service, world, sendings):
    """Replay on the clock of the test, which goes forward only when the replay waits for it."""
    tally, posts = Tally(), []

    async def wait(seconds):
        world.clock.forward(round(seconds * 1000))

    def advance(last, done):
        posts.append((last.due_ms, done))

    await send(service, sendings, tally, clock=world.clock, wait=wait, advance=advance)
    return tally, posts


async def import_sites(world, table, mapping):
    await world.registering.import_sites(world.name, None, sites_of(table, mapping))


@pytest.mark.parametrize("kind", ["nights", "parking"])
async def test_the_history_gives_back_what_was_sent(request, service, world, kind):
    table, mapping = request.getfixturevalue(kind), request.getfixturevalue(f"{kind}_map")
    await import_sites(world, table, mapping)
    sendings = plan(read_lines(table, mapping).good, world.clock(), SPEED, run=0)
    tally, _ = await replay(service, world, sendings)
    await world.recording.catch_up(world.name)
    assert tally.of("applied") == tally.reports == len(sendings)
    assert await verify(service, sendings, tally) == []


async def test_a_foreign_count_among_them_is_noticed(service, world, parking, parking_map):
    await import_sites(world, parking, parking_map)
    start_ms = world.clock()
    sendings = plan(read_lines(parking, parking_map).good, start_ms, SPEED, run=0)
    tally, _ = await replay(service, world, sendings)
    await world.post(report("count", "north-1.places", start_ms + 100, occupied=3))
    await world.recording.catch_up(world.name)
    (wrong,) = await verify(service, sendings, tally)
    assert wrong.startswith("north-1.places at ")


async def test_nothing_is_sent_before_its_moment_and_one_moment_goes_in_one_batch(service, world, parking, parking_map):
    await import_sites(world, parking, parking_map)
    sendings = plan(read_lines(parking, parking_map).good, world.clock(), SPEED, run=0)
    _, posts = await replay(service, world, sendings)
    assert [due for due, _ in posts] == sorted({sending.due_ms for sending in sendings})
    rows = await world.rows()
    assert rows["south-2.places"]["occupied"] == 45
    assert rows["north-1.places"]["occupied"] == 58, "of a tie the later line counts"


async def test_what_fell_behind_goes_in_few_batches(service, world, parking, parking_map):
    await import_sites(world, parking, parking_map)
    sendings = plan(read_lines(parking, parking_map).good, world.clock() - 600 * MINUTE_MS, SPEED, run=0)
    _, posts = await replay(service, world, sendings)
    assert len(posts) == 1


async def test_pools_that_are_not_on_the_board_are_counted_as_refused(service, world, parking, parking_map):
    await import_sites(world, parking, parking_map)
    sendings = plan(read_lines(parking, parking_map).good, world.clock(), SPEED, run=0)
    sendings[0].report["pool"] = "nowhere"
    tally, _ = await replay(service, world, sendings)
    assert tally.of("rejected") == 1
    assert list(tally.problem_lines()) == ["1 x /problems/unknown-pool: No such pool"]
