"""Recording: from each territory's stream into the ledger, in numbered batches, and the stream trimmed behind it.

One recorder is active: it holds a Postgres advisory lock, which dies with its connection. Law 6.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime

from capacity.board.changes import Entry
from capacity.board.clocks import Clock
from capacity.errors import LedgerGap, LedgerMoved, LedgerUnavailable, StoreUnavailable
from capacity.services.comparing import ADVICE, Comparing, Standing
from capacity.store.ledger import Cursor, LedgerStore
from capacity.store.live import LiveStore
from capacity.store.lock import RecorderLock
from capacity.store.registry import RegistryStore

STREAM_KEPT = 1_000
"""Entries left in the stream behind the ledger, so that a reader of it that lags a moment needs no whole board."""

ENTRIES_A_BATCH = 1_000
LOOK_SECONDS = 1.0
PAUSE_SECONDS = 0.5
STANDSTILL_SECONDS = 5.0

Work = Callable[[], Coroutine[None, None, None]]

log = logging.getLogger(__name__)


class Recording:
    """Keeps the ledger up with every territory's stream, for as long as it holds the lock."""

    def __init__(self, live: LiveStore, ledger: LedgerStore, registry: RegistryStore, *, clock: Clock) -> None:
        self._live = live
        self._ledger = ledger
        self._registry = registry
        self._comparing = Comparing(live, ledger)
        self._clock = clock

    async def run(self, lock: RecorderLock, *beside: Work) -> None:
        """Wait for the lock, record while it is held, wait again when it is lost; until cancelled.

        `beside` is what else only the active recorder does, for as long as it is that.
        """

        async def work() -> None:
            async with asyncio.TaskGroup() as tasks:
                for one in (self._record_all, *beside):
                    tasks.create_task(one(), name=one.__qualname__)

        while True:
            try:
                async with lock.held() as lost:
                    log.info("recorder active")
                    await self._until(lost, work)
                    log.warning("recorder lost its lock; another one takes over")
            except LedgerUnavailable:
                log.warning("ledger unavailable; waiting")
                await asyncio.sleep(PAUSE_SECONDS)

    async def catch_up(self, territory: str) -> int:
        """Record all that the stream holds now; answers the number reached.

        Raises:
            LedgerGap, LedgerMoved, LedgerUnavailable, StoreUnavailable
        """
        cursor = await self._begin(territory)
        if cursor is None:
            return 0
        seq = cursor.seq
        while entries := await self._live.entries(territory, seq, ENTRIES_A_BATCH):
            seq = await self._keep(territory, cursor.epoch, seq, entries)
        return seq

    async def _record_all(self) -> None:
        """One task a territory; a territory that opens later is found within `LOOK_SECONDS`."""
        async with asyncio.TaskGroup() as tasks:
            following: set[str] = set()
            while True:
                with suppress(LedgerUnavailable):
                    for territory in await self._registry.territories():
                        if territory.id not in following:
                            following.add(territory.id)
                            tasks.create_task(self._record(territory.id), name=f"record {territory.id}")
                await asyncio.sleep(LOOK_SECONDS)

    async def _record(self, territory: str) -> None:
        while True:
            try:
                cursor = await self._begin(territory)
                if cursor is not None:
                    await self._follow(territory, cursor)
            except (LedgerUnavailable, StoreUnavailable) as exc:
                log.warning("recording of %s waits: %s", territory, exc)
            except (LedgerGap, LedgerMoved):
                # The other territories go on; `/readyz` shows this one's lag until somebody has looked.
                log.exception("recording of %s stands still", territory)
                await asyncio.sleep(STANDSTILL_SECONDS)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _follow(self, territory: str, cursor: Cursor) -> None:
        seq = cursor.seq
        async for entries in self._live.follow(territory, seq):
            if entries:
                seq = await self._keep(territory, cursor.epoch, seq, entries)
            elif await self._is_behind(territory, cursor.epoch, seq):
                return

    async def _begin(self, territory: str) -> Cursor | None:
        """Where to go on; None while the territory has not been opened in the live store."""
        position = await self._live.position(territory)
        if position is None:
            return None
        epoch, live_seq = position
        await self._ledger.start(territory, epoch, self._now())
        cursor = await self._ledger.cursor(territory)
        if cursor is not None and cursor.epoch != epoch and cursor.seq == await self._live.opened_after(territory):
            log.warning("the live store of %s was made anew; recording goes on after %d", territory, cursor.seq)
            await self._ledger.adopt(territory, cursor, epoch)
            cursor = await self._ledger.cursor(territory)
        is_followed = cursor is not None and cursor.epoch == epoch and cursor.seq <= live_seq
        if cursor is None or not is_followed or not await self._comparing.agree_at(territory, cursor.seq):
            raise LedgerMoved(
                f"The ledger of {territory} is at {cursor}, the live store at {position}: it is not the store "
                f"that this ledger has followed. Nothing was recorded: {await self._advice(territory)}."
            )
        return cursor

    async def _advice(self, territory: str) -> str:
        standing = await self._comparing.standing(territory)
        return ADVICE.get(standing, "every `capacity serve` rebuilds such a store by itself; see that one runs")

    async def _is_behind(self, territory: str, epoch: str, seq: int) -> bool:
        """Whether silence of the stream hides numbers that were given: it was emptied, or made anew."""
        position = await self._live.position(territory)
        return position is None or position[0] != epoch or position[1] < seq

    async def _keep(self, territory: str, epoch: str, after_seq: int, entries: list[Entry]) -> int:
        expected = range(after_seq + 1, after_seq + 1 + len(entries))
        for number, entry in zip(expected, entries, strict=True):
            if entry.seq != number:
                raise LedgerGap(
                    f"The stream of {territory} goes on at {entry.seq} where the ledger needs {number}. "
                    f"Nothing was recorded: {ADVICE[Standing.LEDGER_OLDER]}."
                )
        await self._ledger.append(territory, epoch, after_seq, entries, self._now())
        if expected[-1] > STREAM_KEPT:
            await self._live.trim(territory, expected[-1] - STREAM_KEPT)
        return expected[-1]

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock() / 1000, UTC)

    @staticmethod
    async def _until(lost: asyncio.Event, work: Work) -> None:
        """Work until the lock is lost; what stops the work is raised here."""
        working = asyncio.create_task(work(), name="record all territories")
        watching = asyncio.create_task(lost.wait(), name="wait for the loss of the lock")
        try:
            await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                await working
        finally:
            working.cancel()
            watching.cancel()
            await asyncio.gather(working, watching, return_exceptions=True)
