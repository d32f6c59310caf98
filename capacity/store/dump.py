"""All of our tables out of Postgres in one snapshot, and back into it all at once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter

import asyncpg

from capacity.errors import LedgerUnavailable
from capacity.store.lock import RECORDER_LOCK
from capacity.store.postgres import DEADLINE_SECONDS, UNREACHABLE
from capacity.store.queries import load

_sql = load("dump")

TABLE = """
CREATE TABLE IF NOT EXISTS migration (
    name text PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
)"""
COPY_SECONDS = 6 * 3_600.0


@dataclass(frozen=True, slots=True)
class Table:
    """One of our tables; `bytes` is about how large it is on disk."""

    name: str
    columns: tuple[str, ...]
    bytes: int


@dataclass(frozen=True, slots=True)
class Territory:
    """A territory, and the last number of its ledger."""

    id: str
    name: str
    seq: int


class Dump:
    """Reads of one snapshot, or writes of one transaction."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    async def tables(self) -> list[Table]:
        """Our tables, each after those that it refers to."""
        lines = {line["table"]: line for line in await self.connection.fetch(_sql["tables"])}
        order = TopologicalSorter(
            {name: set(line["refers_to"]) - {name} for name, line in lines.items()}
        ).static_order()
        return [Table(name, tuple(lines[name]["columns"]), lines[name]["bytes"]) for name in order]

    async def sequences(self) -> dict[str, int]:
        """How far each sequence is that was ever used."""
        lines = await self.connection.fetch(_sql["sequences"])
        return {line["name"]: line["last_value"] for line in lines if line["last_value"] is not None}

    async def territories(self) -> list[Territory]:
        """The territories by name."""
        lines = await self.connection.fetch(_sql["territories"])
        return [Territory(line["territory"], line["name"], line["seq"]) for line in lines]

    async def migrations(self) -> list[str]:
        """The migrations that this database has had; none where it has no tables."""
        if not await self.connection.fetchval(_sql["has_tables"]):
            return []
        return [line["name"] for line in await self.connection.fetch(_sql["applied"])]

    async def out(self, table: Table, put: Callable[[bytes], None]) -> int:
        """All rows of a table as COPY tells them; answers how many."""

        async def take(data: bytes) -> None:
            put(data)
            await asyncio.sleep(0)

        said = await self.connection.copy_from_table(
            table.name, columns=table.columns, output=take, format="binary", timeout=COPY_SECONDS
        )
        return int(said.split()[-1])

    async def into(self, name: str, columns: Sequence[str], data: AsyncIterator[bytes]) -> int:
        """Put rows into an empty table; answers how many."""
        said = await self.connection.copy_to_table(
            name, columns=columns, source=data, format="binary", timeout=COPY_SECONDS
        )
        return int(said.split()[-1])

    async def set_sequence(self, name: str, number: int) -> None:
        """Let a sequence go on after a number."""
        await self.connection.execute(_sql["set_sequence"], name, number)

    async def is_in_use(self) -> bool:
        """Whether there is anything that a restore would take away."""
        has_tables = await self.connection.fetchval(_sql["has_tables"])
        return bool(has_tables and await self.connection.fetchval(_sql["is_in_use"]))

    async def keep_recorders_away(self) -> bool:
        """Until the transaction ends; False when one is at work."""
        return bool(await self.connection.fetchval(_sql["try_recorder_lock"], RECORDER_LOCK))

    async def make_anew(self, migrations: Sequence[tuple[str, str]]) -> None:
        """Take away all of our tables and make them as these migrations, names and statements, do; without a row."""
        await self.connection.execute(_sql["clear"])
        await self.apply(migrations)
        await self.connection.execute(_sql["empty"])

    async def apply(self, migrations: Sequence[tuple[str, str]]) -> None:
        """Go on with migrations."""
        await self.connection.execute(TABLE)
        for name, statements in migrations:
            await self.connection.execute(statements)
            await self.connection.execute(_sql["note_migration"], name)


@asynccontextmanager
async def snapshot(url: str) -> AsyncIterator[Dump]:
    """Reads that all see the same instant. Raises LedgerUnavailable."""
    async with _connected(url) as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        yield Dump(connection)


@asynccontextmanager
async def all_or_nothing(url: str) -> AsyncIterator[Dump]:
    """Writes that are all there when the block has ended well, and none of them otherwise. Raises LedgerUnavailable."""
    async with _connected(url) as connection, connection.transaction():
        yield Dump(connection)


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    try:
        connection = await asyncpg.connect(url, timeout=DEADLINE_SECONDS)
        try:
            yield connection
        finally:
            await connection.close(timeout=DEADLINE_SECONDS)
    except UNREACHABLE as exc:
        raise LedgerUnavailable(f"The database cannot be reached: {exc}") from exc
