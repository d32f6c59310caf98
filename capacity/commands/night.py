"""A night in a city, made up from a seed: who arrives where and when, what the staff say of it, and how late.

Everything here is a value. Moments are milliseconds since the night began; the sender lays them onto now.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from capacity.commands.tablets import Post, Saying, Tablet
from capacity.vocabulary.words import Audience, Kind, OutOfServiceReason, Status, Unit

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS

TAPS, COUNTS, SILENT = "taps", "counts", "silent"
STYLES = {TAPS: 55, COUNTS: 35, SILENT: 10}
STAYS_UNKNOWN = 0.4
"""Of the pools that nobody has ever reported on, so many stay that way."""
HABIT_MINUTES = (45, 100)
"""Who counts, counts about this often; who taps, confirms after this long without anything to tap."""
LOOK_HOURS = (3.0, 8.0)
"""Who taps all evening counts once after this long, since taps get lost."""


@dataclass(frozen=True, slots=True)
class Night:
    """What is asked for: the same values on the same board play the same night."""

    seed: int
    hours: float = 14
    start_hour: float = 18

    @property
    def length_ms(self) -> int:
        return int(self.hours * HOUR_MS)


@dataclass(frozen=True, slots=True)
class Place:
    """A pool as the board shows it when the night begins.

    `capacity` is what can be given tonight; `occupied` is None where nobody has reported yet.
    """

    pool: str
    site: str
    kind: Kind
    unit: Unit
    audience: Audience
    capacity: int
    occupied: int | None
    status: Status = Status.OPEN


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When people come and go: the hour of the day around which most do, how widely, and how many of the places."""

    arrival_hour: float
    departure_hour: float
    spread_hours: float
    turnover: float


EVENING = Rhythm(arrival_hour=20.0, departure_hour=7.5, spread_hours=1.6, turnover=0.25)
RHYTHMS = {
    Kind.SHELTER: Rhythm(19.0, 8.0, 1.8, 0.15),
    Kind.SOCIAL_HOTEL: Rhythm(19.5, 9.0, 1.5, 0.05),
    Kind.NIGHT_HALTE: Rhythm(21.5, 7.0, 1.5, 0.8),
    Kind.WOMEN_HALTE: Rhythm(20.5, 8.0, 2.0, 0.5),
    Kind.FAMILY_HALTE: Rhythm(20.0, 8.0, 1.5, 0.5),
    Kind.COLD_PLAN: Rhythm(21.0, 8.0, 1.2, 0.7),
    Kind.DAY_CENTRE: Rhythm(9.5, 12.0, 1.0, 0.8),
    Kind.ESI: Rhythm(9.0, 11.5, 1.0, 0.8),
    Kind.BATHHOUSE: Rhythm(9.0, 9.5, 1.2, 1.5),
    Kind.RESTAURANT: Rhythm(18.8, 23.5, 0.5, 0.9),
    Kind.FOOD_DISTRIBUTION: Rhythm(19.7, 23.5, 0.5, 0.9),
    Kind.LUGGAGE: Rhythm(19.0, 8.0, 0.6, 0.3),
}


def plan(night: Night, places: Iterable[Place]) -> list[Post]:
    """All posts of the night in the order of sending. Each site has one tablet and habits of its own."""
    by_site: dict[str, list[Place]] = {}
    for place in sorted(places, key=lambda place: place.pool):
        by_site.setdefault(place.site, []).append(place)
    posts: list[Post] = []
    for site, pools in sorted(by_site.items()):
        chance = Random(f"{night.seed}/{site}")  # noqa: S311 a made-up night, not a secret
        style = chance.choices(list(STYLES), list(STYLES.values()))[0]
        tablet = Tablet.drawn(site, chance, night.length_ms)
        sayings = [saying for place in pools for saying in _of_pool(place, style, night)]
        sayings += _suspension(pools, chance, night)
        posts += tablet.posts(sayings, chance)
    return sorted(posts, key=lambda post: (post.due_ms, post.site))


def _of_pool(place: Place, style: str, night: Night) -> Iterator[Saying]:
    chance = Random(f"{night.seed}/{place.pool}")  # noqa: S311 a made-up night, not a secret
    yield from _inventories(place, chance, night)
    if style == SILENT or (place.occupied is None and chance.random() < STAYS_UNKNOWN):
        return
    if place.occupied is None:
        place = replace(place, occupied=place.capacity - int(place.capacity * chance.random() ** 2 / 3))
        yield Saying(0, place.pool, "count", {"occupied": place.occupied})
    steps = list(_steps(place, chance, night))
    if style == TAPS:
        yield from _taps(place, steps, chance, night)
    else:
        yield from _counts(place, steps, chance, night)


