"""What a household may be offered, site by site, before anybody says where it is.

Who searches asks the same again and again while the board moves: what was found is kept, and only the sites where
something changed are looked at anew.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from capacity.board.fit import OLDEST_CERTAIN, OLDNESS, Candidate, joined, persons_in
from capacity.board.needs import Household, Need
from capacity.board.ranking import Alone, Bare, bare_of_one, bare_of_several
from capacity.board.shelters import Selection, Shelter, Suitable
from capacity.board.vacancies import Vacancies
from capacity.vocabulary.words import Channel


class SiteOffers(NamedTuple):
    """What one site offers, none to all of its pools; true from `made_ms` until before `until_ms` if no row changes."""

    shelter: Shelter
    options: tuple[Bare, ...]
    made_ms: int
    until_ms: float


class Offers:
    """What the sites of a selection offer one household that somebody of a channel asks for."""

    def __init__(self, household: Household, selection: Selection, channel: Channel) -> None:
        self._household = household
        self._need = selection.need
        self._channel = channel
        self._suitable = {suitable.shelter.site_id: suitable for suitable in selection.suitable}
        self._by_site: dict[str, SiteOffers] = {}
        self._seen = 0
        self._with_some: list[SiteOffers] = []
        self._made_ms = 0
        self._until_ms = float("-inf")

    def now(self, vacancies: Vacancies, now_ms: int) -> list[SiteOffers]:
        """Those of the sites that offer anything at `now_ms`. Always give it the same vacancies."""
        changed = vacancies.changed_since(self._seen)
        if not changed and self._made_ms <= now_ms < self._until_ms:
            return self._with_some
        self._seen = vacancies.changes
        anew = set(changed)
        for site_id, suitable in self._suitable.items():
            known = self._by_site.get(site_id)
            if known is None or site_id in anew or not known.made_ms <= now_ms < known.until_ms:
                self._by_site[site_id] = self._of(suitable, vacancies, now_ms)
        sites = self._by_site.values()
        self._with_some = [site for site in sites if site.options]
        self._made_ms = max((site.made_ms for site in sites), default=now_ms)
        self._until_ms = min((site.until_ms for site in sites), default=float("inf"))
        return self._with_some

    def _of(self, suitable: Suitable, vacancies: Vacancies, now_ms: int) -> SiteOffers:
        shelter, lodgings = suitable
        free: list[Alone] = []
        until_ms = float("inf")
        for lodging in lodgings:
            vacancy = vacancies.get(lodging.pool_id)
            if vacancy is None or not vacancy.free or vacancy.site_id != shelter.site_id:
                continue
            until_ms = min(until_ms, vacancy.changes_ms(now_ms))
            if places := vacancy.free_for(self._channel, now_ms):
                free.append((lodging, vacancy, places, OLDNESS[vacancy.freshness(now_ms)]))
        return SiteOffers(shelter, tuple(_options(self._household, self._need, free)), now_ms, until_ms)


def _options(household: Household, need: Need, free: list[Alone]) -> Iterator[Bare]:
    """The pools that take the household alone, and several together where none does for certain."""
    persons = household.persons
    takers = [one for one in free if persons_in(one[0], one[2]) >= persons and one[0].audience in need.matches]
    for one in takers:
        yield bare_of_one(one, need.matches[one[0].audience], persons)
    if len(free) > 1 and not _has_certain(takers):
        candidates = [Candidate.of(*one) for one in free]
        for fit in joined(household, need, candidates, has_unsure=bool(takers)):
            yield bare_of_several(fit, persons)


def _has_certain(takers: Iterable[Alone]) -> bool:
    return any(oldness <= OLDEST_CERTAIN for _, _, _, oldness in takers)
