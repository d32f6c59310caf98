"""Moments as whole milliseconds since 1970 (UTC), and what the server makes of a client's clock. Law 3."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from time import time_ns

Clock = Callable[[], int]
"""Answers the present moment in milliseconds since 1970; injected wherever time matters."""


def system_clock() -> int:
    """The machine's own present moment, in milliseconds since 1970."""
    return time_ns() // 1_000_000


def to_ms(moment: datetime) -> int:
    """An aware datetime as whole milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def from_ms(moment_ms: int) -> datetime:
    """Whole milliseconds since 1970 as a datetime in UTC."""
    return datetime.fromtimestamp(moment_ms / 1000, UTC)


@lru_cache(maxsize=1_024)
def _to_the_second(seconds: int) -> str:
    """The dear part of a moment's text."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


@lru_cache(maxsize=1_024)  # what is received in one turn of the event loop shares its moment
def rfc3339(moment_ms: int) -> str:
    """A moment as the wire shows it: UTC with milliseconds, `2026-11-22T22:41:07.120Z`."""
    seconds, ms = divmod(moment_ms, 1000)
    return f"{_to_the_second(seconds)}.{ms:03d}Z"


def observed_by_server(observed_ms: int | None, sent_ms: int | None, received_ms: int) -> int:
    """When something was observed, by the server's clock.

    The difference between the sender's clock at sending and ours at receiving shifts every moment of a batch;
    nothing is ever observed in the future, and no moment at all means "now".
    Source: law 3.
    """
    if observed_ms is None:
        return received_ms
    shift = 0 if sent_ms is None else received_ms - sent_ms
    return min(observed_ms + shift, received_ms)
