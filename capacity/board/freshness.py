"""How old what we know of a pool is. Law 7."""

from capacity.vocabulary.words import Freshness

STALE_AFTER = 3
"""A row is stale when it is older than this many times its `fresh_for`."""
NEVER_MS = -1
"""Before every moment."""


def bounds(observed_ms: int | None, fresh_for_seconds: int) -> tuple[int, int]:
    """Until when a row is fresh, and until when it is ageing; exactly at a bound the younger word still holds."""
    if observed_ms is None:
        return NEVER_MS, NEVER_MS
    return observed_ms + fresh_for_seconds * 1000, observed_ms + STALE_AFTER * fresh_for_seconds * 1000


def freshness(observed_ms: int | None, fresh_for_seconds: int, now_ms: int) -> Freshness:
    """How fresh at `now_ms`, by the server's clock, is what was last observed at `observed_ms` (None: never).

    Each pool stands by itself: a report on one says nothing of another. A moment ahead of `now_ms` is fresh.
    """
    if observed_ms is None:
        return Freshness.UNKNOWN
    fresh_until_ms, ageing_until_ms = bounds(observed_ms, fresh_for_seconds)
    if now_ms <= fresh_until_ms:
        return Freshness.FRESH
    return Freshness.AGEING if now_ms <= ageing_until_ms else Freshness.STALE
