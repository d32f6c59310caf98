"""How old what we know of a pool is. Law 7."""

from capacity.vocabulary.words import Freshness

STALE_AFTER = 3
"""A row is stale when it is older than this many times its `fresh_for`."""


def freshness(observed_ms: int | None, fresh_for_seconds: int, now_ms: int) -> Freshness:
    """How fresh at `now_ms`, by the server's clock, is what was last observed at `observed_ms` (None: never).

    Each pool stands by itself: a report on one says nothing of another. Exactly at a bound the younger word
    still holds; a moment ahead of `now_ms` is fresh.
    """
    if observed_ms is None:
        return Freshness.UNKNOWN
    age_ms = now_ms - observed_ms
    if age_ms > STALE_AFTER * fresh_for_seconds * 1000:
        return Freshness.STALE
    if age_ms > fresh_for_seconds * 1000:
        return Freshness.AGEING
    return Freshness.FRESH
