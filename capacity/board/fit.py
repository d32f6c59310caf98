"""How a household fits into the free places of one site: in one pool, else in several, never over several sites."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from capacity.board.needs import Household, Match, Need
from capacity.board.shelters import Lodging
from capacity.board.vacancies import Vacancy
from capacity.vocabulary.words import Audience, Freshness

MOST_LINES = 5
MOST_PLACES = 50
"""What one hold may have: lines, and places in each. Source: wire.md, Holds."""
OLDNESS = {Freshness.FRESH: 0, Freshness.AGEING: 1, Freshness.STALE: 2, Freshness.UNKNOWN: 3}
OLDEST_CERTAIN = OLDNESS[Freshness.AGEING]
"""What is older is never shown as plainly free. Law 7."""


class Candidate(NamedTuple):
    """A pool of the site that has free places.

    `free_for_you` are those that the caller's channel may promise, `persons` says for how many persons those are that
    one line of a hold can take.
    """

    lodging: Lodging
    vacancy: Vacancy
    free_for_you: int
    persons: int
    oldness: int

    @classmethod
    def of(cls, lodging: Lodging, vacancy: Vacancy, free_for_you: int, oldness: int) -> "Candidate":
        """A pool with so many free places of such an age."""
        return cls(lodging, vacancy, free_for_you, persons_in(lodging, free_for_you), oldness)

    def line_for(self, persons: int) -> "Line":
        """So many places as these persons need, or all that one line can take."""
        each = self.lodging.persons_each
        return Line(self, -(-min(persons, self.persons) // each))


def persons_in(lodging: Lodging, free: int) -> int:
    """For how many persons those free places of a pool are that one line of a hold can take."""
    return (free if free < MOST_PLACES else MOST_PLACES) * lodging.persons_each  # noqa: FURB136  min() costs twice this


class Line(NamedTuple):
    """Places of one pool, as a hold would take them."""

    candidate: Candidate
    places: int

    @property
    def persons(self) -> int:
        """How many persons they are for."""
        return self.places * self.candidate.lodging.persons_each


class Fit(NamedTuple):
    """One way to take in the whole household at one site.

    `oldness` is that of the line of which least is known, `persons` for how many the places are (never fewer than the
    household has), `rooms` over how many rooms it is spread: 0 where no rooms are counted.
    """

    match: Match
    lines: tuple[Line, ...]
    oldness: int
    persons: int
    rooms: int

    @classmethod
    def of(cls, match: Match, lines: tuple[Line, ...]) -> "Fit":
        """What several lines are together."""
        return cls(
            match,
            lines,
            max(line.candidate.oldness for line in lines),
            sum(line.persons for line in lines),
            sum(line.places for line in lines if line.candidate.lodging.is_of_rooms),
        )

    @property
    def is_certain(self) -> bool:
        """It may be shown as free."""
        return self.oldness <= OLDEST_CERTAIN


def joined(household: Household, need: Need, candidates: Sequence[Candidate], *, has_unsure: bool) -> list[Fit]:
    """Several pools of a site together, for a household that no pool of it takes for certain.

    Never rooms and places at once: rooms and persons are not added up. What is unknown or stale joins in only where
    nothing else takes the household in; `has_unsure` says that such a pool takes it alone.
    """
    together = _together(household, need, [one for one in candidates if one.oldness <= OLDEST_CERTAIN])
    if together or has_unsure:
        return together
    return _together(household, need, candidates)


def _together(household: Household, need: Need, candidates: Sequence[Candidate]) -> list[Fit]:
    if len(candidates) < 2 or sum(one.persons for one in candidates) < household.persons:
        return []
    for worst in sorted(need.matches.values()):
        allowed = [one for one in candidates if need.matches.get(one.lodging.audience, Match.APART) <= worst]
        if found := _of_each_kind(household.persons, allowed):
            return [
                Fit.of(max(need.matches[line.candidate.lodging.audience] for line in lines), lines) for lines in found
            ]
    return _apart(household, candidates) if need.may_part else []


def _apart(household: Household, candidates: Sequence[Candidate]) -> list[Fit]:
    """The women in pools of women and the men in pools of men, in as few lines as can be."""
    women = _fewest(household.women, [one for one in candidates if one.lodging.audience is Audience.WOMEN])
    men = women and _fewest(household.men, [one for one in candidates if one.lodging.audience is Audience.MEN])
    return [Fit.of(Match.APART, (*women, *men))] if women and men and len(women) + len(men) <= MOST_LINES else []


def _fewest(persons: int, candidates: Sequence[Candidate]) -> tuple[Line, ...]:
    for one in candidates:
        if one.persons >= persons:
            return (one.line_for(persons),)
    return min(_of_each_kind(persons, candidates), key=len, default=())


def _of_each_kind(persons: int, candidates: Sequence[Candidate]) -> list[tuple[Line, ...]]:
    """Lines that take all of these persons: once of places, once of rooms, whichever can."""
    if sum(one.persons for one in candidates) < persons:
        return []
    kinds = ([one for one in candidates if one.lodging.is_of_rooms is are_rooms] for are_rooms in (False, True))
    return [lines for pools in kinds if (lines := _filled(persons, pools))]


def _filled(persons: int, candidates: Iterable[Candidate]) -> tuple[Line, ...]:
    """The largest pools first, so that the lines are as few as can be; none where the most lines do not suffice."""
    lines = []
    for one in sorted(candidates, key=lambda one: (-one.persons, one.lodging.pool_id))[:MOST_LINES]:
        lines.append(one.line_for(persons))
        persons -= lines[-1].persons
        if persons <= 0:
            return tuple(lines)
    return ()
