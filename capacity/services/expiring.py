"""Expiring: holds and contingents end at their time by themselves. Law 5.

Every `serve` looks; the store lets whoever comes first end a hold, and nobody twice.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable

from capacity.board.clocks import Clock, rfc3339
from capacity.errors import LedgerUnavailable, StoreUnavailable
from capacity.store.holds import HoldStore, Moment
from capacity.store.live import LiveStore

LOOK_SECONDS = 0.4
"""How often each territory is looked at: an end is carried out well within a second of its time."""
LOOKS_A_LIST = 25
"""How many looks one list of the territories is good for: a new one waits so long for its first expiry at most."""
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
        self._store = HoldStore(live)
        self._territories = territories
        self._clock = clock
        self._observe = observe
        self._known: list[str] = []

    async def run(self) -> None:
        """Look again and again until cancelled; a store that is away is asked again."""
        look = 0
        while True:
            if look % LOOKS_A_LIST == 0 or not self._known:
                await self._list()
            look += 1
            await self.end_due()
            await asyncio.sleep(LOOK_SECONDS)

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

    async def _list(self) -> None:
        try:
            self._known = list(await self._territories())
        except LedgerUnavailable:
            log.debug("the list of territories stays as it was: the ledger is away")
