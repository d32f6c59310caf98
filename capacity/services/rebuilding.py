"""Rebuilding: a territory that the live store has lost, whole or in part, out of the ledger. Laws 4 to 8.

Nothing is decided anew: the facts, the holds and the answers are put back as the ledger has them, the numbers go on
after its last one, and a new epoch tells every reader to begin afresh. What was accepted and not yet recorded when the
live store was lost is the one thing that cannot come back.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from time import monotonic

from capacity.board.clocks import Clock
from capacity.errors import StoreUnavailable
from capacity.services.comparing import Comparing, Standing
from capacity.store.gathering import Argument
from capacity.store.keys import Keys
from capacity.store.live import LiveStore
from capacity.store.rebuild import Line, PoolFacts, RebuildStore, Source

AT_ONCE = 500
"""Pools, holds or answers in one function call: some milliseconds of the store."""
CALLS_AT_ONCE = 10
"""Calls in one pipeline: they share one fsync, which costs more than all that they do."""
OVERTAKEN = "Another process rebuilds this territory."

log = logging.getLogger(__name__)


class Rebuilding:
    """Brings a territory back. Every method raises LedgerUnavailable, StoreUnavailable."""

    def __init__(
        self, store: RebuildStore, live: LiveStore, comparing: Comparing, *, clock: Clock, new_id: Callable[[], str]
    ) -> None:
        """`new_id` makes an epoch."""
        self._store = store
        self._live = live
        self._comparing = comparing
        self._clock = clock
        self._new_id = new_id
        self._one_at_a_time = asyncio.Lock()  # each keeps a connection to Postgres, and needs another to compare

    async def rebuild(self, territory: str, *, is_forced: bool = False) -> list[PoolFacts] | None:
        """Put a territory back as the ledger has it; answers its pools, None where another process has done it.

        Of several that want to, one does it and the others wait. `is_forced` asks for it whatever there is.
        """
        async with self._one_at_a_time:
            if not is_forced and not await self._is_needed(territory):
                return None
            return await self._rebuild(territory, is_forced=is_forced)

    async def _rebuild(self, territory: str, *, is_forced: bool) -> list[PoolFacts] | None:
        now_ms = self._clock()
        async with self._store.source(territory, datetime.fromtimestamp(now_ms / 1000, UTC)) as source:
            if not is_forced and not await self._is_needed(territory):
                return None  # another process has done it while we waited
            began = monotonic()
            epoch = self._new_id()
            pools = await self._bring_back(territory, source, epoch, now_ms)
            await source.take_epoch(epoch)
        took = monotonic() - began
        level = logging.WARNING if source.seq else logging.INFO  # the first site of a territory opens it like this
        said = "%s was rebuilt from the ledger at %d: %d pools, %.1f s"
        log.log(level, said, territory, source.seq, len(pools), took)
        return pools

    async def _is_needed(self, territory: str) -> bool:
        return await self._comparing.standing(territory) in (Standing.LOST, Standing.OLDER)

    async def _bring_back(self, territory: str, source: Source, epoch: str, now_ms: int) -> list[PoolFacts]:
        await self._call(territory, "rebuild_begin_v1", (epoch,))
        await self._live.drop(territory)
        pools: list[PoolFacts] = []

        async def of_pools() -> AsyncIterator[Line]:
            async for pool in source.pools():
                pools.append(replace(pool, words=()))
                yield pool.words

        for function, lines in (
            ("restore_pools_v1", of_pools()),
            ("restore_holds_v1", source.holds()),
            ("restore_requests_v1", source.requests()),
            ("restore_answers_v1", source.answers()),
        ):
            await self._put(territory, function, epoch, lines)
        await self._call(territory, "rebuild_end_v1", (epoch, epoch, source.seq, now_ms))
        return pools

    async def _put(self, territory: str, function: str, token: str, lines: AsyncIterator[Line]) -> None:
        """Put lines into the live store, the next ones read while it takes the last."""
        last: asyncio.Task[None] | None = None
        try:
            async for part in _in_parts(lines):
                if last is not None:
                    await last
                last = asyncio.create_task(self._put_part(territory, function, token, part), name="put facts back")
            if last is not None:
                await last
        finally:
            if last is not None:
                last.cancel()

    async def _put_part(self, territory: str, function: str, token: str, lines: Sequence[Line]) -> None:
        await asyncio.gather(
            *(
                self._call(territory, function, (token, *chain.from_iterable(lines[start : start + AT_ONCE])))
                for start in range(0, len(lines), AT_ONCE)
            )
        )

    async def _call(self, territory: str, function: str, args: Sequence[Argument]) -> None:
        if not await self._live.call(function, (Keys.of(territory).meta,), args):
            raise StoreUnavailable(OVERTAKEN)


async def _in_parts(lines: AsyncIterator[Line]) -> AsyncIterator[list[Line]]:
    part: list[Line] = []
    async for line in lines:
        part.append(line)
        if len(part) == CALLS_AT_ONCE * AT_ONCE:
            yield part
            part = []
    if part:
        yield part
