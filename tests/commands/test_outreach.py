"""The households of a made-up night go through a real service: what they are promised, and how it ends."""

import asyncio
import itertools
from dataclasses import replace
from uuid import UUID

import pytest

from capacity.commands.night import Night
from capacity.commands.outreach import Outreach
from capacity.commands.pace import Pace
from capacity.commands.service import Service
from capacity.commands.street import Call, Corner, Ending, Household, corners_of, households
from capacity.demo import paris
from capacity.vocabulary.words import Channel, Said, Side, Trait, UnmetReason
from capacity.wire.parties import Party
from tests.world import report, site

RUN = UUID(int=1)
CALL = Call(
    at_ms=0, channel=Channel.THE_115, hold_minutes=45, walk_minutes=20, ending=Ending.ARRIVED, statement=None,
    declines=None, site_confirms=True, is_sent_twice=False,
)  # fmt: skip
WOMEN = Party(women=2)


@pytest.fixture
async def service(served, world):
    async with Service.open(served.url, world.name, clock=world.clock) as service:
        yield service


@pytest.fixture
async def play(service, world):
    """Play households; the test's clock stands still, so that no hold ends by itself."""

    async def play(street, speed=1.0, run=RUN):
        pace = Pace(world.clock(), speed, 1000, world.clock, lambda _: asyncio.sleep(0))
        outreach, told = Outreach(service, pace, run), itertools.count()
        await outreach.play(street, lambda: next(told))
        assert next(told) == len(street)
        return outreach.tally

    return play


@pytest.fixture
async def halte(world):
    """A halte with ten places for women, of which four are free."""
    await world.put(site("halte", "halte.women"))
    await world.post(report("count", "halte.women", occupied=6))


def household(*calls, party=WOMEN, needs=(), corner=None):
    return Household("0/0", party, needs, corner, calls)


async def commands(world, *types):
    return [command for command in await world.commands() if command["type"] in types]


async def night(service):
    return (await service.ask("GET", "/requests")).body


async def test_who_arrives_is_counted_in_and_the_request_names_the_hold(play, service, world, halte):
    tally = await play([household(CALL)])
    row = (await world.rows())["halte.women"]
    assert (row["occupied"], row["held"]) == (8, 0)
    (arrived,) = await commands(world, "hold_arrived")
    (request,) = (await night(service))["requests"]
    assert (request["state"], request["hold"]) == ("oriented", arrived["hold"])
    assert tally.endings == {Ending.ARRIVED: 1}
    assert tally.problems == {}


@pytest.mark.parametrize(
    ("ending", "occupied", "held", "reason"),
    [
        (Ending.FEWER, 7, 0, None),
        (Ending.NO_SHOW, 6, 0, "no_show"),
        (Ending.CANCELLED, 6, 0, "cancelled"),
        (Ending.FULL_ON_ARRIVAL, 6, 0, "full_on_arrival"),
        (Ending.REFUSED, 6, 0, "refused"),
        (Ending.FORGOTTEN, 6, 2, None),
    ],
)
async def test_each_ending_is_told_to_the_service(play, world, halte, ending, occupied, held, reason):
    tally = await play([household(replace(CALL, ending=ending))])
    row = (await world.rows())["halte.women"]
    assert (row["occupied"], row["held"]) == (occupied, held)
    assert [command["reason"] for command in await commands(world, "hold_released")] == [reason] * (reason is not None)
    assert tally.endings == {ending: 1}
    assert tally.problems == {}


async def test_one_who_comes_alone_cannot_be_fewer(play, world, halte):
    await play([household(replace(CALL, ending=Ending.FEWER), party=Party(women=1))])
    assert (await world.rows())["halte.women"]["occupied"] == 7


async def test_what_the_other_side_says_makes_the_hold_disputed(play, service, world, halte):
    call = replace(CALL, ending=Ending.NO_SHOW, statement=(Side.TEAM, Said.FULL_ON_ARRIVAL))
    await play([household(call)])
    (told,) = await commands(world, "hold_told")
    assert (await service.ask("GET", f"/holds/{told['hold']}")).body["hold"]["disputed"]


async def test_commands_that_are_sent_twice_take_effect_once(play, world, halte):
    tally = await play([household(replace(CALL, is_sent_twice=True))])
    types = [command["type"] for command in await world.commands()]
    assert types.count("hold_created") == types.count("hold_arrived") == types.count("request_opened") == 1
    assert tally.answers["hold", "taken before"] == tally.answers["arrival", "taken before"] == 1


async def test_who_is_late_asks_for_more_time(play, world, halte):
    await play([household(replace(CALL, hold_minutes=30, walk_minutes=29))])
    assert len(await commands(world, "hold_extended")) == 1


async def test_who_finds_nothing_calls_again_as_the_same_household(play, service, world, halte):
    await world.post(report("count", "halte.women", occupied=10))
    tally = await play([household(CALL, CALL)])
    told = await night(service)
    assert (told["summary"]["requests"], told["summary"]["households"]) == (2, 1)
    assert told["summary"]["unmet"]["no_place"] == 2
    assert tally.unmet == {UnmetReason.NO_PLACE: 2}


async def test_who_is_turned_away_calls_again_and_who_arrived_does_not(play, service, halte):
    await play([household(replace(CALL, ending=Ending.REFUSED), CALL, CALL)])
    assert (await night(service))["summary"]["requests"] == 2


async def test_what_nobody_offers_is_no_fit_and_what_is_declined_is_not_held(play, service, world, halte):
    nobody = household(CALL, party=Party(men=1), needs=(Trait.PETS,), corner=Corner(48.85, 2.35, "75004"))
    far = replace(household(replace(CALL, declines=UnmetReason.TOO_FAR)), key="0/1")
    await play([nobody, far])
    unmet = (await night(service))["summary"]["unmet"]
    assert (unmet["no_fit"], unmet["too_far"]) == (1, 1)
    assert await commands(world, "hold_created") == []


async def test_old_numbers_are_held_only_when_the_site_confirms_on_the_phone(play, world, halte):
    world.clock.forward(10 * 3_600_000)
    await play([household(replace(CALL, site_confirms=False))])
    assert await commands(world, "hold_created") == []
    await play([household(CALL)], run=UUID(int=2))
    assert len(await commands(world, "hold_created")) == 1


async def test_a_hold_lasts_as_long_as_the_night_says_but_five_real_minutes_at_least(play, world, halte):
    for number, speed in enumerate((1, 3, 60)):
        await play([household(CALL, party=Party(women=1))], speed, UUID(int=number))
    assert [command["minutes"] for command in await commands(world, "hold_created")] == [45, 15, 5]


async def test_a_street_of_many_ends_with_nothing_held_but_what_was_forgotten(play, service, world):
    await world.registering.import_sites(world.name, None, paris.sites()[:40])
    street = households(Night(seed=4, hours=2), 20, corners_of(await service.sites()))
    tally = await play(street, speed=60)
    held = sum(row["held"] for row in (await world.rows()).values())
    forgotten = await service.holds()
    assert held == sum(line["places"] for hold in forgotten for line in hold["lines"])
    assert len(forgotten) == tally.endings[Ending.FORGOTTEN]
    summary = (await night(service))["summary"]
    assert (summary["requests"], summary["households"]) == (tally.taken("request"), tally.households)
    assert summary["oriented"] == tally.oriented == tally.taken("hold") > 10
    assert summary["open"] == 0
    assert {problem.split(": ")[1] for problem in tally.problems} <= {"/problems/no-free-place"}
