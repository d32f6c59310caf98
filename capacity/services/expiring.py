"""Expiring: holds and contingents end at their time by themselves. Law 5.

Every `serve` looks; the store lets whoever comes first end a hold, and nobody twice.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress

from capacity.board.clocks import Clock, rfc3339
from capacity.errors import LedgerUnavailable, StoreUnavailable
from capacity.store.holds import HoldStore, Moment
from capacity.store.live import LiveStore

LOOK_SECONDS = 0.4
"""How often each territory is looked at: an end is carried out well within a second of its time."""
LIST_SECONDS = 10.0
"""How often the territories are listed: a new one waits so long for its first expiry at most."""
LIST_AGAIN_SECONDS = 1.0
"""The same where the registry did not answer."""
MOST_AT_ONCE = 200
"""Holds ended in one function call: some milliseconds of the store, so that reports come in between."""

Territories = Callable[[], Coroutine[None, None, Iterable[str]]]

log = logging.getLogger(__name__)


class Expiring:
    """Ends what has reached its time, in every territory."""

    def __init__(
        self, live: LiveStore, territories: Territories, *, clock: Clock, observe: Callable[[int], None]
    ) -> None:
        """`territories` answers the names of all; it may raise LedgerUnavailable, and the last list goes on.

        `observe` is told how many were ended.
        """
        self._live = live
        self._store = HoldStore(live)
        self._territories = territories
        self._clock = clock
        self._observe = observe
        self._known: list[str] = []
        self._looked_at: set[str] = set()

    async def run(self) -> None:
        """Look again and again until cancelled; a store that is away is asked again.

        Neither a registry that hangs nor a territory in which thousands end keeps the others waiting.
        """
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_list(), name="list the territories")
            while True:
                for territory in self._known:
                    if territory not in self._looked_at:
                        self._looked_at.add(territory)
                        tasks.create_task(self._look_at(territory), name=f"end what is due in {territory}")
                await asyncio.sleep(LOOK_SECONDS)

    async def _look_at(self, territory: str) -> None:
        try:
            await self._end_due_of(territory)
        finally:
            self._looked_at.discard(territory)

    async def end_due(self) -> int:
        """End all that is due now, everywhere; answers how many."""
        ended = await asyncio.gather(*(self._end_due_of(territory) for territory in self._known))
        return sum(ended)

    async def _end_due_of(self, territory: str) -> int:
        total = 0
        try:
            while True:
                now_ms = self._clock()
                ended, _ = await self._store.expire(territory, Moment(now_ms, rfc3339(now_ms)), MOST_AT_ONCE)
                total += ended
                if ended:
                    self._observe(ended)
                if ended < MOST_AT_ONCE:
                    return total
        except StoreUnavailable:
            return total

    async def _keep_list(self) -> None:
        while True:
            is_listed = await self._list()
            await asyncio.sleep(LIST_SECONDS if is_listed else LIST_AGAIN_SECONDS)

    async def _list(self) -> bool:
        """Whether the registry told the territories. Until it first does, those are looked at that the store has."""
        if not self._known:
            with suppress(StoreUnavailable):
                self._known = await self._live.territories()
        try:
            self._known = list(await self._territories())
        except LedgerUnavailable:
            log.debug("the list of territories stays as it was: the ledger is away")
            return False
        return True
