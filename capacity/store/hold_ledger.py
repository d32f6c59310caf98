"""How holds ended, as the ledger in Postgres keeps it."""

from dataclasses import dataclass
from datetime import datetime

from capacity.store.postgres import Reads
from capacity.store.queries import load

_sql = load("hold_ledger")


@dataclass(frozen=True, slots=True)
class Ends:
    """How many holds ended in one way at one site; `says` is `arrived`, `expired` or why they were released."""

    site: str
    says: str
    holds: int


@dataclass(frozen=True, slots=True)
class EndLine:
    """What the end of a hold, or a statement about it (`hold_told`, with its `side`), says of one pool.

    `free` is what the board showed after the end, None where the pool had left it.
    """

    hold: str
    type: str
    pool: str
    site: str
    says: str
    observed_at: datetime
    side: str | None
    free: int | None


class HoldLedger:
    """Reads of how holds ended. Every method raises LedgerUnavailable."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    async def ends(self, territory: str, start: datetime, end: datetime) -> list[Ends]:
        """How many holds ended in which way at each site, from `start` until before `end`, by site."""
        return [Ends(**line) for line in await self._reads.fetch(_sql["hold_ends"], territory, start, end)]

    async def doubted(self, territory: str, since: datetime, ended_since: datetime) -> list[EndLine]:
        """What is told of the holds whose end may be in doubt since a moment, by number: at first the end itself.

        A hold of which a side said something, or that found a site full while the board showed a free place.
        """
        lines = await self._reads.fetch(_sql["doubted_holds"], territory, since, ended_since)
        return [EndLine(**line) for line in lines]
