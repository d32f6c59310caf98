"""Which option comes first: the order is one key, told here and nowhere else. `reasons.py` says it in words."""

from collections.abc import Iterable
from heapq import nsmallest
from typing import NamedTuple

from capacity.board.fit import OLDEST_CERTAIN, OLDNESS, Fit
from capacity.board.hours import Opening
from capacity.board.shelters import Shelter
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


Ranked = tuple[tuple[bool, bool, int, int, int, int, bool, int, int, int, str, str], Fit, Place]
"""An option before it is known to be among the best, as bare as can be: a search makes thousands. First its `Rank`."""


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


def ranked(fit: Fit, place: Place, household_persons: int) -> Ranked:
    """A fit at a place, to be sorted."""
    shelter, metres, walk_minutes, _, (doors, _) = place
    match, lines, oldness, persons, rooms = fit
    return (
        (
            oldness > OLDEST_CERTAIN,
            doors is Doors.CLOSED,
            match,
            len(lines),
            rooms - 1 if rooms > 1 else 0,
            FAR if walk_minutes is None else walk_minutes // WALK_STEP_MINUTES,
            doors is Doors.UNKNOWN,
            oldness,
            FAR if metres is None else metres,
            persons - household_persons,
            shelter.site_id,
            lines[0].candidate.lodging.pool_id,
        ),
        fit,
        place,
    )


def best_of(found: Iterable[Ranked], most: int) -> list[Option]:
    """The best of what was found, best first."""
    return [Option(Rank(*rank), fit, place) for rank, fit, place in nsmallest(most, found)]
