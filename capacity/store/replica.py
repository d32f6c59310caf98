"""A replica of Postgres for reads of history: asked while it is near enough, else the primary answers.

How far it is behind is told by what counts here, the recorder's cursors: so any kind of replication will do, and a
database that is no replica of ours is never asked.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from math import inf
from time import monotonic

import asyncpg

from capacity.errors import LedgerUnavailable
from capacity.store.postgres import Database, Reads
from capacity.store.queries import load

LOOK_SECONDS = 1.0
DEADLINE_SECONDS = 3.0
"""A replica that takes longer is away: whoever waits still has time to ask the primary."""

Cursors = Mapping[str, tuple[str, int]]
"""Epoch and last number of each territory."""

log = logging.getLogger(__name__)
_sql = load("ledger")


@dataclass(frozen=True, slots=True)
class Behind:
    """The commands that the replica lacks, and for how long it has lacked some; infinite where it never had all."""

    numbers: int
    seconds: float


class Replica:
    """Answers queries of what is past. What must be current is never asked here."""

    def __init__(
        self,
        primary: Database,
        replica: Reads,
        *,
        most_lag_seconds: float,
        monotonic: Callable[[], float] = monotonic,
    ) -> None:
        self._primary = primary
        self._replica = replica
        self._most_lag_seconds = most_lag_seconds
        self._monotonic = monotonic
        self._goal: tuple[float, Cursors] | None = None
        self._had_all_at = -inf
        self.behind: Behind | None = None
        """As it was last looked at; None while it is away."""
        self.answered = {"replica": 0, "primary": 0}
        """Reads by who answered them."""

    @classmethod
    @asynccontextmanager
    async def open(cls, primary: Database, url: str, *, most_lag_seconds: float) -> AsyncIterator["Replica"]:
        """Connections to the replica for as long as the context lasts; it is asked once `look` has found it well."""
        async with Database.open(url, DEADLINE_SECONDS) as replica:
            yield cls(primary, replica, most_lag_seconds=most_lag_seconds)

    @property
    def is_asked(self) -> bool:
        """It is there, and not too far behind."""
        return self.behind is not None and self.behind.seconds <= self._most_lag_seconds

    @property
    def said(self) -> str:
        """How it is, in a few words."""
        if self.behind is None:
            return "away; history is read from the primary"
        said = f"{self.behind.numbers} commands behind, for {self.behind.seconds:.1f} s"
        return said if self.is_asked else f"{said}; history is read from the primary"

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]:
        """All lines of the answer, of the replica where it can give them.

        Raises:
            LedgerUnavailable: the primary was asked, and is away too.
        """
        if self.is_asked:
            try:
                lines = await self._replica.fetch(query, *args)
            except LedgerUnavailable as exc:
                self._lost(exc)
            except asyncpg.PostgresError as exc:  # it stopped the query to go on replaying, or lacks a migration
                log.info("the replica refused a read: %s", exc)
            else:
                self.answered["replica"] += 1
                return lines
        self.answered["primary"] += 1
        return await self._primary.fetch(query, *args)

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """See how far it is behind. While the primary is away there is nothing to compare: all stays as it was."""
        at = self._monotonic()
        try:
            wanted = await _cursors(self._primary)
        except LedgerUnavailable:
            return
        try:
            found = await _cursors(self._replica)
        except (LedgerUnavailable, asyncpg.PostgresError) as exc:
            self._lost(exc)
            return
        self._compare(at, wanted, found)

    def _compare(self, at: float, wanted: Cursors, found: Cursors) -> None:
        """`wanted` is what the primary had at a moment, `found` what the replica had after it."""
        numbers = _lacking(wanted, found)
        if numbers == 0:
            self._goal, self._had_all_at = None, at
        elif self._goal is None:
            self._goal = at, wanted
        elif not _lacking(self._goal[1], found):
            self._had_all_at = self._goal[0]
            self._goal = at, wanted
        if self.behind is None:
            log.info("the replica answers")
        self.behind = Behind(numbers, at - self._had_all_at if numbers else 0.0)

    def _lost(self, cause: Exception) -> None:
        if self.behind is not None:
            log.warning("the replica is away, history is read from the primary: %s", cause)
        self.behind, self._goal = None, None


async def _cursors(database: Reads) -> Cursors:
    return {line["territory"]: (line["epoch"], line["seq"]) for line in await database.fetch(_sql["cursors"])}


def _lacking(wanted: Cursors, found: Cursors) -> int:
    """How many numbers are in one and not in the other; those of another epoch are others."""
    lacking = 0
    for territory, (epoch, seq) in wanted.items():
        known_epoch, known_seq = found.get(territory, (epoch, 0))
        lacking += max(0, seq - known_seq) if known_epoch == epoch else max(1, seq)
    return lacking
