"""The registry of a territory in memory: its sites, and whose a pool is, without asking Postgres each time."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace

from capacity.board.access import Scope
from capacity.board.clocks import Clock
from capacity.board.visibility import View
from capacity.errors import LedgerUnavailable, UnknownSite, UnknownTerritory
from capacity.services.lens import Lens, Veil
from capacity.store.registry import Belonging, RegistryStore, Standing
from capacity.vocabulary.words import Visibility
from capacity.wire.registry import Site

LOOK_MS = 2_000
"""How old an answer may be before the registry is asked whether it has been edited since."""


LENSES_KEPT = 256
"""Views are few; only systems that are for some sites each have one of their own."""


class Directory:
    """The registry of a territory at one version. Never changes."""

    def __init__(
        self, standing: Standing, sites: Iterable[Site], belongings: Mapping[str, Belonging], veil: Veil
    ) -> None:
        """`belongings` are of every pool that ever was; `sites` are those that are not closed."""
        self._standing = standing
        self.version = standing.version
        self.is_public = standing.is_public
        self.sites = tuple(sites)
        self._veil = veil
        self._belongings = belongings
        self._by_id = {site.id: site for site in self.sites}
        self._by_pool = {pool.id: site for site in self.sites for pool in site.pools}
        self._protected = frozenset(
            whose.site_id for whose in belongings.values() if whose.visibility is Visibility.PROTECTED
        )
        self._lenses: dict[View, Lens] = {}

    def site(self, site_id: str) -> Site:
        """One site. Raises UnknownSite."""
        try:
            return self._by_id[site_id]
        except KeyError:
            raise UnknownSite from None

    def site_of(self, pool_id: str) -> Site | None:
        """The site of a pool; None for a pool that the registry does not have, or has no longer."""
        return self._by_pool.get(pool_id)

    def owner(self, pool_id: str) -> str | None:
        """The id of the site that has a pool, or had it last; None for one that never was."""
        whose = self._belongings.get(pool_id)
        return None if whose is None else whose.site_id

    def has(self, pool_id: str, site_id: str) -> bool:
        """Whether the pool is where a row of the board says it is."""
        site = self._by_pool.get(pool_id)
        return site is not None and site.id == site_id

    def narrowed(self, view: View) -> View:
        """The view by which a viewer is served: sites of one's own make no other view where nothing hides them."""
        if view.reach is not Scope.TERRITORY or not view.own:
            return view
        return replace(view, own=view.own & self._protected)

    def lens(self, view: View) -> Lens:
        """What a view makes of this registry."""
        narrow = self.narrowed(view)
        if narrow not in self._lenses:
            if len(self._lenses) >= LENSES_KEPT:
                self._lenses.clear()
            self._lenses[narrow] = Lens(narrow, self._standing, self.sites, self._belongings, self._veil)
        return self._lenses[narrow]


class Directories:
    """The directories of all territories, each asked for anew when its registry was edited."""

    def __init__(self, registry: RegistryStore, *, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock
        self._known: dict[str, Directory] = {}
        self._looked_ms: dict[str, int] = {}
        self._looking: dict[str, asyncio.Lock] = {}
        self._doubted: set[str] = set()
        self._opaque_key: bytes | None = None

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

    async def of_now(self, territory: str) -> Directory:
        """The same, asked for anew: who has just read or edited elsewhere must not be told of before."""
        self.doubt(territory)
        return await self.of(territory)

    def known(self, territory: str) -> Directory | None:
        """A territory's directory where `of` would have nothing to ask; None where it would. Never waits."""
        return self._known.get(territory) if self._is_fresh(territory) else None

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
            standing = await self._registry.standing(territory)
            if known is None or known.version != standing.version or known.is_public != standing.is_public:
                self._known[territory] = await self._read(territory, standing)
        except LedgerUnavailable:
            if known is None:
                raise
        self._looked_ms[territory] = self._clock()

    async def _read(self, territory: str, standing: Standing) -> Directory:
        if self._opaque_key is None:
            self._opaque_key = await self._registry.opaque_key()
        belongings = await self._registry.belongings(territory)
        sites = await self._registry.sites(territory)
        return Directory(standing, sites, belongings, Veil(self._opaque_key, territory))
