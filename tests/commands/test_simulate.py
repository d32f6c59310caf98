"""A made-up night goes through a real service, and the board ends where the night does."""

import itertools
from uuid import UUID

import pytest

from capacity.board.clocks import rfc3339
from capacity.commands.night import Night, plan
from capacity.commands.pace import Pace
from capacity.commands.service import Service
from capacity.commands.simulate import Sender, places_of
from capacity.demo import paris

RUN = UUID(int=1)


@pytest.fixture
async def service(served, world):
    async with Service.open(served.url, world.name, clock=world.clock) as service:
        yield service


@pytest.fixture
async def play(service, world):
    """Play a night on the clock of the test, which goes forward only when the sender waits."""
    await world.registering.import_sites(world.name, None, paris.sites()[:40])

    async def play(night, speed=60, run=RUN):
        rows = (await service.board())["rows"]
        posts = plan(night, places_of(await service.sites(), rows))

        async def wait(seconds):
            world.clock.forward(round(seconds * 1000))

        seqs = {row["pool"]: row["seq"] for row in rows}
        sender = Sender(service, Pace(world.clock(), speed, 1000, world.clock, wait), run, seqs)
        told = itertools.count()
        await sender.send(posts, lambda: next(told))
        assert next(told) == len(posts)
        return posts, sender

    return play


async def test_everything_is_answered_and_what_is_sent_again_takes_no_effect(play, world):
    posts, sender = await play(Night(seed=3, hours=5))
    sent_twice = sum(len(post.sayings) for post in posts if post.is_resent)
    assert sender.resent > 0
    assert sender.tally.reports == sum(len(post.sayings) for post in posts)
    assert 0 < sender.tally.of("duplicate") <= sent_twice
    assert set(sender.tally.problems) <= {"/problems/row-changed: The row has changed since it was seen"}
    assert any(row["observed_at"] for row in (await world.rows()).values())


async def test_the_same_night_again_is_new_to_the_service(play):
    await play(Night(seed=3, hours=1))
    _, sender = await play(Night(seed=3, hours=1), run=UUID(int=2))
    assert sender.tally.of("applied") > 0


async def test_wrong_clocks_of_tablets_make_no_report_old_or_future(play, world):
    start_ms = world.clock()
    posts, _ = await play(Night(seed=3, hours=5), speed=1)
    assert any(abs(post.ahead_ms) > 60_000 for post in posts)
    for command in await world.commands():
        if command["type"] in {"movement", "count"}:
            assert command["observed_at"] <= command["received_at"]
    moments = [row["observed_at"] for row in (await world.rows()).values() if row["observed_at"]]
    assert min(moments) >= rfc3339(start_ms - 2_000)
