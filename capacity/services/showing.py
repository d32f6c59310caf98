"""Showing: what everybody may see of a territory, as it is in memory. Law 10."""

import asyncio
from dataclasses import dataclass

import structlog

from capacity.board.access import Scope
from capacity.board.clocks import Clock
from capacity.board.picture import Catchup
from capacity.board.vacancies import Vacancies
from capacity.board.visibility import View
from capacity.errors import LedgerUnavailable, NotSignedIn, StoreUnavailable, UnknownTerritory
from capacity.services.broadcasting import Hub
from capacity.services.directory import Directories, Directory
from capacity.services.publishing import Publishing
from capacity.store.publicity import Publicity
from capacity.wire.registry import Site

LOOK_MS = 2_000
"""How old the list of open territories may be before it is asked for anew."""
EVERYBODY = View(Scope.PUBLIC_SITES)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """The public sites of a territory, with what the board says of their pools.

    `edition` is another one after each edit of the registry, `seq` after each change of the board. `is_live` is False
    while the board cannot be read: the sites are then all that is known, and `vacancies` are empty. Law 7.
    """

    sites: tuple[Site, ...]
    vacancies: Vacancies
    edition: str
    seq: str
    is_live: bool


class Showing:
    """Looks at territories as everybody may. Reads no rows but those that changed since it last looked."""

    def __init__(self, hub: Hub, directories: Directories, publishing: Publishing, *, clock: Clock) -> None:
        self._hub = hub
        self._directories = directories
        self._publishing = publishing
        self._clock = clock
        self._vacancies: dict[str, Vacancies] = {}
        self._open: tuple[Publicity, ...] | None = None
        self._looked_ms = 0
        self._looking = asyncio.Lock()

    async def territories(self) -> tuple[Publicity, ...]:
        """Those that show themselves to everybody, by name; as last known while Postgres is away.

        Raises:
            LedgerUnavailable: it is away, and they were never asked for.
        """
        if self._open is not None and (self._looking.locked() or 0 <= self._clock() - self._looked_ms < LOOK_MS):
            return self._open  # one caller asks; the others do not wait for a Postgres that hangs
        async with self._looking:
            if self._open is None or not 0 <= self._clock() - self._looked_ms < LOOK_MS:
                try:
                    self._open = tuple(await self._publishing.open_to_all())
                except LedgerUnavailable:
                    if self._open is None:
                        raise
                self._looked_ms = self._clock()
            return self._open

    async def of(self, territory: str) -> Shown | None:
        """What everybody may see of one of them; None where that is nothing any more.

        Raises:
            LedgerUnavailable: Postgres is away, and its sites were never asked for.
        """
        try:
            directory = await self._directories.of(territory)
        except UnknownTerritory:
            return None
        if directory.lens(EVERYBODY).is_shut:
            return None
        try:
            catchup = await self._rows(territory)
        except NotSignedIn:
            return None
        except (StoreUnavailable, UnknownTerritory) as exc:
            log.warning("everybody is shown sites without their places", territory=territory, cause=str(exc))
            return _shown(directory, Vacancies(), "", is_live=False)
        vacancies = self._vacancies[territory]
        vacancies.take(catchup)
        return _shown(directory, vacancies, f"{catchup.epoch} {catchup.seq}", is_live=True)

    async def _rows(self, territory: str) -> Catchup:
        window = await (await self._hub.channel(territory)).window(EVERYBODY)
        vacancies = self._vacancies.setdefault(territory, Vacancies())
        return window.rows_since(vacancies.position)


def _shown(directory: Directory, vacancies: Vacancies, seq: str, *, is_live: bool) -> Shown:
    lens = directory.lens(EVERYBODY)
    return Shown(lens.sites, vacancies, lens.etag, seq, is_live)
