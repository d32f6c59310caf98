"""A search for free places for a household: every option of a territory, best first. Reads values, awaits nothing."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from capacity.board.distance import (
    Point,
    chord_between,
    fewest_walking_minutes,
    metres_between,
    metres_of_chord,
    walking_minutes,
)
from capacity.board.hours import UNKNOWN
from capacity.board.needs import Household, audience_of
from capacity.board.offers import Offers, SiteOffers
from capacity.board.ranking import MOST_STEPS, WALK_STEP_MINUTES, Bare, Option, Place, best_of
from capacity.board.reasons import FirstBecause, first_because
from capacity.board.shelters import Shelter, Shelters
from capacity.board.vacancies import Vacancies
from capacity.vocabulary.finding import Note, Stay
from capacity.vocabulary.words import Channel, Trait

MINUTE_MS = 60_000
MOST_REMEMBERED = 32
"""Kinds of households, of those who ask, and of what they need: half a megabyte each in the largest territory."""


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


class Search:
    """Searches in what is known of a territory, which goes on changing underneath."""

    def __init__(self, shelters: Shelters, vacancies: Vacancies) -> None:
        self._shelters = shelters
        self._vacancies = vacancies
        self._offers: OrderedDict[tuple[Household, frozenset[Trait], Stay, Channel], Offers] = OrderedDict()

    def ask(self, question: Question, now_ms: int) -> Findings:
        """What fits at `now_ms`, by the server's clock."""
        household, near = question.household, question.near
        selection = self._shelters.select(audience_of(household), question.traits, question.stay)
        sites = self._offered(question, question.traits, now_ms)
        found = _how_many(sites)
        place_of = partial(_place, near=near, now_ms=now_ms)
        best = best_of(_candidates(sites, near), max(2, question.limit), place_of, household.persons)
        return Findings(
            options=best[: question.limit],
            found=found,
            unfiltered=_how_many(self._offered(question, frozenset(), now_ms)) if question.traits else found,
            searched=selection.searched,
            nearest_metres=_nearest(sites, near),
            note=_note(best, is_suitable=bool(selection.suitable)),
            first_because=first_because(best, now_ms),
        )

    def _offered(self, question: Question, traits: frozenset[Trait], now_ms: int) -> list[SiteOffers]:
        asked = (question.household, traits, question.stay, question.channel)
        offers = self._offers.get(asked)
        if offers is None:
            selection = self._shelters.select(audience_of(question.household), traits, question.stay)
            offers = self._offers[asked] = Offers(question.household, selection, question.channel)
            if len(self._offers) > MOST_REMEMBERED:
                self._offers.popitem(last=False)
        self._offers.move_to_end(asked)
        return offers.now(self._vacancies, now_ms)


def search(question: Question, shelters: Shelters, vacancies: Vacancies, now_ms: int) -> Findings:
    """One search by itself."""
    return Search(shelters, vacancies).ask(question, now_ms)


def _candidates(sites: list[SiteOffers], near: Point | None) -> Iterator[tuple[int, Shelter, Bare]]:
    """All options, each with the least that it could be ranked by."""
    for shelter, options, _, _ in sites:
        point = shelter.point
        steps = MOST_STEPS
        if near is not None and point is not None:
            steps = fewest_walking_minutes(chord_between(near, point)) // WALK_STEP_MINUTES
        for bare in options:
            yield bare.lead + steps, shelter, bare


def _how_many(sites: list[SiteOffers]) -> int:
    return sum(len(site.options) for site in sites)


def _nearest(sites: list[SiteOffers], near: Point | None) -> int | None:
    if near is None:
        return None
    chords = [chord_between(near, site.shelter.point) for site in sites if site.shelter.point is not None]
    return metres_of_chord(min(chords)) if chords else None


def _place(shelter: Shelter, *, near: Point | None, now_ms: int) -> Place:
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
