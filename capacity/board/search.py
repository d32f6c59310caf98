"""A search for free places for a household: every option of a territory, best first. Reads values, awaits nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from capacity.board.distance import Point, metres_between, walking_minutes
from capacity.board.fit import MOST_PLACES, OLDNESS, Candidate, fits
from capacity.board.hours import UNKNOWN, Opening, read_hours
from capacity.board.needs import Household, audience_of
from capacity.board.ranking import Option, Place, Ranked, best_of, ranked
from capacity.board.reasons import FirstBecause, first_because
from capacity.board.shelters import Selection, Shelter, Shelters, Suitable
from capacity.board.vacancies import Vacancies
from capacity.vocabulary.finding import Note, Stay
from capacity.vocabulary.words import Channel, Trait

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Question:
    """For whom a place is looked for, and by whom; `near` is where they are, None where nobody said."""

    household: Household
    traits: frozenset[Trait] = frozenset()
    stay: Stay = Stay.NIGHT
    channel: Channel = Channel.THE_115
    near: Point | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Findings:
    """The best options, how many there are in all, and how many sites were looked at for them.

    `nearest_metres` is that of all options, None where no distance is known.
    """

    options: list[Option]
    found: int
    searched: int
    nearest_metres: int | None
    note: Note | None
    first_because: FirstBecause | None


def search(question: Question, shelters: Shelters, vacancies: Vacancies, now_ms: int) -> Findings:
    """What fits at `now_ms`, by the server's clock."""
    audience = audience_of(question.household)
    selection = shelters.select(audience, question.traits, question.stay, question.channel)
    found = list(_found(question, selection, vacancies, now_ms))
    best = best_of(found, max(2, question.limit))
    metres = [place.metres for _, _, place in found if place.metres is not None]
    return Findings(
        options=best[: question.limit],
        found=len(found),
        searched=selection.searched,
        nearest_metres=min(metres, default=None),
        note=_note(best, is_suitable=bool(selection.suitable)),
        first_because=first_because(best, now_ms),
    )


def _found(question: Question, selection: Selection, vacancies: Vacancies, now_ms: int) -> Iterator[Ranked]:
    household, persons = question.household, question.household.persons
    surroundings = _Surroundings(question.near, now_ms)
    for suitable in selection.suitable:
        candidates = _candidates(suitable, vacancies, question.channel, now_ms)
        if candidates and (alternatives := fits(household, selection.need, candidates)):
            place = surroundings.place(suitable.shelter)
            for fit in alternatives:
                yield ranked(fit, place, persons)


def _candidates(suitable: Suitable, vacancies: Vacancies, channel: Channel, now_ms: int) -> list[Candidate]:
    found = []
    for lodging in suitable.lodgings:
        vacancy = vacancies.get(lodging.pool_id)
        if vacancy is None or not vacancy.free or vacancy.site_id != suitable.shelter.site_id:
            continue
        free = vacancy.free_for(channel, now_ms)
        if free:
            persons = (min(MOST_PLACES, free)) * lodging.persons_each
            found.append(Candidate(lodging, vacancy, free, persons, OLDNESS[vacancy.freshness(now_ms)]))
    return found


class _Surroundings:
    """The sites as seen from where the household is. Sites share their hours: each is looked up once a minute."""

    def __init__(self, near: Point | None, now_ms: int) -> None:
        self._near = near
        self._now_ms = now_ms
        self._openings: dict[tuple[str | None, int | None], Opening] = {}

    def place(self, shelter: Shelter) -> Place:
        """How far the site is, when they arrive there, and what the doors are then."""
        metres = minutes = None
        arrival_ms = self._now_ms
        if self._near is not None and shelter.point is not None:
            metres = metres_between(self._near, shelter.point)
            minutes = walking_minutes(metres)
            arrival_ms += minutes * MINUTE_MS
        opening = self._openings.get((shelter.opening_hours, minutes))
        if opening is None:
            hours = read_hours(shelter.opening_hours)
            opening = UNKNOWN if hours is None else hours.at(arrival_ms)
            self._openings[shelter.opening_hours, minutes] = opening
        return Place(shelter, metres, minutes, arrival_ms, opening)


def _note(best: list[Option], *, is_suitable: bool) -> Note | None:
    if not best:
        return Note.NOTHING_FREE if is_suitable else Note.NOTHING_FITS
    return None if best[0].fit.is_certain else Note.ONLY_TO_CONFIRM
