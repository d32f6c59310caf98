"""Which option comes first: the order is one key, told here and nowhere else. `reasons.py` says it in words."""

from bisect import insort
from collections.abc import Callable, Iterable
from heapq import heapify, heappop
from operator import itemgetter
from typing import NamedTuple

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


class Bare(NamedTuple):
    """An option before anybody says where the household is: what it is, and what of its rank that leaves.

    `lead` is `lead_of` its rank, were its doors not closed and the way to it nothing.
    """

    lead: int
    is_unsure: bool
    match: Match
    pools: int
    more_rooms: int
    oldness: int
    spare: int
    pool_id: str
    found: Fit | Alone


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


MOST_STEPS = (1 << 20) - 1
"""More quarters of an hour than there are around the earth."""
_MOST_ROOMS = (1 << 12) - 1


def lead_of(*, is_unsure: bool, is_closed: bool, match: int, pools: int, more_rooms: int, walk_steps: int) -> int:
    """The first six parts of a rank as one number of the same order, which costs less to compare."""
    rooms, steps = min(more_rooms, _MOST_ROOMS), min(walk_steps, MOST_STEPS)
    return ((((is_unsure << 1 | is_closed) << 4 | match) << 4 | pools) << 12 | rooms) << 20 | steps


def bare_of_one(alone: Alone, match: Match, household_persons: int) -> Bare:
    """A pool by itself."""
    lodging, _, _, oldness = alone
    each = lodging.persons_each
    places = -(-household_persons // each)
    spare, more_rooms = places * each - household_persons, places - 1 if lodging.is_of_rooms else 0
    return _bare(oldness > OLDEST_CERTAIN, match, 1, more_rooms, oldness, spare, lodging.pool_id, alone)


def bare_of_several(fit: Fit, household_persons: int) -> Bare:
    """Several pools together."""
    spare, pool_id = fit.persons - household_persons, fit.lines[0].candidate.lodging.pool_id
    return _bare(not fit.is_certain, fit.match, len(fit.lines), max(0, fit.rooms - 1), fit.oldness, spare, pool_id, fit)


def _bare(
    is_unsure: bool, match: Match, pools: int, more_rooms: int, oldness: int, spare: int, pool_id: str,
    found: Fit | Alone,
) -> Bare:  # fmt: skip
    lead = lead_of(
        is_unsure=is_unsure, is_closed=False, match=match, pools=pools, more_rooms=more_rooms, walk_steps=0
    )  # fmt: skip
    return Bare(lead, is_unsure, match, pools, more_rooms, oldness, spare, pool_id, found)


def rank_of(bare: Bare, place: Place) -> Rank:
    """The whole rank of an option whose place is known."""
    shelter, metres, walk_minutes, _, (doors, _) = place
    return Rank(
        bare.is_unsure,
        doors is Doors.CLOSED,
        bare.match,
        bare.pools,
        bare.more_rooms,
        FAR if walk_minutes is None else walk_minutes // WALK_STEP_MINUTES,
        doors is Doors.UNKNOWN,
        bare.oldness,
        FAR if metres is None else metres,
        bare.spare,
        shelter.site_id,
        bare.pool_id,
    )


def best_of(
    candidates: Iterable[tuple[int, Shelter, Bare]],
    most: int,
    place_of: Callable[[Shelter], Place],
    household_persons: int,
) -> list[Option]:
    """The best of the candidates, best first, without a look at the places of those that can't be among them.

    Each comes with a number that is not above `lead_of` its rank, so that the best are soon known to be the best.
    """
    waiting = [(lead, number, shelter, bare) for number, (lead, shelter, bare) in enumerate(candidates)]
    heapify(waiting)
    best: list[tuple[Rank, Bare, Place]] = []
    places: dict[Shelter, Place] = {}
    while waiting and (len(best) < most or _lead(best[-1][0]) >= waiting[0][0]):
        _, _, shelter, bare = heappop(waiting)
        place = places.get(shelter)
        if place is None:
            place = places[shelter] = place_of(shelter)
        insort(best, (rank_of(bare, place), bare, place), key=itemgetter(0))
        del best[most:]
    return [_option(rank, bare, place, household_persons) for rank, bare, place in best]


def _lead(rank: Rank) -> int:
    return lead_of(
        is_unsure=rank.is_unsure,
        is_closed=rank.is_closed,
        match=rank.match,
        pools=rank.pools,
        more_rooms=rank.more_rooms,
        walk_steps=rank.walk_steps,
    )


def _option(rank: Rank, bare: Bare, place: Place, household_persons: int) -> Option:
    fit = bare.found
    if not isinstance(fit, Fit):
        fit = Fit.of(bare.match, (Candidate.of(*fit).line_for(household_persons),))
    return Option(rank, fit, place)
