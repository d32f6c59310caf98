"""A search for free places for a household: every option of a territory, best first. Reads values, awaits nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from capacity.board.distance import Point, metres_between, walking_minutes
from capacity.board.fit import OLDEST_CERTAIN, OLDNESS, Candidate, joined, persons_in
from capacity.board.hours import UNKNOWN
from capacity.board.needs import Household, audience_of
from capacity.board.ranking import Alone, Option, Place, Ranked, best_of, ranked, ranked_alone
from capacity.board.reasons import FirstBecause, first_because
from capacity.board.shelters import Lodging, Selection, Shelter, Shelters
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

    `unfiltered` is how many there would be if none of the traits were asked for: what those hide is never hidden.
    `nearest_metres` is that of all options, None where no distance is known.
    """

    options: list[Option]
    found: int
    unfiltered: int
    searched: int
    nearest_metres: int | None
    note: Note | None
    first_because: FirstBecause | None


def search(question: Question, shelters: Shelters, vacancies: Vacancies, now_ms: int) -> Findings:
    """What fits at `now_ms`, by the server's clock."""
    audience = audience_of(question.household)
    selection = shelters.select(audience, question.traits, question.stay)
    found = list(_found(question, selection, vacancies, now_ms))
    best = best_of(found, max(2, question.limit), question.household.persons)
    metres = [place.metres for _, _, place in found if place.metres is not None]
    return Findings(
        options=best[: question.limit],
        found=len(found),
        unfiltered=len(found) if not question.traits else _without_traits(question, shelters, vacancies, now_ms),
        searched=selection.searched,
        nearest_metres=min(metres, default=None),
        note=_note(best, is_suitable=bool(selection.suitable)),
        first_because=first_because(best, now_ms),
    )


def _without_traits(question: Question, shelters: Shelters, vacancies: Vacancies, now_ms: int) -> int:
    everything = replace(question, traits=frozenset())
    selection = shelters.select(audience_of(question.household), everything.traits, question.stay)
    return sum(1 for _ in _found(everything, selection, vacancies, now_ms))


def _found(question: Question, selection: Selection, vacancies: Vacancies, now_ms: int) -> Iterator[Ranked]:
    household, persons, need = question.household, question.household.persons, selection.need
    for shelter, lodgings in selection.suitable:
        found = _free(shelter, lodgings, vacancies, question.channel, now_ms)
        takers = [one for one in found if persons_in(one[0], one[2]) >= persons and one[0].audience in need.matches]
        place = _place(shelter, question.near, now_ms) if takers else None
        if place is not None:
            for one in takers:
                yield ranked_alone(one, need.matches[one[0].audience], place, persons)
        if len(found) > 1 and not any(one[3] <= OLDEST_CERTAIN for one in takers):
            candidates = [Candidate.of(*one) for one in found]
            for fit in joined(household, need, candidates, has_unsure=bool(takers)):
                yield ranked(fit, place or _place(shelter, question.near, now_ms), persons)


def _free(
    shelter: Shelter, lodgings: Iterable[Lodging], vacancies: Vacancies, channel: Channel, now_ms: int
) -> list[Alone]:
    """The pools of a site that have places for the channel. This is where a search spends its time."""
    found = []
    for lodging in lodgings:
        vacancy = vacancies.get(lodging.pool_id)
        if vacancy is not None and vacancy.free and vacancy.site_id == shelter.site_id:
            free = vacancy.free_for(channel, now_ms) if vacancy.contingents else vacancy.free
            if free:
                found.append((lodging, vacancy, free, OLDNESS[vacancy.freshness(now_ms)]))
    return found


def _place(shelter: Shelter, near: Point | None, now_ms: int) -> Place:
    """How far the site is, when they arrive there, and what the doors are then."""
    point, hours = shelter.point, shelter.hours
    metres = minutes = None
    arrival_ms = now_ms
    if near is not None and point is not None:
        metres = metres_between(near, point)
        minutes = walking_minutes(metres)
        arrival_ms += minutes * MINUTE_MS
    return Place(shelter, metres, minutes, arrival_ms, UNKNOWN if hours is None else hours.at(arrival_ms))


def _note(best: list[Option], *, is_suitable: bool) -> Note | None:
    if not best:
        return Note.NOTHING_FREE if is_suitable else Note.NOTHING_FITS
    return None if best[0].fit.is_certain else Note.ONLY_TO_CONFIRM
