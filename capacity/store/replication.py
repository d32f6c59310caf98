"""A server that takes writes and its replicas, as `INFO replication` tells of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Replica:
    """One replica, as its primary sees it."""

    host: str
    port: int
    is_online: bool
    """Whether it has had everything once, and follows."""
    behind_bytes: int
    """How much of what its primary did it has not said to have."""
    silent_seconds: int
    """Since it last said anything; it does so every second."""


@dataclass(frozen=True, slots=True)
class Primary:
    """A server that should take writes. `is_primary` is False where an address leads to a replica."""

    is_primary: bool
    replicas: tuple[Replica, ...]

    @property
    def online(self) -> int:
        """How many replicas follow."""
        return sum(replica.is_online for replica in self.replicas)


def primary_of(info: Mapping[str, Any]) -> Primary:
    """What `INFO replication` says, as redis-py reads it."""
    offset = int(info.get("master_repl_offset", 0))
    told = [value for name, value in info.items() if name.removeprefix("slave").isdigit() and isinstance(value, dict)]
    return Primary(
        info.get("role") == "master",
        tuple(
            Replica(
                str(each["ip"]),
                int(each["port"]),
                each["state"] == "online",
                max(0, offset - int(each["offset"])),
                int(each.get("lag", 0)),
            )
            for each in told
        ),
    )


def mode(kept: str, min_replicas: int, primaries: Sequence[Primary]) -> str:
    """How what is accepted is kept, in one line; `kept` is what the servers themselves do."""
    there = min((primary.online for primary in primaries), default=0)
    if min_replicas:
        return f"{kept}, and on the disk of {_replicas(min_replicas)} ({there} there)"
    if there:
        return f"{kept}; no success waits for the {_replicas(there)}, so a failover may lose the last moments"
    return kept


def _replicas(number: int) -> str:
    return f"{number} replica" if number == 1 else f"{number} replicas"
