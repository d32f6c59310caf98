"""Budgets: how much one credential may ask of one process, so that no system in a loop takes it from everybody else.

They stand in the memory of each `serve` and cost a look into a dict: a limit that asked a store would cost as much as
what it protects from.
"""

import math
from collections.abc import Callable
from time import monotonic

from capacity.errors import TooManyRequests

REPORTS_A_SECOND = 5_000.0
REPORTS_AT_ONCE = 50_000
"""A tablet that was offline for a night sends less, and so does a system that tells all its pools each minute."""
MOST_FEEDS = 50
FEED_RETRY_SECONDS = 10
MOST_REMEMBERED = 10_000


class ReportBudget:
    """A bucket of reports for each credential, refilled at a rate. Kept as the moment at which it is full again."""

    def __init__(
        self,
        a_second: float = REPORTS_A_SECOND,
        at_once: int = REPORTS_AT_ONCE,
        *,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """`at_once` is what a full bucket holds, and so the most that a batch may have."""
        self._seconds_each = 1 / a_second
        self._seconds_to_fill = at_once / a_second
        self._now = now
        self._full_at: dict[str, float] = {}

    def take(self, credential: str, reports: int) -> bool:
        """Take so many reports out of a credential's bucket; False, and nothing is taken, when it has fewer."""
        now = self._now()
        try:
            full_at = self._full_at[credential]
        except KeyError:
            self._make_room(now)
            full_at = now
        if full_at < now:
            full_at = now
        full_at += reports * self._seconds_each
        if full_at - now > self._seconds_to_fill:
            return False
        self._full_at[credential] = full_at
        return True

    def spend(self, credential: str, reports: int) -> None:
        """Take so many reports. Raises TooManyRequests, and nothing is taken, when there are fewer."""
        if self.take(credential, reports):
            return
        full_at = self._full_at.get(credential, 0.0) + reports * self._seconds_each
        wait_seconds = full_at - self._seconds_to_fill - self._now()
        raise TooManyRequests("Too many reports at once; nothing was taken.", max(1, math.ceil(wait_seconds)))

    def _make_room(self, now: float) -> None:
        """A bucket that is full need not be remembered."""
        if len(self._full_at) >= MOST_REMEMBERED:
            self._full_at = {credential: full_at for credential, full_at in self._full_at.items() if full_at > now}


class FeedBudget:
    """How many feeds a credential has open at once."""

    def __init__(self, most: int = MOST_FEEDS) -> None:
        self._most = most
        self._open: dict[str, int] = {}

    def enter(self, credential: str) -> None:
        """One more; whoever comes without a credential is not counted here.

        Raises:
            TooManyRequests
        """
        if not credential:
            return
        if self._open.get(credential, 0) >= self._most:
            raise TooManyRequests("Too many feeds are open with this credential; close one.", FEED_RETRY_SECONDS)
        self._open[credential] = self._open.get(credential, 0) + 1

    def exit(self, credential: str) -> None:
        """One that had entered has left."""
        if not credential:
            return
        self._open[credential] -= 1
        if not self._open[credential]:
            del self._open[credential]
