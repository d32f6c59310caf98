"""Forgetting: what is over is taken away each day, as the table of retention says."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from capacity.board.clocks import Clock
from capacity.errors import LedgerUnavailable
from capacity.store.retention import RetentionStore
from capacity.vocabulary.retention import FORGOTTEN, Data

A_BATCH = 1_000
EVERY_SECONDS = 86_400.0
AGAIN_SECONDS = 60.0
"""When Postgres was away."""

log = logging.getLogger(__name__)


class Forgetting:
    """Takes away what is over. Safe to run twice, and beside itself: what is gone is not there to be taken."""

    def __init__(self, store: RetentionStore, *, clock: Clock, days: Mapping[Data, int] = FORGOTTEN) -> None:
        """`days` is how long each kind of data stays after its end."""
        self._store = store
        self._clock = clock
        self._days = days

    async def run(self) -> None:
        """At once, and then each day, until cancelled."""
        while True:
            try:
                await self.forget()
                await asyncio.sleep(EVERY_SECONDS)
            except LedgerUnavailable:
                log.warning("what is over stays for now: the ledger is away")
                await asyncio.sleep(AGAIN_SECONDS)
            except Exception:  # recording, beside which this runs, must go on; the doctor finds what stayed
                log.exception("what is over could not be taken away")
                await asyncio.sleep(EVERY_SECONDS)

    async def forget(self) -> dict[Data, int]:
        """Take away all that is over now, in small batches; answers how many of each kind. Raises LedgerUnavailable."""
        gone = {data: await self._forget(data, days) for data, days in self._days.items()}
        log.info("forgot what was over: %s", ", ".join(f"{data} {count}" for data, count in gone.items()))
        return gone

    async def overdue(self, grace: timedelta) -> dict[Data, int]:
        """What should have been taken away longer ago than `grace`, by kind. Raises LedgerUnavailable."""
        return {data: await self._store.left(data, self._end(days) - grace) for data, days in self._days.items()}

    async def _forget(self, data: Data, days: int) -> int:
        before, total = self._end(days), 0
        while (count := await self._store.forget(data, before, A_BATCH)) == A_BATCH:
            total += count
        return total + count

    def _end(self, days: int) -> datetime:
        return datetime.fromtimestamp(self._clock() / 1000, UTC) - timedelta(days=days)