def _steps(place: Place, chance: Random, night: Night) -> Iterator[tuple[int, int, int]]:
    """What really happens: at which moment, how many came or left, and how many are there then."""
    rhythm = RHYTHMS.get(place.kind, EVENING)
    people = round(place.capacity * rhythm.turnover * chance.uniform(0.5, 1.5))
    moments = [(_moment(rhythm.arrival_hour, rhythm, chance, night), 1) for _ in range(people)]
    moments += [(_moment(rhythm.departure_hour, rhythm, chance, night), -1) for _ in range(people)]
    here = place.occupied or 0
    for at_ms, sign in sorted(moments):
        delta = sign * _party(place, chance)
        # Now and then one more is let in than there is room for; else they are sent on. Nobody leaves an empty house.
        most = place.capacity + (1 if chance.random() < 0.05 else 0)
        if 0 <= at_ms < night.length_ms and here + delta >= 0 and (sign < 0 or here + delta <= most):
            here += delta
            yield at_ms, delta, here


def _moment(hour: float, rhythm: Rhythm, chance: Random, night: Night) -> int:
    """A moment around an hour of the day; an hour that has passed when the night begins is tomorrow's."""
    ahead = (hour - night.start_hour) % 24
    if ahead > 24 - 2 * rhythm.spread_hours:
        ahead -= 24
    return int((ahead + chance.gauss(0, rhythm.spread_hours)) * HOUR_MS)


def _party(place: Place, chance: Random) -> int:
    alone = place.unit in {Unit.ROOM, Unit.LOCKER, Unit.SHOWER}
    return chance.choice((2, 2, 3, 4)) if place.audience is Audience.FAMILIES and not alone else 1


def _taps(place: Place, steps: Sequence[tuple[int, int, int]], chance: Random, night: Night) -> Iterator[Saying]:
    """Each coming and going as it happens, a confirmation when nothing does, one count in the small hours."""
    quiet_since = 0
    for at_ms, delta, _ in [*steps, (night.length_ms, 0, 0)]:
        while at_ms - quiet_since > (pause := _pause(chance)):
            quiet_since += pause
            if quiet_since < night.length_ms:
                yield Saying(quiet_since, place.pool, "confirmation", {})
        quiet_since = at_ms
        if delta:
            yield Saying(at_ms, place.pool, "movement", {"delta": delta})
    look_ms = int(chance.uniform(*LOOK_HOURS) * HOUR_MS)
    if look_ms < night.length_ms:
        yield Saying(look_ms, place.pool, "count", {"occupied": _here_at(place, steps, look_ms)})


def _counts(place: Place, steps: Sequence[tuple[int, int, int]], chance: Random, night: Night) -> Iterator[Saying]:
    """A round now and then: a count when it changed, else a confirmation."""
    at_ms, said = _pause(chance), place.occupied or 0
    while at_ms < night.length_ms:
        here = _here_at(place, steps, at_ms)
        if here == said:
            yield Saying(at_ms, place.pool, "confirmation", {})
        else:
            yield Saying(at_ms, place.pool, "count", {"occupied": here})
        said = here
        at_ms += _pause(chance)


def _here_at(place: Place, steps: Sequence[tuple[int, int, int]], at_ms: int) -> int:
    return next((here for step_ms, _, here in reversed(steps) if step_ms <= at_ms), place.occupied or 0)


def _pause(chance: Random) -> int:
    return int(chance.uniform(*HABIT_MINUTES) * MINUTE_MS)


def _inventories(place: Place, chance: Random, night: Night) -> Iterator[Saying]:
    """Some find beds that cannot be given tonight, and some lay out mattresses when it freezes."""
    lot = chance.random()
    if lot < 0.06 and place.capacity:
        reason = chance.choice([each.value for each in OutOfServiceReason])
        fields: dict[str, Any] = {"out_of_service": chance.randint(1, 1 + place.capacity // 15), "reason": reason}
    elif lot < 0.10 and place.unit in {Unit.PLACE, Unit.ARMCHAIR, Unit.BED}:
        fields = {"extra": chance.randint(2, 10)}
    else:
        return
    yield Saying(chance.randrange(night.length_ms), place.pool, "inventory", fields)


def _suspension(pools: Sequence[Place], chance: Random, night: Night) -> Iterator[Saying]:
    """A site now and then takes nobody for an hour or two; a closed gymnasium may be opened."""
    lot = chance.random()
    if pools[0].status is Status.CLOSED:
        if lot < 0.5:
            at_ms = chance.randrange(min(3 * HOUR_MS, night.length_ms))
            yield from (Saying(at_ms, place.pool, "status", {"status": Status.OPEN.value}) for place in pools)
    elif lot < 0.03:
        at_ms = chance.randrange(night.length_ms)
        until_ms = at_ms + chance.randint(60, 120) * MINUTE_MS
        suspended = {"status": Status.SUSPENDED.value, "reason": chance.choice(("heating", "safety", "staffing"))}
        for place in pools:
            yield Saying(at_ms, place.pool, "status", suspended, until_ms)
            if until_ms < night.length_ms:
                yield Saying(until_ms, place.pool, "status", {"status": Status.OPEN.value})
