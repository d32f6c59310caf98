"""What the ledger has of a territory for its rebuild, read while nobody can add to it; and the words of each step."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from capacity.store.gathering import Argument
from capacity.store.postgres import Database
from capacity.store.queries import load

LOCK_LOOK_SECONDS = 0.1
ANSWERS_KEPT = timedelta(hours=48)
MOVEMENTS_KEPT = timedelta(hours=24)
CLOCKS_DIFFER = timedelta(minutes=5)
"""Numbers are given in the order of the store, moments by the clocks of the servers: so far apart at most."""
STATEMENT_SECONDS = 120.0
LINES_AT_ONCE = 5_000

_sql = load("rebuild")


Line = tuple[Argument, ...]
"""What a function of `rebuild.lua` reads of one thing."""


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """A pool as the live store kept it at the ledger's cursor: what of it the registry says, and its whole facts."""

    pool_id: str
    site_id: str
    version: int
    registered: tuple[str | None, str | None]
    """The registered capacity and `fresh_for`."""
    gone: bool
    words: Line
    """What `restore_pools_v1` reads of it."""


class Source:
    """One territory of the ledger, that stands still as long as this is open."""

    def __init__(self, connection: PoolConnectionProxy, territory: str, now: datetime, seq: int) -> None:
        self._connection = connection
        self._territory = territory
        self._now = now
        self.seq = seq
        """The last number that the ledger has; 0 when it has none."""

    async def pools(self) -> AsyncIterator[PoolFacts]:
        """All pools that were ever on the board, each with the movements that a later count may still cut."""
        movements = await self._movements()
        async for line in self._read("pools", self._territory):
            yield _pool(line, movements.get(line["pool"], ()))

    async def holds(self) -> AsyncIterator[Line]:
        """What `restore_holds_v1` reads of each hold that is active, or ended within two days."""
        async for line in self._read("holds", self._territory, self._now - ANSWERS_KEPT):
            yield line["hold"], line["facts"], 0 if line["is_active"] else line["seconds"]

    async def answers(self) -> AsyncIterator[Line]:
        """What `restore_answers_v1` reads of each command of the last two days."""
        since = self._now - ANSWERS_KEPT
        async for line in self._read("answers", self._territory, await self._number_before(since), since):
            yield line["id"], line["answer"], line["seconds"]

    async def requests(self) -> AsyncIterator[Line]:
        """What `restore_requests_v1` reads of each request of the last two days."""
        since = self._now - ANSWERS_KEPT
        async for line in self._read("requests", self._territory, await self._number_before(since), since):
            yield line["id"], line["facts"], line["seconds"]

    async def take_epoch(self, epoch: str) -> None:
        """Let the ledger follow the rebuilt live store."""
        await self._connection.execute(_sql["take_epoch"], self._territory, epoch)

    async def _movements(self) -> dict[str, list[tuple[int, int, str]]]:
        """The movements of a day by pool: number, moment, member. Who arrived moved too."""
        since = self._now - MOVEMENTS_KEPT
        found: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        async for line in self._read("movements", self._territory, await self._number_before(since), since):
            found[line["pool"]].append((line["seq"], line["at_ms"], line["member"]))
        async for line in self._read("holds", self._territory, since):
            words = iter((line["movements"] or "").split())
            for pool, at_ms, member in zip(words, words, words, strict=True):
                found[pool].append((line["seq"], int(at_ms), member))
        return found

    async def _number_before(self, moment: datetime) -> int:
        """A number before which nothing was received after a moment, by halves: no index is kept for this alone."""
        low, high = 0, self.seq
        while low < high:
            middle = (low + high) // 2
            line = await self._connection.fetchrow(_sql["received"], self._territory, middle + 1)
            if line is not None and line["received_at"] < moment - CLOCKS_DIFFER:
                low = line["seq"]
            else:
                high = middle
        return low

    async def _read(self, query: str, *args: object) -> AsyncIterator[asyncpg.Record]:
        found = self._connection.cursor(_sql[query], *args, prefetch=LINES_AT_ONCE, timeout=STATEMENT_SECONDS)
        async for line in found:
            yield line


class RebuildStore:
    """Opens what the ledger has of one territory, for one rebuild at a time. Raises LedgerUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def source(self, territory: str, now: datetime) -> AsyncIterator[Source]:
        """Wait until nobody else rebuilds this territory, and keep the recorder from it as long as the block lasts."""
        async with self._database.transaction() as connection:
            while not await connection.fetchval(_sql["try_rebuild"], territory):  # noqa: ASYNC110 it can only be asked
                await asyncio.sleep(LOCK_LOOK_SECONDS)
            cursor = await connection.fetchrow(_sql["held_cursor"], territory)
            yield Source(connection, territory, now, 0 if cursor is None else int(cursor["seq"]))


def _pool(line: asyncpg.Record, movements: Sequence[tuple[int, int, str]]) -> PoolFacts:
    since, count_ms = line["since"], int(line["count_at"] or 0)
    counting = [(str(at_ms), member) for seq, at_ms, member in movements if seq > since and at_ms > count_ms]
    return PoolFacts(
        pool_id=line["pool"],
        site_id=line["site"],
        version=int(line["version"]),
        registered=(line["registered_capacity"], line["fresh_for"]),
        gone=line["gone"],
        words=(line["pool"], line["seq"], line["facts"], json.dumps([word for pair in counting for word in pair])),
    )
