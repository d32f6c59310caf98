"""A ledger of any age in a real Postgres, longer at each call: the SQL is in `past.sql`."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from benchmarks import bed, figures
from capacity.processes.engines.postgres import Postgres
from capacity.processes.engines.running import running
from capacity.processes.migrating import migrate
from capacity.store.queries import named

POOLS = 1_000
A_NIGHT = 13_700
"""Commands of a night in a large city; ten years of them are 50 million."""
SECONDS_EACH = 86_400 / A_NIGHT
BEGAN = datetime(2016, 11, 1, 12, tzinfo=UTC)
MONTH = 30 * A_NIGHT
"""After its first month the past repeats itself, as fast as Postgres writes it."""

SQL = named((Path(__file__).parent / "past.sql").read_text("utf-8"))


@contextmanager
def engine_on(folder: Path) -> Iterator[str]:
    """The URL of a Postgres as `up` runs it, on a folder that may hold a past already. Autovacuum waits for us."""
    folder.chmod(0o711)
    engine = Postgres(folder, {"autovacuum": "off"})
    with bed.on_core(*bed.CORES), running(engine):
        yield engine.url("postgres")


class Past:
    """The ledger of one territory, with a thousand pools, from its opening until so many commands later."""

    def __init__(self, connection: asyncpg.Connection, length: int) -> None:
        self.connection = connection
        self.length = length

    @classmethod
    @asynccontextmanager
    async def on(cls, url: str) -> AsyncIterator["Past"]:
        """The past that the database holds; a new one has only just begun."""
        await migrate(url)
        connection = await asyncpg.connect(url)
        try:
            if not await connection.fetchval(SQL["is_made"]):
                for name in ("unlogged", "draw", "told"):
                    await connection.execute(SQL[name])
                await connection.execute(SQL["registry"], bed.TERRITORY, POOLS, BEGAN)
                await connection.execute(SQL["rows"])
            yield cls(connection, await connection.fetchval(SQL["length"], bed.TERRITORY))
        finally:
            await connection.close()

    @property
    def ends(self) -> datetime:
        """The moment of its last command."""
        return self.at(self.length)

    def at(self, seq: int) -> datetime:
        """The moment at which a command was received."""
        return BEGAN + timedelta(seconds=SECONDS_EACH * seq)

    async def grow(self, length: int) -> None:
        """Go on until there are so many commands; then Postgres knows how many they are."""
        while self.length < length:
            first = self.length + 1
            last = min(self.length + MONTH, length)
            asked = (bed.TERRITORY, first, last, POOLS, BEGAN, SECONDS_EACH)
            if first > POOLS + MONTH:
                again = (bed.TERRITORY, first - MONTH, last - MONTH, MONTH, SECONDS_EACH)
                await self.connection.execute(SQL["again"], *again)
            else:
                last = min(last, POOLS + MONTH)
                await self.connection.execute(SQL["commands"], *asked[:2], last, *asked[3:])
            await self.connection.execute(SQL["lines"], *asked[:2], last, *asked[3:])
            await self.connection.execute("VACUUM ledger, ledger_lines")  # as autovacuum would after so many
            self.length = last
            figures.progress(f"{last:,} commands")
        await self.connection.execute("ANALYZE")
        await self.stand()

    async def stand(self) -> None:
        """Let nothing be behind the last command, and the recorder's cursor at it."""
        await self.connection.execute(SQL["undo"], bed.TERRITORY, self.length)
        await self.connection.execute(SQL["at_number"], bed.TERRITORY, self.length, self.ends)

    async def bytes(self) -> tuple[int, int]:
        """What its rows take, and their indexes."""
        found = await self.connection.fetchrow(SQL["sizes"])
        return found["rows"], found["indexes"]


def pool_named(number: int) -> str:
    """The pool of a number; the lower, the more is said of it. The last is never counted."""
    return f"site-{number // 10}.p{number % 10}"
