"""Registering: sites and pools into Postgres first, then their pools onto the board."""

import asyncio
import json
from collections.abc import Callable, Sequence

from capacity.board.clocks import Clock, rfc3339
from capacity.store.audit import Noted
from capacity.store.keys import Keys
from capacity.store.live import LiveStore
from capacity.store.registry import Edit, PoolEntry, RegistryStore
from capacity.wire.registry import Site, Territory


class Registering:
    """Edits of the registry, and the road from it to the board."""

    def __init__(self, registry: RegistryStore, live: LiveStore, *, clock: Clock, new_id: Callable[[], str]) -> None:
        """`new_id` makes the id of a registry command and the epoch of a territory that opens."""
        self._registry = registry
        self._live = live
        self._clock = clock
        self._new_id = new_id

    async def territories(self) -> list[Territory]:
        """All territories, by id. Raises LedgerUnavailable."""
        return await self._registry.territories()

    async def names(self) -> list[str]:
        """The ids of all territories. Raises LedgerUnavailable."""
        return [territory.id for territory in await self.territories()]

    async def put(self, territory: str, site: Site, noted: Noted | None = None) -> bool:
        """Create or replace a site; answers whether it was created. `noted` is who did, kept along with it.

        Raises:
            PoolTaken: a pool is on the board of another site; nothing was kept.
            LedgerUnavailable: nothing was kept.
            StoreUnavailable: kept, but not yet on the board; putting it again, or the next start, completes it.
        """
        edit = await self._registry.keep(territory, None, [site], noted=noted)
        await self._follow(territory, [site.id])
        return bool(edit.created)

    async def close(self, territory: str, site_id: str, noted: Noted | None = None) -> None:
        """Close a site for good. Raises UnknownTerritory, UnknownSite, LedgerUnavailable, StoreUnavailable."""
        await self._registry.close(territory, site_id, noted=noted)
        await self._follow(territory, [site_id])

    async def import_sites(
        self,
        territory: str,
        name: str | None,
        sites: Sequence[Site],
        *,
        dry_run: bool = False,
        noted: Noted | None = None,
    ) -> Edit:
        """Create or replace many sites, all or none; those not named stay. Raises as `put`."""
        edit = await self._registry.keep(territory, name, sites, dry_run=dry_run, noted=noted)
        if not dry_run:
            await self._follow(territory, [site.id for site in sites])
        return edit

    async def reconcile(self) -> int:
        """Bring the board up to the registry, wherever an edit was cut short; answers how many rows changed.

        Raises:
            LedgerUnavailable, StoreUnavailable
        """
        mended = await self.mend()
        return sum(mended.values()) + await self._bring(await self._registry.pools())

    async def mend(self) -> dict[str, int]:
        """Bring territories that the live store lacks, whole or in part, to the board; answers how many rows each.

        Their numbers go on after the ledger's last, in a new epoch, and their pools are as if never reported on.

        Raises:
            LedgerUnavailable, StoreUnavailable
        """
        lost = [territory for territory in await self.names() if not await self._live.is_whole(territory)]
        return {territory: await self._restore(territory) for territory in lost}

    async def _follow(self, territory: str, site_ids: list[str]) -> None:
        if await self._live.is_whole(territory):
            await self._bring(await self._registry.pools(territory, site_ids))
        else:
            await self._restore(territory)

    async def _restore(self, territory: str) -> int:
        opened_after = await self._registry.recorded(territory)
        meta = Keys.of(territory).meta
        await self._live.call("open_territory_v1", (meta,), (self._new_id(), opened_after, self._clock()))
        changed = await self._bring(await self._registry.pools(territory))
        await self._live.call("board_is_whole_v1", (meta,), ())
        return changed

    async def _bring(self, entries: Sequence[PoolEntry]) -> int:
        replies = await asyncio.gather(*(self._bring_one(entry) for entry in entries))
        return sum(reply[0] in (b"opened", b"changed", b"gone") for reply in replies)

    async def _bring_one(self, entry: PoolEntry) -> list[bytes]:
        keys, command_id, at_ms = Keys.of(entry.territory), self._new_id(), self._clock()
        on_board = (keys.meta, keys.rows, keys.stamps, keys.stream)
        facts = (keys.facts(entry.pool_id), keys.movements(entry.pool_id))
        body = _command_body(entry, command_id, at_ms)
        reply: list[bytes]
        if entry.removed:
            args: tuple[str | int, ...] = (entry.pool_id, entry.version, body)
            reply = await self._live.call("remove_pool_v1", (*on_board, *facts), args)
        else:
            args = (
                command_id, entry.pool_id, entry.site_id, entry.version, entry.capacity, entry.fresh_for, at_ms, body,
            )  # fmt: skip
            reply = await self._live.call("register_pool_v1", (*on_board, *facts), args)
        return reply


def _command_body(entry: PoolEntry, command_id: str, at_ms: int) -> str:
    """The ledger's JSON of a registry command, without its opening brace and its type."""
    now = rfc3339(at_ms)
    registered = {} if entry.removed else {"capacity": entry.capacity, "fresh_for": entry.fresh_for}
    command = {"id": command_id, "pool": entry.pool_id, "site": entry.site_id, **registered}
    return json.dumps({**command, "observed_at": now, "received_at": now}, separators=(",", ":"))[1:]
