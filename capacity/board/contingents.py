"""What is free for a channel: places of a pool may be kept for another one until an hour. Source: wire.md, Holds."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contingent:
    """Places of a pool kept for one channel until a moment; `held` says how many of them it has promised already."""

    channel: str
    places: int
    until_ms: int
    held: int = 0


def free_for(channel: str, free: int, contingents: Iterable[Contingent], now_ms: int) -> int:
    """How many of a pool's free places a channel may still promise.

    What a contingent keeps from the others is its places less what its channel holds of them; at its very hour it is
    pooled. The live store decides by the same rule when a hold is asked for.
    """
    kept = sum(max(0, one.places - one.held) for one in contingents if one.channel != channel and one.until_ms > now_ms)
    return max(0, free - kept)
