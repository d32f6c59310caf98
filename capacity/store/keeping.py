"""How a pipeline asks whether all that it did, and all that it saw, is on disk here and on the replicas. Law 6.

WAITAOF waits for what its own connection wrote last. A resent command writes nothing, and a read neither, though both
tell of what another connection wrote a moment ago: so a write of no meaning, the mark, goes before it. What the
replicas have of the mark they have of everything before it.

WAIT goes in between. A replica tells how far its disk is when it is asked, and at the end of a second: asked by WAITAOF
alone it answers before the fsync of what it just read, and each write would take that second (measured: 1,005 ms, and
some milliseconds with WAIT before).
"""

from dataclasses import dataclass
from typing import Any

MARK = "{settled}:mark"
REPLICA_SECONDS = 1.5
"""How long the replicas have, twice: to have it, and to have it on disk."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a pipeline ends with, and how its last reply reads."""

    mark: str
    replicas: int
    waits_for_disk: bool
    """Whether the server itself answers before its fsync."""
    deadline_seconds: float

    @property
    def commands(self) -> tuple[tuple[str | int, ...], ...]:
        """None where the server's own fsync, before it answers, is all that is asked for."""
        if self.replicas:
            within_ms = round(REPLICA_SECONDS * 1000)
            waiting = (("WAIT", self.replicas, within_ms), ("WAITAOF", 1, self.replicas, within_ms))
            return (("SET", self.mark, "1"), *waiting)
        if self.waits_for_disk:
            return (("SET", self.mark, "1"), ("WAITAOF", 1, 0, round(self.deadline_seconds * 1000)))
        return ()

    def holds(self, waitaof: Any) -> bool:
        """Whether enough disks have it, by the reply to the last command."""
        here, replicas = waitaof
        return bool(here >= 1 and replicas >= self.replicas)
