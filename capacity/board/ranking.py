"""Which option comes first: the order is one key, told here and nowhere else. `reasons.py` says it in words."""

from collections.abc import Iterable
from heapq import nsmallest
from typing import Any, NamedTuple

from capacity.board.fit import OLDEST_CERTAIN, OLDNESS, Candidate, Fit
from capacity.board.hours import Opening
from capacity.board.needs import Match
from capacity.board.shelters import Lodging, Shelter
from capacity.board.vacancies import Vacancy
from capacity.vocabulary.finding import Certainty, Doors
from capacity.vocabulary.words import Freshness

WALK_STEP_MINUTES = 15
"""Two options within the same quarter of an hour are as near as each other, until nothing else tells them apart."""
FAR = 10**9
"""Where no distance is known: after all where one is."""


FRESHNESS = {number: word for word, number in OLDNESS.items()}


class Rank(NamedTuple):
    """The order of options: the first of these in which two differ decides, and the smaller one wins.

    What might not be there at all comes last, then closed doors; then what suits the household (audience, one pool,
    one room), then how far it is, in quarters of an hour on foot. Only between options as near as each other do known
    hours, fresher numbers, the exact way and the places left over count. The ids keep it stable.
    """

    is_unsure: bool
    is_closed: bool
    match: int
    pools: int
    more_rooms: int
    walk_steps: int
    are_hours_unknown: bool
    oldness: int
    metres: int
    spare: int
    site_id: str
    pool_id: str


class Place(NamedTuple):
    """A site as seen from where the household is.

    `metres` as the crow flies and `walk_minutes`, an estimate, are None where one of the two places is not known;
    `opening` is that of `arrival_ms`.
    """

    shelter: Shelter
    metres: int | None
    walk_minutes: int | None
    arrival_ms: int
    opening: Opening


Alone = tuple[Lodging, Vacancy, int, int]
"""A pool that takes the household alone: what makes it a `Candidate`."""
Ranked = tuple[tuple[bool, bool, int, int, int, int, bool, int, int, int, str, str], Fit | Alone, Place]
"""An option before it is known to be among the best, as bare as can be: a search makes hundreds. First its `Rank`."""


class Option(NamedTuple):
    """One way to take in the household, with all that a reader weighs."""

    rank: Rank
    fit: Fit
    place: Place

    @property
    def certainty(self) -> Certainty:
        """Whether it may be shown as free."""
        return Certainty.CERTAIN if self.fit.is_certain else Certainty.CONFIRM_BY_PHONE

    @property
    def freshness(self) -> Freshness:
        """That of the line of which least is known."""
        return FRESHNESS[self.fit.oldness]

    @property
    def observed_ms(self) -> int | None:
        """The moment of its oldest line; None where one was never reported on."""
        moments = [line.candidate.vacancy.observed_ms for line in self.fit.lines]
        return None if None in moments else min(moment for moment in moments if moment is not None)


def ranked_alone(alone: Alone, match: Match, place: Place, household_persons: int) -> Ranked:
    """A pool by itself, to be sorted."""
    shelter, metres, walk_minutes, _, (doors, _) = place
    lodging, _, _, oldness = alone
    each = lodging.persons_each
    places = -(-household_persons // each)
    return (
        (
            oldness > OLDEST_CERTAIN,
            doors is Doors.CLOSED,
            match,
            1,
            places - 1 if lodging.is_of_rooms else 0,
            FAR if walk_minutes is None else walk_minutes // WALK_STEP_MINUTES,
            doors is Doors.UNKNOWN,
            oldness,
            FAR if metres is None else metres,
            places * each - household_persons,
            shelter.site_id,
            lodging.pool_id,
        ),
        alone,
        place,
    )


def ranked(fit: Fit, place: Place, household_persons: int) -> Ranked:
    """Several pools together, to be sorted."""
    shelter, metres, walk_minutes, _, (doors, _) = place
    rank = Rank(
        not fit.is_certain,
        doors is Doors.CLOSED,
        fit.match,
        len(fit.lines),
        max(0, fit.rooms - 1),
        FAR if walk_minutes is None else walk_minutes // WALK_STEP_MINUTES,
        doors is Doors.UNKNOWN,
        fit.oldness,
        FAR if metres is None else metres,
        fit.persons - household_persons,
        shelter.site_id,
        fit.lines[0].candidate.lodging.pool_id,
    )
    return rank, fit, place


def best_of(found: Iterable[Ranked], most: int, household_persons: int) -> list[Option]:
    """The best of what was found, best first."""
    return [_option(*one, household_persons) for one in nsmallest(most, found)]


def _option(rank: tuple[Any, ...], found: Fit | Alone, place: Place, household_persons: int) -> Option:
    whole = Rank(*rank)
    if not isinstance(found, Fit):
        found = Fit.of(Match(whole.match), (Candidate.of(*found).line_for(household_persons),))
    return Option(whole, found, place)
