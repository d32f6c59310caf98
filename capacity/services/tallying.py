"""Tallying: the requests of a night and what they add up to, tonight's as they come, older ones from the ledger."""

import asyncio
from dataclasses import dataclass

from pydantic_core import from_json

from capacity.board.clocks import Clock
from capacity.board.nights import Night
from capacity.board.requests import Book
from capacity.errors import StoreUnavailable, UnknownTerritory
from capacity.store.live import LiveStore
from capacity.store.registry import RegistryStore
from capacity.store.request_ledger import RequestLedger
from capacity.store.requests import HOUR_MS, NightPart, RequestStore

AT_ONCE = 500
"""Commands read in one turn of the event loop: reading a whole night at once would keep the feed waiting."""
LIVE_AFTER_NIGHT_MS = 48 * HOUR_MS
"""So long the live store can tell of a night by itself; it forgets an hour later."""
ALL_NUMBERS = 2**53 - 1


@dataclass(slots=True)
class _Kept:
    """The book of a night as far as one epoch of the live store was read."""

    epoch: str
    book: Book
    read: int = 0
    """How many of the live store's commands were read."""


class Tallying:
    """Tells the requests of a night.

    A night of the last two days is told by the live store, also while the ledger is away. Where the live store was
    made anew during the night, the ledger tells what was before.
    """

    def __init__(
        self,
        live: LiveStore,
        ledger: RequestLedger,
        registry: RegistryStore,
        *,
        clock: Clock,
        past: RequestLedger | None = None,
    ) -> None:
        """`past` tells the nights that are over for good, and may be a moment behind; else the ledger does."""
        self._live = RequestStore(live)
        self._ledger = ledger
        self._past = past or ledger
        self._registry = registry
        self._clock = clock
        self._kept: dict[tuple[str, Night], _Kept] = {}

    def tonight(self) -> Night:
        """The night in which we are."""
        return Night.of(self._clock())

    async def of_night(self, territory: str, night: Night) -> Book:
        """The book of a night, up to the latest command; empty for a night that is yet to come.

        Raises:
            UnknownTerritory
            StoreUnavailable: the night is a recent one, and the live store cannot be reached.
            LedgerUnavailable: it is older, or the live store was made anew since it began, and Postgres is away.
        """
        if night > self.tonight():
            await self._part(territory, night, 0)
            return Book()
        if self._is_live(night):
            return await self._from_live(territory, night)
        await self._registry.version(territory)
        return await self._from_ledger(self._past, territory, night, ALL_NUMBERS)

    def _is_live(self, night: Night) -> bool:
        return self._clock() < night.end_ms + LIVE_AFTER_NIGHT_MS

    async def _from_live(self, territory: str, night: Night) -> Book:
        for old in [key for key in self._kept if not self._is_live(key[1])]:
            del self._kept[old]
        while True:
            kept = self._kept.get((territory, night))
            start = kept.read if kept else 0
            part = await self._part(territory, night, start)
            if kept is None or kept.epoch != part.epoch:
                kept = _Kept(part.epoch, await self._before(territory, night, part))
                self._kept[territory, night] = kept
                if start:
                    continue
            for command in part.commands:
                kept.book.hear(from_json(command))
            kept.read = max(kept.read, start + len(part.commands))
            if len(part.commands) < AT_ONCE:
                return kept.book

    async def _part(self, territory: str, night: Night, start: int) -> NightPart:
        try:
            return await self._live.of_night(territory, night, start, AT_ONCE)
        except UnknownTerritory:
            await self._registry.version(territory)
            raise StoreUnavailable("The live store is getting this territory back.") from None

    async def _before(self, territory: str, night: Night, part: NightPart) -> Book:
        """What was said of a night before the live store's epoch began."""
        if not part.opened_after or 0 < part.opened_ms <= night.start_ms:
            return Book()
        return await self._from_ledger(self._ledger, territory, night, part.opened_after)

    async def _from_ledger(self, ledger: RequestLedger, territory: str, night: Night, through_seq: int) -> Book:
        book = Book()
        commands = await ledger.of_night(territory, night, through_seq)
        for start in range(0, len(commands), AT_ONCE):
            for command in commands[start : start + AT_ONCE]:
                book.hear(from_json(command))
            await asyncio.sleep(0)
        return book
