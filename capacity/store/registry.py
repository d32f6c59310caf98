"""The registry in Postgres: territories, sites and their pools. It decides first; the live store follows."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from asyncpg.pool import PoolConnectionProxy

from capacity.errors import PoolTaken, UnknownSite, UnknownTerritory
from capacity.store.audit import Noted, note
from capacity.store.postgres import Database
from capacity.store.queries import load
from capacity.vocabulary.departements import territory_name
from capacity.vocabulary.words import Visibility
from capacity.wire.registry import Site, Territory, site_adapter

_sql = load("registry")


@dataclass(frozen=True, slots=True)
class PoolEntry:
    """A pool as the live store needs to know it; `version` is that of the last edit that touched it."""

    territory: str
    pool_id: str
    site_id: str
    version: int
    capacity: int
    fresh_for: int
    removed: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A territory's registry: the number of its latest edit, and whether everybody may read its public sites."""

    version: int
    is_public: bool


@dataclass(frozen=True, slots=True)
class Belonging:
    """The site of a pool, and who may know of it."""

    site_id: str
    visibility: Visibility


@dataclass(slots=True)
class Edit:
    """What an edit of the registry did, site by site."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


class RegistryStore:
    """What the registry knows, and the edits that keep it. Every method raises LedgerUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = self.database = database

    async def territories(self) -> list[Territory]:
        """All territories, by id."""
        async with self._database.connection() as connection:
            return [Territory(**line) for line in await connection.fetch(_sql["territories"])]

    async def version(self, territory: str) -> int:
        """The number of the territory's latest edit. Raises UnknownTerritory."""
        async with self._database.connection() as connection:
            version = await connection.fetchval(_sql["version"], territory)
        if version is None:
            raise UnknownTerritory
        return int(version)

    async def standing(self, territory: str) -> Standing:
        """Its version, and who may read it. Raises UnknownTerritory."""
        async with self._database.connection() as connection:
            line = await connection.fetchrow(_sql["standing"], territory)
        if line is None:
            raise UnknownTerritory
        return Standing(**line)

    async def belongings(self, territory: str) -> dict[str, Belonging]:
        """Whose each pool is that ever was, and who may know of it."""
        async with self._database.connection() as connection:
            lines = await connection.fetch(_sql["belongings"], territory)
        return {line["pool"]: Belonging(line["site"], Visibility(line["visibility"])) for line in lines}

    async def opaque_key(self) -> bytes:
        """The key of the ids under which protected pools are told."""
        async with self._database.connection() as connection:
            return bytes(await connection.fetchval(_sql["opaque_key"]))

    async def recorded(self, territory: str) -> int:
        """The last number of the territory that the ledger has; 0 when it has none."""
        async with self._database.connection() as connection:
            return int(await connection.fetchval(_sql["recorded"], territory) or 0)

    async def sites(self, territory: str, site_id: str | None = None) -> list[Site]:
        """The sites that are not closed, or the one of this id, with their pools, by id."""
        async with self._database.connection() as connection:
            return await _sites(connection, territory, site_id)

    async def keep(
        self,
        territory: str,
        name: str | None,
        sites: Sequence[Site],
        *,
        dry_run: bool = False,
        noted: Noted | None = None,
    ) -> Edit:
        """Create or replace sites in one transaction, opening the territory with the first.

        `dry_run` decides everything the same way and keeps nothing. `noted` is kept along with what changed.

        Raises:
            PoolTaken: a pool is on the board of another site; nothing was kept.
        """
        async with self._database.connection() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                edit = await _keep(connection, territory, name, sites)
                touched = (*edit.created, *edit.changed)
                if noted is not None and touched:
                    await note(connection, replace(noted, subjects=touched))
            except BaseException:
                await transaction.rollback()
                raise
            await (transaction.rollback() if dry_run else transaction.commit())
            return edit

    async def close(self, territory: str, site_id: str, *, noted: Noted | None = None) -> None:
        """Close a site for good and take its pools off the board. Raises UnknownTerritory, UnknownSite."""
        async with self._database.transaction() as connection:
            version = await connection.fetchval(_sql["next_version"], territory)
            if version is None:
                raise UnknownTerritory
            if await connection.fetchval(_sql["close_site"], territory, version, site_id) is None:
                raise UnknownSite
            await connection.execute(_sql["remove_pools"], territory, version, site_id, [])
            if noted is not None:
                await note(connection, noted)

    async def pools(self, territory: str | None = None, site_ids: Sequence[str] | None = None) -> list[PoolEntry]:
        """Every pool that ever was, of some sites or of all, in the order of edits."""
        async with self._database.connection() as connection:
            return [PoolEntry(**line) for line in await connection.fetch(_sql["pools"], territory, site_ids)]


async def _sites(connection: PoolConnectionProxy, territory: str, site_id: str | None) -> list[Site]:
    lines = await connection.fetch(_sql["sites"], territory, site_id)
    return [site_adapter.validate_json(line["site"]) for line in lines]


async def _keep(connection: PoolConnectionProxy, territory: str, name: str | None, sites: Sequence[Site]) -> Edit:
    await connection.execute(_sql["open_territory"], territory, name or territory_name(territory))
    version = await connection.fetchval(_sql["next_version"], territory)
    only = sites[0].id if len(sites) == 1 else None  # one PUT does not read them all
    present = {site.id: site for site in await _sites(connection, territory, only)}
    for site in sites:  # a pool may move between two sites of one import, whichever of them comes first
        if site.id in present:
            await _let_go(connection, territory, version, site)
    edit = Edit()
    for site in sites:
        if site == present.get(site.id):
            edit.unchanged.append(site.id)
        else:
            (edit.changed if site.id in present else edit.created).append(site.id)
            await _replace(connection, territory, version, site)
            present[site.id] = site
    return edit


async def _replace(connection: PoolConnectionProxy, territory: str, version: int, site: Site) -> None:
    pool_ids = [pool.id for pool in site.pools]
    taken = await connection.fetch(_sql["pools_elsewhere"], territory, site.id, pool_ids)
    if taken:
        raise PoolTaken(f"The pool {taken[0]['pool']} is on the board of another site.")
    document = site.model_dump_json()
    await connection.execute(_sql["keep_site"], territory, version, document)
    await _let_go(connection, territory, version, site)
    await connection.execute(_sql["keep_pools"], territory, version, document)


async def _let_go(connection: PoolConnectionProxy, territory: str, version: int, site: Site) -> None:
    """Take the pools off the board that the site no longer lists."""
    await connection.execute(_sql["remove_pools"], territory, version, site.id, [pool.id for pool in site.pools])
