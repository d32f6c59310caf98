"""Registering: sites and pools into Postgres first, then their pools onto the board."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence

from capacity.board.clocks import Clock, rfc3339
from capacity.services.comparing import ADVICE, Comparing, Standing
from capacity.services.rebuilding import Rebuilding
from capacity.store.audit import Noted
from capacity.store.keys import Keys
from capacity.store.ledger import LedgerStore
from capacity.store.live import LiveStore
from capacity.store.rebuild import PoolFacts, RebuildStore
from capacity.store.registry import Edit, PoolEntry, RegistryStore
from capacity.wire.registry import Site, Territory

AT_ONCE = 1_000
"""Pools brought in one turn: a whole region in one pipeline would outlast the store's deadline."""

log = logging.getLogger(__name__)


class Registering:
    """Edits of the registry, and the road from it to the board."""

    def __init__(self, registry: RegistryStore, live: LiveStore, *, clock: Clock, new_id: Callable[[], str]) -> None:
        """`new_id` makes the id of a registry command and the epoch of a territory that opens."""
        self._registry = registry
        self._live = live
        self._comparing = Comparing(live, LedgerStore(registry.database))
        self._rebuilding = Rebuilding(
            RebuildStore(registry.database), live, self._comparing, clock=clock, new_id=new_id
        )
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
        """Rebuild the territories that the live store lacks, whole or in part; answers how many rows each.

        Where the two stores are not of one history and neither may be overwritten unasked, nothing is taken or told
        from here until somebody has decided: the log says what.

        Raises:
            LedgerUnavailable, StoreUnavailable
        """
        names = await self.names()
        self._live.expected = frozenset(names)
        standings = {territory: await self._comparing.standing(territory) for territory in names}
        self._stop_if_apart(standings)
        mended = {name: await self._mend(name, standing) for name, standing in standings.items()}
        return {name: rows for name, rows in mended.items() if rows is not None}

    async def _mend(self, territory: str, standing: Standing) -> int | None:
        if standing is Standing.PARTIAL:
            return await self._complete(territory, ())
        if standing not in (Standing.LOST, Standing.OLDER):
            return None
        pools = await self._rebuilding.rebuild(territory)
        return None if pools is None else await self._complete(territory, pools)

    def _stop_if_apart(self, standings: Mapping[str, Standing]) -> None:
        apart = [territory for territory, standing in standings.items() if standing is Standing.APART]
        stopped = f"Nothing can be taken for {apart[0]}: {ADVICE[Standing.APART]}." if apart else ""
        if stopped != self._live.stopped:
            log.error(stopped or "the live store and the ledger agree again")
        self._live.stopped = stopped

    async def _follow(self, territory: str, site_ids: list[str]) -> None:
        if not await self._live.is_whole(territory):
            pools = await self._rebuilding.rebuild(territory)
            if pools is not None:
                await self._complete(territory, pools)
                return
        await self._bring(await self._registry.pools(territory, site_ids))

    async def _complete(self, territory: str, pools: Sequence[PoolFacts]) -> int:
        """Bring what the registry has beyond the pools that were brought back; answers how many rows there are of both.

        A process that finds a territory half done may do what another is at: it changes nothing twice.
        """
        known = {pool.pool_id: pool for pool in pools}
        entries = await self._registry.pools(territory)
        changed = await self._bring(
            [entry for entry in entries if not _is_as_registered(entry, known.get(entry.pool_id))]
        )
        await self._live.call("board_is_whole_v1", (Keys.of(territory).meta,), ())
        return len(known) + changed

    async def _bring(self, entries: Sequence[PoolEntry]) -> int:
        changed = 0
        for start in range(0, len(entries), AT_ONCE):
            part = entries[start : start + AT_ONCE]
            replies = await asyncio.gather(*(self._bring_one(entry) for entry in part))
            changed += sum(reply[0] in (b"opened", b"changed", b"gone") for reply in replies)
        return changed

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


def _is_as_registered(entry: PoolEntry, facts: PoolFacts | None) -> bool:
    """Whether a pool that was brought back is on the board as the registry has it, so that nothing need be brought."""
    if facts is None or facts.gone or entry.removed:
        return facts is not None and facts.gone and entry.removed
    registered = (str(entry.capacity), str(entry.fresh_for))
    return (facts.site_id, facts.version, facts.registered) == (entry.site_id, entry.version, registered)


def _command_body(entry: PoolEntry, command_id: str, at_ms: int) -> str:
    """The ledger's JSON of a registry command, without its opening brace and its type."""
    now = rfc3339(at_ms)
    registered = {} if entry.removed else {"capacity": entry.capacity, "fresh_for": entry.fresh_for}
    command = {"id": command_id, "pool": entry.pool_id, "site": entry.site_id, **registered}
    return json.dumps({**command, "observed_at": now, "received_at": now}, separators=(",", ":"))[1:]
