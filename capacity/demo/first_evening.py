"""Who has asked for a place by the time that somebody opens the demo: holds, requests, and places kept for maraudes.

Each screen of holds has something to show: holds by every channel with their ends well apart, some that have ended, one
of them told differently by its two sides, and requests that came to nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import ceil
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from capacity.board.clocks import rfc3339, to_ms
from capacity.board.nights import ZONE, Night
from capacity.demo.drawing import draw
from capacity.demo.first_reports import HALTE_HOTEL_DE_VILLE, MINUTE_MS, Report, places_left
from capacity.vocabulary.words import Audience, Channel, Kind, ReleaseReason, Said, Side, Trait, Unit, UnmetReason
from capacity.wire.registry import Pool, Site

HALTES = {Kind.NIGHT_HALTE, Kind.WOMEN_HALTE, Kind.FAMILY_HALTE}
KEPT_PLACES = 2
KEPT_SHARE = 0.5
HOURS = (time(23), time(6))
"""Until when places are kept for the maraudes: their first round ends at eleven, their last at six."""
LEAST_KEPT_MS = 30 * MINUTE_MS

Line = Mapping[str, Any]
"""A line of a hold in the shape of the wire."""
Step = tuple[str, Mapping[str, Any]]
"""What is posted to a hold after it was made: the end of its address, and the body."""

ARRIVED: tuple[Step, ...] = (("arrival", {}),)
CANCELLED: tuple[Step, ...] = (("release", {"reason": ReleaseReason.CANCELLED}),)
NO_SHOW: tuple[Step, ...] = (("release", {"reason": ReleaseReason.NO_SHOW}),)
DISPUTED: tuple[Step, ...] = (*NO_SHOW, ("statement", {"side": Side.TEAM, "says": Said.FULL_ON_ARRIVAL}))


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a household, and what came of it: a hold in a pool for `audience`, or `reason`, or nothing yet.

    `again`: the household of the visit with this key calls once more.
    """

    key: str
    party: Mapping[str, int]
    audience: Audience | None = None
    minutes: int = 45
    steps: tuple[Step, ...] = ()
    channel: Channel = Channel.THE_115
    needs: tuple[Trait, ...] = ()
    area: str | None = None
    pool: str | None = None
    reason: UnmetReason | None = None
    again: str | None = None

    def id(self, what: str) -> str:
        """The id of one of its commands, the same at every call."""
        return str(uuid5(NAMESPACE_URL, f"demo/{self.key}/{what}"))


WOMAN, MAN, COUPLE = {"women": 1}, {"men": 1}, {"women": 1, "men": 1}
MOTHER, PARENTS = {"women": 1, "children": 2}, {"women": 1, "men": 1, "children": 1}
MARAUDE, SITE = Channel.MARAUDE, Channel.SITE

VISITS = (
    Visit("first-woman", WOMAN, reason=UnmetReason.NO_PLACE, area="75010"),
    Visit("man-who-came", MAN, Audience.MEN, 45, ARRIVED, area="75018"),
    Visit("couple-who-came", COUPLE, Audience.COUPLES, 60, ARRIVED, area="75019"),
    Visit("woman-turned-away", WOMAN, Audience.WOMEN, 45, DISPUTED, MARAUDE, area="75013"),
    Visit("man-who-found-better", MAN, Audience.MEN, 30, CANCELLED, area="75011"),
    Visit("nobody-came", MAN, Audience.MEN, 30, NO_SHOW, area="75014"),
    Visit("man-without-a-place", MAN, reason=UnmetReason.NO_PLACE, area="75012"),
    Visit("couple-with-a-dog", COUPLE, needs=(Trait.PETS,), reason=UnmetReason.NO_FIT, area="75020"),
    Visit("mother-too-far", MOTHER, needs=(Trait.BABIES,), reason=UnmetReason.TOO_FAR, area="75015"),
    Visit("line-cut", {"men": 2}, reason=UnmetReason.LINE_CUT),
    Visit("woman-on-the-way", WOMAN, Audience.WOMEN, 55, area="75004", pool=HALTE_HOTEL_DE_VILLE),
    Visit("woman-met", WOMAN, Audience.WOMEN, 35, (), MARAUDE, area="75001", pool=HALTE_HOTEL_DE_VILLE),
    Visit("mother-of-two", MOTHER, Audience.FAMILIES, 90, area="75018"),
    Visit("parents", PARENTS, Audience.FAMILIES, 75, needs=(Trait.BABIES,), area="75019"),
    Visit("family-met", {"women": 1, "men": 1, "children": 3}, Audience.FAMILIES, 60, (), MARAUDE, area="75010"),
    Visit("couple", COUPLE, Audience.COUPLES, 50, area="75020"),
    Visit("man-met", MAN, Audience.MEN, 40, (), MARAUDE, area="75013"),
    Visit("two-men", {"men": 2}, Audience.MEN, 65, area="75017"),
    Visit("two-women", {"women": 2}, Audience.WOMEN, 70, area="75014"),
    Visit("man-who-rang-the-bell", MAN, Audience.MEN, 30, (), SITE),
    Visit("first-woman-again", WOMAN, Audience.WOMEN, 80, area="75010", again="first-woman"),
    Visit("man-on-the-line", MAN, area="75011"),
)


