"""The ledger in Postgres: every numbered command of every territory, once, without a gap. Law 6."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from capacity.board.changes import Entry
from capacity.errors import LedgerMoved
from capacity.store.facts import changed_facts, digest_of
from capacity.store.postgres import Database, Reads
from capacity.store.queries import load

_sql = load("ledger")


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the ledger has followed one territory: the live store's epoch and the last number kept."""

    epoch: str
    seq: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Observed:
    """One command as the ledger keeps it, as JSON text."""

    observed_at: datetime
    body: str


class LedgerStore:
    """Appending to the ledger and reading it. Every method raises LedgerUnavailable."""

    def __init__(self, database: Database, reads: Reads | None = None) -> None:
        """`reads` is what tells the commands and what was observed, where that may be a moment behind."""
        self._database = database
        self._reads = reads or database

    async def cursor(self, territory: str) -> Cursor | None:
        """How far the ledger is; None before the first command was kept."""
        async with self._database.connection() as connection:
            line = await connection.fetchrow(_sql["cursor"], territory)
        return None if line is None else Cursor(line["epoch"], line["seq"], line["recorded_at"])

    async def cursors(self) -> dict[str, Cursor]:
        """How far the ledger is in every territory."""
        async with self._database.connection() as connection:
            lines = await connection.fetch(_sql["cursors"])
        return {line["territory"]: Cursor(line["epoch"], line["seq"], line["recorded_at"]) for line in lines}

    async def start(self, territory: str, epoch: str, at: datetime) -> None:
        """Begin to follow a territory at number zero, unless it is followed."""
        async with self._database.connection() as connection:
            await connection.execute(_sql["start_cursor"], territory, epoch, at)

    async def adopt(self, territory: str, cursor: Cursor, epoch: str) -> None:
        """Go on at a cursor in a live store that was made anew after it."""
        async with self._database.connection() as connection:
            await connection.execute(_sql["adopt_epoch"], territory, cursor.epoch, cursor.seq, epoch)

    async def append(self, territory: str, epoch: str, after_seq: int, entries: Sequence[Entry], at: datetime) -> None:
        """Keep a batch that starts at `after_seq` + 1 and move the cursor with it, in one transaction.

        A command about a hold has a line for each pool that it touches. What the commands changed of the live store's
        facts is kept with them, so that it can be rebuilt as it was at the cursor.

        Raises:
            LedgerMoved: the cursor is not at `after_seq` of this epoch: somebody else records too, or a store is old.
        """
        seqs = [entry.seq for entry in entries]
        bodies = [entry.command.decode() for entry in entries]
        rows = ["[" + ",".join(change.row.decode() for change in entry.rows) + "]" for entry in entries]
        digests = [digest_of(entry.kept) for entry in entries]
        changed = changed_facts(entries)
        async with self._database.transaction() as connection:
            await connection.execute(_sql["append_commands"], territory, seqs, bodies, rows, digests)
            await connection.execute(
                _sql["keep_facts"],
                territory,
                list(changed),
                [change.seq for change in changed.values()],
                [change.anew_since for change in changed.values()],
                [json.dumps(change.facts) for change in changed.values()],
            )
            if await connection.fetchval(_sql["move_cursor"], territory, epoch, after_seq, seqs[-1], at) is None:
                raise LedgerMoved

    async def commands(self, territory: str, after_seq: int, limit: int) -> list[str]:
        """The JSON of the commands numbered after `after_seq`, oldest first."""
        return [line["body"] for line in await self._reads.fetch(_sql["commands"], territory, after_seq, limit)]

    async def is_pool_known(self, territory: str, pool_id: str) -> bool:
        """Whether a pool is, or ever was, in the registry."""
        async with self._database.connection() as connection:
            return bool(await connection.fetchval(_sql["is_pool_known"], territory, pool_id))

    async def standing(self, territory: str, pool_id: str, moment: datetime) -> list[Observed]:
        """What still speaks of a pool at a moment, of all that was observed before it, and every opening of the pool.

        Told in order it leads to the state at the moment, whenever and in whatever order it arrived. What the holds of
        the pool add up to is one fact of the type `holds`.
        """
        lines = await self._reads.fetch(_sql["pool_standing"], territory, pool_id, moment)
        return [Observed(**line) for line in lines]

    async def observed(
        self, territory: str, pool_id: str, start: datetime, end: datetime, limit: int
    ) -> list[Observed]:
        """What was observed of a pool from `start` to `end`, late or not, except its openings, oldest first."""
        lines = await self._reads.fetch(_sql["pool_commands"], territory, pool_id, start, end, limit)
        return [Observed(**line) for line in lines]
