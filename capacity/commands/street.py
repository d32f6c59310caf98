"""The street of a made-up night: households that call the 115 or meet a maraude, and what becomes of each.

Everything here is a value, drawn from the seed. The shares are made up, in the order that the field tells them: most
who ask are alone, evenings are busiest, and maraudes are out until five.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any, NamedTuple

from capacity.commands.night import HOUR_MS, MINUTE_MS, Night
from capacity.vocabulary.words import Channel, ReleaseReason, Said, Side, Trait, UnmetReason, Visibility
from capacity.wire.parties import Party

BUSY = (0.5, 0.4, 0.3, 0.3, 0.3, 0.3, 0.4, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.7, 0.8, 1, 1, 1, 1, 1, 0.8)
"""How many ask in each hour of the day, against the evening."""
MARAUDE_HOURS = frozenset((19, 20, 21, 22, 23, 0, 1, 2, 3, 4))
MET_BY_MARAUDE = 0.4
HOLD_MINUTES = (30, 45, 45, 60)
WALK_MINUTES = (10, 50)
CALLS_AGAIN = 0.55
AGAIN_MINUTES = (20, 90)
MOST_CALLS = 4
SENT_TWICE = 0.05
SITE_CONFIRMS = 0.6
DECLINES = 0.08
DECLINED_FOR = (UnmetReason.TOO_FAR, UnmetReason.REFUSED, UnmetReason.NO_TRANSPORT, UnmetReason.LINE_CUT)
AROUND_DEGREES = 0.005


class Ending(StrEnum):
    """What becomes of a hold."""

    ARRIVED = "arrived"
    FEWER = "fewer arrived"
    NO_SHOW = ReleaseReason.NO_SHOW.value
    CANCELLED = ReleaseReason.CANCELLED.value
    FULL_ON_ARRIVAL = ReleaseReason.FULL_ON_ARRIVAL.value
    REFUSED = ReleaseReason.REFUSED.value
    FORGOTTEN = "left to expire"


ENDINGS = {
    Ending.ARRIVED: 78,
    Ending.FEWER: 4,
    Ending.NO_SHOW: 6,
    Ending.CANCELLED: 4,
    Ending.FULL_ON_ARRIVAL: 2,
    Ending.REFUSED: 2,
    Ending.FORGOTTEN: 4,
}
OTHER_WORDS = {
    Ending.ARRIVED: (0.01, (Side.SITE, Said.NO_SHOW)),
    Ending.NO_SHOW: (0.25, (Side.TEAM, Said.FULL_ON_ARRIVAL)),
    Ending.FULL_ON_ARRIVAL: (0.3, (Side.SITE, Said.NO_SHOW)),
    Ending.REFUSED: (0.3, (Side.SITE, Said.NO_SHOW)),
}
"""How often the other side tells another story of it, and which."""

ALONE_OR_NOT = {
    "a man": 42,
    "a woman": 17,
    "a couple": 7,
    "a mother": 14,
    "parents": 11,
    "women": 3,
    "men": 4,
    "a minor": 2,
}


class Corner(NamedTuple):
    """Where a household is: about there, to some 100 m, in the area of a postcode if there is one."""

    lat: float
    lon: float
    area: str | None


@dataclass(frozen=True, slots=True)
class Call:
    """One time that a household asks, and what comes of it if there is a place.

    `walk_minutes` after the hold it is at the door; `declines` says why it does not want what is found, `statement`
    what the other side says of the ending in the end, `site_confirms` what it says on the phone when its numbers are
    old. `is_sent_twice`: an answer got lost, so the same commands are sent again.
    """

    at_ms: int
    channel: Channel
    hold_minutes: int
    walk_minutes: int
    ending: Ending
    statement: tuple[Side, Said] | None
    declines: UnmetReason | None
    site_confirms: bool
    is_sent_twice: bool


@dataclass(frozen=True, slots=True)
class Household:
    """Who asks, and when: each further call is made only when those before brought nothing. `key` names it for good."""

    key: str
    party: Party
    needs: tuple[Trait, ...]
    corner: Corner | None
    calls: tuple[Call, ...]


def corners_of(sites: Iterable[Mapping[str, Any]]) -> list[Corner]:
    """Where people ask: around the sites of a territory. A protected site is no hint at anything. Law 10."""
    return [
        Corner(site["position"]["lat"], site["position"]["lon"], _area_of(site.get("address")))
        for site in sites
        if site.get("position") and site["visibility"] != Visibility.PROTECTED
    ]


def households(night: Night, calls_an_hour: float, corners: Sequence[Corner]) -> list[Household]:
    """Those who ask in a night, by their first call; `calls_an_hour` so many of them in an hour of the evening.

    Each hour is drawn by itself, so a longer night begins like a shorter one. Second calls come on top.
    """
    hours = range(-(-night.length_ms // HOUR_MS))
    found = [household for hour in hours for household in _of_hour(hour, night, calls_an_hour, corners)]
    return sorted(found, key=lambda household: (household.calls[0].at_ms, household.key))


def _of_hour(hour: int, night: Night, calls_an_hour: float, corners: Sequence[Corner]) -> Iterator[Household]:
    chance = Random(f"{night.seed}/street/{hour}")  # noqa: S311 a made-up night, not a secret
    expected = calls_an_hour * BUSY[int(night.start_hour + hour) % 24]
    for number in range(int(expected + chance.random())):
        at_ms = hour * HOUR_MS + chance.randrange(HOUR_MS)
        party = _party(chance)
        calls = tuple(call for call in _calls(at_ms, night, chance) if call.at_ms < night.length_ms)
        household = Household(f"{hour}/{number}", party, _needs(party, chance), _near(corners, chance), calls)
        if calls:
            yield household


def _calls(at_ms: int, night: Night, chance: Random) -> Iterator[Call]:
    """The calls of one household, also those after the night: what is drawn next must not depend on its length."""
    for _ in range(MOST_CALLS):
        ending = chance.choices(list(ENDINGS), list(ENDINGS.values()))[0]
        how_often, statement = OTHER_WORDS.get(ending, (0.0, None))
        yield Call(
            at_ms=at_ms,
            channel=_channel(at_ms, night, chance),
            hold_minutes=chance.choice(HOLD_MINUTES),
            walk_minutes=chance.randint(*WALK_MINUTES),
            ending=ending,
            statement=statement if chance.random() < how_often else None,
            declines=chance.choice(DECLINED_FOR) if chance.random() < DECLINES else None,
            site_confirms=chance.random() < SITE_CONFIRMS,
            is_sent_twice=chance.random() < SENT_TWICE,
        )
        if chance.random() > CALLS_AGAIN:
            return
        at_ms += chance.randint(*AGAIN_MINUTES) * MINUTE_MS


def _channel(at_ms: int, night: Night, chance: Random) -> Channel:
    is_met = chance.random() < MET_BY_MARAUDE
    hour = int(night.start_hour + at_ms / HOUR_MS) % 24
    return Channel.MARAUDE if is_met and hour in MARAUDE_HOURS else Channel.THE_115


def _party(chance: Random) -> Party:
    match chance.choices(list(ALONE_OR_NOT), list(ALONE_OR_NOT.values()))[0]:
        case "a man":
            return Party(men=1)
        case "a woman":
            return Party(women=1)
        case "a couple":
            return Party(women=1, men=1)
        case "a mother":
            return Party(women=1, children=chance.choice((1, 1, 2, 2, 3)))
        case "parents":
            return Party(women=1, men=1, children=chance.choice((1, 2, 2, 3, 4)))
        case "women":
            return Party(women=2)
        case "men":
            return Party(men=chance.choice((2, 2, 3)))
    return Party(children=1)


def _needs(party: Party, chance: Random) -> tuple[Trait, ...]:
    often = {Trait.WHEELCHAIR: 0.03, Trait.PETS: 0.0 if party.children else 0.06, Trait.BABIES: 0.0}
    if party.children and party.persons > party.children:
        often[Trait.BABIES] = 0.3
    return tuple(need for need, share in often.items() if chance.random() < share)


def _near(corners: Sequence[Corner], chance: Random) -> Corner | None:
    if not corners:
        return None
    lat, lon, area = chance.choice(corners)
    north, east = chance.gauss(0, AROUND_DEGREES), chance.gauss(0, AROUND_DEGREES)
    return Corner(round(max(-90, min(90, lat + north)), 3), round(max(-180, min(180, lon + east)), 3), area)


def _area_of(address: str | None) -> str | None:
    found = re.search(r"\b\d{5}\b", address or "", re.ASCII)
    return found[0] if found else None
