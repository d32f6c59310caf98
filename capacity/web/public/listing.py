"""What the public page lists: the sites that answer a question, by need, those with room first."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from capacity.board.hours import Hours, read_hours
from capacity.board.telling import room_in
from capacity.board.vacancies import Vacancies
from capacity.vocabulary.finding import Doors
from capacity.vocabulary.public import DailyNeed, Room, need_of
from capacity.vocabulary.words import Audience, Kind, Trait
from capacity.web.public.asking import Asked
from capacity.wire.registry import Site

SHORT = 3
"""How many sites of a need are shown where all needs are."""
A_PAGE = 30
AUDIENCES = (Audience.WOMEN, Audience.FAMILIES, Audience.MEN, Audience.COUPLES, Audience.MINORS)
"""Those that are asked for; what is for all adults answers each of the first four."""

_POSTCODE = re.compile(r"\b(\d{5})\b")
_PARIS = re.compile(r"75[01](\d\d)")
_BEST_FIRST = {room: rank for rank, room in enumerate(Room)}


@dataclass(frozen=True, slots=True)
class Line:
    """Pools of a site that are for the same people, as one: the best of their words."""

    room: Room
    audience: Audience
    traits: tuple[Trait, ...]
    observed_ms: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A site as far as it answers one need."""

    name: str
    kind: Kind
    address: str | None
    phone: str | None
    dialled: str | None
    hours: Hours | None
    lines: tuple[Line, ...]

    @property
    def room(self) -> Room:
        """The best of its lines' words."""
        return min((line.room for line in self.lines), key=_BEST_FIRST.__getitem__)


@dataclass(frozen=True, slots=True)
class Group:
    """The sites that answer one need: those of a page, and how many there are."""

    need: DailyNeed
    entries: tuple[Entry, ...]
    found: int
    pages: int


def listing(sites: Iterable[Site], vacancies: Vacancies, asked: Asked, now_ms: int) -> list[Group]:
    """The groups of a page, without the empty ones."""
    asked_for = [site for site in sites if asked.postcode in (None, postcode_of(site.address))]
    groups = (_group(need, asked_for, vacancies, asked, now_ms) for need in DailyNeed if asked.need in (None, need))
    return [group for group in groups if group.found]


def postcodes_of(sites: Iterable[Site]) -> list[str]:
    """Where the sites are, each place once."""
    return sorted({code for site in sites if (code := postcode_of(site.address)) is not None})


def postcode_of(address: str | None) -> str | None:
    """The postcode that an address says; the two of the 16th of Paris are one place."""
    found = _POSTCODE.findall(address or "")
    return (found[-1].replace("75116", "75016")) if found else None


def place_name(postcode: str) -> str:
    """An arrondissement of Paris by its number, elsewhere the postcode."""
    paris = _PARIS.fullmatch(postcode)
    return f"Paris {int(paris[1])}" if paris and 1 <= int(paris[1]) <= 20 else postcode


def _group(need: DailyNeed, sites: list[Site], vacancies: Vacancies, asked: Asked, now_ms: int) -> Group:
    entries = [entry for site in sites if (entry := _entry(site, need, vacancies, asked, now_ms)).lines]
    entries.sort(key=lambda entry: (_BEST_FIRST[entry.room], entry.name))
    pages = max(1, -(-len(entries) // A_PAGE))
    if asked.need is None:
        return Group(need, tuple(entries[:SHORT]), len(entries), pages)
    start = (min(asked.page, pages) - 1) * A_PAGE
    return Group(need, tuple(entries[start : start + A_PAGE]), len(entries), pages)


def _entry(site: Site, need: DailyNeed, vacancies: Vacancies, asked: Asked, now_ms: int) -> Entry:
    hours = read_hours(site.opening_hours)
    doors = Doors.UNKNOWN if hours is None else hours.at(now_ms).doors
    best: dict[tuple[Audience, tuple[Trait, ...]], Line] = {}
    for line in _lines(site, need, vacancies, asked, doors, now_ms):
        other = best.get((line.audience, line.traits))
        if other is None or _BEST_FIRST[line.room] < _BEST_FIRST[other.room]:
            best[line.audience, line.traits] = line
    lines = sorted(best.values(), key=lambda line: _BEST_FIRST[line.room])
    return Entry(site.name, site.kind, site.address, site.phone, _dialled(site.phone), hours, tuple(lines))


def _lines(
    site: Site, need: DailyNeed, vacancies: Vacancies, asked: Asked, doors: Doors, now_ms: int
) -> Iterator[Line]:
    for pool in site.pools:
        if need_of(pool.unit, site.kind) is need and _is_for(pool.audience, asked.audience):
            vacancy = vacancies.get(pool.id)
            room = room_in(vacancy, pool.capacity, doors, now_ms)
            traits = tuple(trait for trait in Trait if trait in pool.traits)
            yield Line(room, pool.audience, traits, None if vacancy is None else vacancy.observed_ms)


def _is_for(audience: Audience, asked: Audience | None) -> bool:
    return asked in (None, audience) or (audience is Audience.MIXED and asked is not Audience.MINORS)


def _dialled(phone: str | None) -> str | None:
    """A number as `tel:` wants it, without the "(0)" that is only dialled at home."""
    digits = re.sub(r"[\s.()-]", "", re.sub(r"^(\+\d+\s*)\(0\)", r"\1", phone or ""))
    return digits if re.fullmatch(r"\+?\d{2,15}", digits) else None
