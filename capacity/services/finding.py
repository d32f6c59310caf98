"""Finding: free places for a household, out of the board and the registry as they are in memory."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

import structlog

from capacity.board.clocks import Clock
from capacity.board.distance import Point
from capacity.board.hours import read_hours
from capacity.board.search import Findings, Question, Search
from capacity.board.shelters import LODGING_UNITS, Lodging, Shelter, Shelters
from capacity.board.vacancies import Vacancies, Vacancy
from capacity.board.visibility import WHOLE, View
from capacity.errors import CapacityError
from capacity.services.broadcasting import Hub
from capacity.services.channel import Channel as Feed
from capacity.services.directory import Directories
from capacity.services.lens import Lens
from capacity.vocabulary.words import Channel, Trait
from capacity.wire.parties import Party
from capacity.wire.registry import Site

SHOWN = {"id", "name", "kind", "phone", "address", "position", "visibility"}
"""What an answer tells of a site."""
COUNTING_SECONDS = 1.0
"""How long an empty answer waits until it is counted."""

CountEmpty = Callable[[str, Party, Iterable[Trait], Channel], Awaitable[None]]
"""Counts a search that found nothing, to confirm neither: territory, party, traits, channel."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Known:
    """What is in memory of a view of a territory, each part as it was when it was last looked at."""

    vacancies: Vacancies = field(default_factory=Vacancies)
    lens: Lens | None = None
    search: Search = field(init=False)

    def __post_init__(self) -> None:
        self.search = Search(Shelters(), self.vacancies)


class Finding:
    """Searches of all territories. A search parses nothing: rows are read when they change, sites when edited."""

    def __init__(self, hub: Hub, directories: Directories, *, clock: Clock, count_empty: CountEmpty) -> None:
        self._hub = hub
        self._directories = directories
        self._clock = clock
        self._count_empty = count_empty
        self._known: dict[tuple[str, View], _Known] = {}

    async def find(self, territory: str, question: Question, view: View = WHOLE) -> Findings:
        """What fits now of what this view shows, best first.

        Raises:
            UnknownTerritory
            StoreUnavailable: what is free cannot be known.
            LedgerUnavailable: Postgres is away, and the territory's sites were never asked for before.
        """
        feed = await self._hub.channel(territory)
        known = await self._look(territory, view, feed)
        findings = known.search.ask(question, self._clock())
        if not findings.found:
            await self._count(territory, question)
        return findings

    async def _look(self, territory: str, view: View, feed: Feed) -> _Known:
        """Bring memory up to the board and the registry. A pool that is new on the board means that it was edited."""
        directory = await self._directories.of(territory)
        window = await feed.window(view)
        known = self._known.setdefault((territory, window.view), _Known())
        arrived = known.vacancies.take(window.rows_since(known.vacancies.position))
        if not _has_all(directory.lens(view), arrived):
            self._directories.doubt(territory)
            directory = await self._directories.of(territory)
        lens = directory.lens(view)
        if known.lens is not lens:
            known.lens, known.search = lens, Search(Shelters(map(shelter_of, lens.sites)), known.vacancies)
        if not _has_all(lens, known.vacancies.take(window.rows_since(known.vacancies.position))):
            self._directories.doubt(territory)  # that came while we waited: the next search asks
        return known

    async def _count(self, territory: str, question: Question) -> None:
        """Have an empty answer counted; what cannot be counted is answered all the same."""
        women, men, children = question.household
        party = Party(women=women, men=men, children=children)
        try:
            async with asyncio.timeout(COUNTING_SECONDS):
                await self._count_empty(territory, party, question.traits, question.channel)
        except (CapacityError, TimeoutError) as exc:
            log.warning("an empty search was not counted", cause=str(exc) or "it took too long")


def _has_all(lens: Lens, vacancies: Iterable[Vacancy]) -> bool:
    return all(lens.has(one.pool_id, one.site_id) for one in vacancies)


def shelter_of(site: Site) -> Shelter:
    """A site of the registry as a search sees it."""
    return Shelter(
        site_id=site.id,
        kind=site.kind,
        visibility=site.visibility,
        point=None if site.position is None else Point.of(site.position.lat, site.position.lon),
        hours=read_hours(site.opening_hours),
        lodgings=tuple(
            Lodging(pool.id, pool.unit, pool.audience, pool.sleeps, frozenset(pool.traits))
            for pool in site.pools
            if pool.unit in LODGING_UNITS
        ),
        shown=site.model_dump(mode="json", include=SHOWN),
    )