@dataclass(frozen=True, slots=True)
class Evening:
    """`kept`: contingents by pool; `visits` in the order of asking, each with the line of its hold if it has one."""

    kept: Mapping[str, Sequence[Mapping[str, Any]]]
    visits: Sequence[tuple[Visit, Line | None]]


def first_evening(sites: Sequence[Site], reports: Iterable[Report], now_ms: int) -> Evening:
    """The evening that goes with the first reports: what it holds is free by them."""
    return Evening(dict(_kept(sites, now_ms)), tuple(_oriented(sites, places_left(sites, reports, now_ms))))


def _kept(sites: Sequence[Site], now_ms: int) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    until = rfc3339(_kept_until_ms(now_ms))
    for site in sites:
        for pool in site.pools:
            is_drawn = draw(pool.id, "kept") < KEPT_SHARE or pool.id == HALTE_HOTEL_DE_VILLE
            if site.kind in HALTES and pool.unit in {Unit.PLACE, Unit.ARMCHAIR} and is_drawn:
                yield pool.id, [{"channel": MARAUDE, "places": KEPT_PLACES, "until": until}]


def _kept_until_ms(now_ms: int) -> int:
    """The next of the two hours, by the clocks of Paris, that is not just about to strike."""
    day = Night.of(now_ms).day
    ends = (to_ms(datetime.combine(day + timedelta(days=more), hour, ZONE)) for more in range(3) for hour in HOURS)
    return min(end for end in ends if end >= now_ms + LEAST_KEPT_MS)


def _oriented(sites: Sequence[Site], left: dict[str, int]) -> Iterator[tuple[Visit, Line | None]]:
    """Each visit with a pool of its audience that has room, no two in the same unless they say so; haltes first."""
    haltes = {pool.id for site in sites if site.kind in HALTES for pool in site.pools}
    pools = [pool for site in sites for pool in site.pools if left.get(pool.id)]
    pools.sort(key=lambda pool: (pool.id not in haltes, draw(pool.id, "evening")))
    for visit in VISITS:
        pool = next((pool for pool in pools if _suits(pool, visit) and left[pool.id] >= _places(pool, visit)), None)
        if pool is None:
            yield visit, None
            continue
        yield visit, {"pool": pool.id, "places": _places(pool, visit)}
        left[pool.id] -= _places(pool, visit)
        if visit.pool is None:
            pools.remove(pool)


def _suits(pool: Pool, visit: Visit) -> bool:
    if visit.pool is not None:
        return pool.id == visit.pool
    is_theirs = pool.audience is visit.audience and pool.id != HALTE_HOTEL_DE_VILLE
    return is_theirs and set(visit.needs) <= set(pool.traits)


def _places(pool: Pool, visit: Visit) -> int:
    """As many as they are; of rooms, as many as take them in."""
    return ceil(sum(visit.party.values()) / (pool.sleeps or 1))
