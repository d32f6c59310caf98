"""The sites of a territory in memory, as a search for free places needs them: who may stay where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from capacity.board.distance import Point
from capacity.board.hours import Hours
from capacity.board.needs import Need, need_of
from capacity.vocabulary.finding import Stay
from capacity.vocabulary.words import Audience, Kind, Trait, Unit, Visibility

LODGING_UNITS = frozenset({Unit.PLACE, Unit.BED, Unit.ARMCHAIR, Unit.ROOM})
NIGHT_KINDS = frozenset(
    {
        Kind.SHELTER, Kind.NIGHT_HALTE, Kind.WOMEN_HALTE, Kind.FAMILY_HALTE, Kind.SOCIAL_HOTEL, Kind.COLD_PLAN,
    }
)  # fmt: skip
KINDS: Mapping[Stay, frozenset[Kind]] = {
    Stay.NIGHT: NIGHT_KINDS,
    Stay.DAY: NIGHT_KINDS | {Kind.DAY_CENTRE, Kind.ESI},
}
"""Where a household can stay; in the other kinds nobody does."""


@dataclass(frozen=True, slots=True)
class Lodging:
    """A pool in which people stay. `sleeps` says for how many a room is; None where nobody wrote it down."""

    pool_id: str
    unit: Unit
    audience: Audience
    sleeps: int | None = None
    traits: frozenset[Trait] = frozenset()
    is_of_rooms: bool = field(init=False)
    persons_each: int = field(init=False)
    """How many persons one of what it counts is for; a room of unknown size is for one."""

    def __post_init__(self) -> None:
        is_of_rooms = self.unit is Unit.ROOM
        object.__setattr__(self, "is_of_rooms", is_of_rooms)
        object.__setattr__(self, "persons_each", (self.sleeps or 1) if is_of_rooms else 1)


@dataclass(frozen=True, slots=True, eq=False)
class Shelter:
    """A site with the pools in which people stay. `shown` is what an answer tells of it, as on the wire."""

    site_id: str
    kind: Kind
    visibility: Visibility
    point: Point | None
    hours: Hours | None
    lodgings: tuple[Lodging, ...]
    shown: Mapping[str, Any]


class Suitable(NamedTuple):
    """A site with those of its pools in which a need could be met, were they free."""

    shelter: Shelter
    lodgings: tuple[Lodging, ...]


class Selection(NamedTuple):
    """What is needed, how many sites were looked at for it, and those that are suitable."""

    need: Need
    searched: int
    suitable: tuple[Suitable, ...]


class Shelters:
    """All sites that a viewer has of a territory, at one version of its registry."""

    def __init__(self, shelters: Iterable[Shelter] = ()) -> None:
        self._shelters = tuple(shelters)
        self._selections: dict[tuple[Audience, frozenset[Trait], Stay], Selection] = {}

    def select(self, audience: Audience, traits: frozenset[Trait], stay: Stay) -> Selection:
        """The sites where households of an audience could stay; worked out once, as such questions are few."""
        asked = (audience, traits, stay)
        if asked not in self._selections:
            self._selections[asked] = self._select(need_of(audience, traits), stay)
        return self._selections[asked]

    def _select(self, need: Need, stay: Stay) -> Selection:
        possible = [shelter for shelter in self._shelters if shelter.lodgings and shelter.kind in KINDS[stay]]
        found = (
            Suitable(shelter, tuple(one for one in shelter.lodgings if need.allows(one.audience, one.traits)))
            for shelter in possible
        )
        return Selection(need, len(possible), tuple(one for one in found if one.lodgings))
