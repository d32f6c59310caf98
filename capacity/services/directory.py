"""The registry of a territory in memory: its sites, and whose a pool is, without asking Postgres each time."""

import asyncio
from collections.abc import Iterable

from capacity.board.clocks import Clock
from capacity.errors import LedgerUnavailable, UnknownSite, UnknownTerritory
from capacity.store.registry import RegistryStore
from capacity.wire.registry import Site

LOOK_MS = 2_000
"""How old an answer may be before the registry is asked whether it has been edited since."""


class Directory:
    """The sites of a territory at one version of its registry. Never changes."""

    def __init__(self, version: int, sites: Iterable[Site]) -> None:
        self.version = version
        self.sites = tuple(sites)
        self._by_id = {site.id: site for site in self.sites}
        self._by_pool = {pool.id: site for site in self.sites for pool in site.pools}

    def site(self, site_id: str) -> Site:
        """One site. Raises UnknownSite."""
        try:
            return self._by_id[site_id]
        except KeyError:
            raise UnknownSite from None

    def site_of(self, pool_id: str) -> Site | None:
        """The site of a pool; None for a pool that the registry does not have, or has no longer."""
        return self._by_pool.get(pool_id)

    def has(self, pool_id: str, site_id: str) -> bool:
        """Whether the pool is where a row of the board says it is."""
        site = self._by_pool.get(pool_id)
        return site is not None and site.id == site_id


class Directories:
    """The directories of all territories, each asked for anew when its registry was edited."""

    def __init__(self, registry: RegistryStore, *, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock
        self._known: dict[str, Directory] = {}
        self._looked_ms: dict[str, int] = {}
        self._looking: dict[str, asyncio.Lock] = {}
        self._doubted: set[str] = set()

    async def of(self, territory: str) -> Directory:
        """A territory's directory, at most two seconds behind; as last known while Postgres is away.

        Raises:
            UnknownTerritory
            LedgerUnavailable: Postgres is away, and the territory was never asked for before.
        """
        known = self._known.get(territory)
        looking = self._looking.setdefault(territory, asyncio.Lock())
        if known is not None and territory not in self._doubted and (self._is_fresh(territory) or looking.locked()):
            return known  # one caller asks; the others do not wait for a Postgres that hangs
        async with looking:
            if not self._is_fresh(territory):
                try:
                    await self._look(territory)
                except UnknownTerritory:
                    self._looking.pop(territory, None)  # names that nobody has may be without end
                    raise
            return self._known[territory]

    def doubt(self, territory: str) -> None:
        """Ask anew at the next call: the board has shown something that the directory does not have."""
        self._doubted.add(territory)

    def _is_fresh(self, territory: str) -> bool:
        if territory in self._doubted:
            return False
        looked_ms = self._looked_ms.get(territory)
        return looked_ms is not None and 0 <= self._clock() - looked_ms < LOOK_MS

    async def _look(self, territory: str) -> None:
        known = self._known.get(territory)
        self._doubted.discard(territory)  # before we ask: what is doubted meanwhile is asked for again
        try:
            version = await self._registry.version(territory)
            if known is None or known.version != version:
                self._known[territory] = Directory(version, await self._registry.sites(territory))
        except LedgerUnavailable:
            if known is None:
                raise
        self._looked_ms[territory] = self._clock()
