"""Shedding: when more is asked than this process can do, some are refused early so that the others are served.

Two signs are looked at: how late the event loop comes to what is due (its lag), and how many calls wait for the live
store. Both are what somebody who asks now would have to wait. `capacity/board/pressure.py` says who goes first.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable
from random import random
from time import monotonic

import structlog

from capacity.board.pressure import FEWEST_CALLS, LEAST_LAG_SECONDS, TABLE, Kind, retry_seconds, share_refused
from capacity.wire.problems import OVERLOADED, TOO_BUSY, ProblemType

LOOK_SECONDS = 0.05
SETTLING_SECONDS = 0.5
"""Lag counts as fully as this lets it: the mean of about so long, so that the answer does not swing."""
MOST_WAITING = 16
"""So many who wait for one of our connections to Postgres are enough: who looks back asks nothing else."""
CALM_SECONDS = 5.0
"""So long nobody was refused, before it is said that all are served again."""

log = structlog.get_logger(__name__)


class Shedding:
    """Knows who is to come later. `watch` keeps the lag current; the rest never waits."""

    def __init__(
        self,
        *,
        calls: Callable[[], int],
        waiting: Callable[[], int],
        is_hashing_full: Callable[[], bool],
        now: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random,
    ) -> None:
        """`calls` to the live store are under way, `waiting` have no connection to Postgres yet; `now` in seconds."""
        self._calls = calls
        self._waiting = waiting
        self._is_hashing_full = is_hashing_full
        self._now = now
        self._sleep = sleep
        self._chance = chance
        self._last_late = 0.0
        self._began = self._last = 0.0
        self._refused: Counter[Kind] = Counter()
        self.lag_seconds = 0.0
        self.refused: Counter[Kind] = Counter()
        """How many were refused, by kind, since the process started."""

    @property
    def is_calm(self) -> bool:
        """Nobody at all would be refused: asked before every request, so that looking closer costs only under load."""
        return (
            self.lag_seconds < LEAST_LAG_SECONDS
            and self._calls() < FEWEST_CALLS
            and not self._is_hashing_full()
            and self._waiting() < MOST_WAITING
        )

    def refusal(self, kind: Kind) -> ProblemType | None:
        """Why one of a kind is not served now, and counted as refused; None when it is served."""
        problem = self._problem(kind)
        if problem is not None:
            self._count(kind)
        return problem

    def retry_seconds(self, kind: Kind) -> int:
        """When one of a kind may come back; not the same for all."""
        return retry_seconds(kind, self._chance())

    async def watch(self) -> None:
        """Measure the lag until cancelled."""
        while True:
            due = self._now() + LOOK_SECONDS
            await self._sleep(LOOK_SECONDS)
            self.saw(self._now() - due)

    def saw(self, late_seconds: float) -> None:
        """The loop came so late to something due.

        The lesser of two looks counts: one long turn (a collection, a machine that was paused) is no pressure.
        """
        late_seconds = max(0.0, late_seconds)
        standing = min(late_seconds, self._last_late)
        self._last_late = late_seconds
        weight = 1 - math.exp(-(LOOK_SECONDS + late_seconds) / SETTLING_SECONDS)
        self.lag_seconds += weight * (standing - self.lag_seconds)
        if self._refused and self._now() - self._last >= CALM_SECONDS:
            told = {kind.value: number for kind, number in self._refused.items()}
            log.warning("all requests are served again", seconds=round(self._last - self._began, 1), refused=told)
            self._refused.clear()

    def _problem(self, kind: Kind) -> ProblemType | None:
        if kind is Kind.PASSWORD and self._is_hashing_full():
            return TOO_BUSY
        share = share_refused(kind, self.lag_seconds)
        if (
            self._calls() >= TABLE[kind].calls
            or (kind is Kind.LOOKING_BACK and self._waiting() >= MOST_WAITING)
            or (share > 0 and self._chance() < share)
        ):
            return OVERLOADED
        return None

    def _count(self, kind: Kind) -> None:
        self._last = self._now()
        if not self._refused:
            self._began = self._last
            log.warning(
                "more is asked than can be done: some requests are refused",
                first=kind.value, lag_ms=round(self.lag_seconds * 1000), calls=self._calls(), waiting=self._waiting(),
            )  # fmt: skip
        self._refused[kind] += 1
        self.refused[kind] += 1
