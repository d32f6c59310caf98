"""Brings a database to the schema that this code knows: plain SQL files, each in one transaction, in order.

Our own forty lines rather than a library: what we need is one lock, one table and one transaction a
file, over the driver that we have anyway. (yoyo would bring a second driver; dbmate and pogo fail
when two start at once.)
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from capacity.errors import EngineTooOld, LedgerUnavailable, StartFailed
from capacity.store.dump import TABLE
from capacity.store.queries import sql_folder

OLDEST_POSTGRES = 15
LOCK = 7_527_001  # any number, the same for all who migrate
CONNECT_SECONDS = 10


def files() -> list[Path]:
    return sorted((sql_folder() / "migrations").glob("*.sql"))


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """One connection to a Postgres that is new enough.

    Raises:
        EngineTooOld: it is older than Postgres 15.
        LedgerUnavailable: there is no server at `url`, or it does not let us in.
    """
    try:
        connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
        raise LedgerUnavailable(f"Postgres cannot be reached: {problem}") from problem
    try:
        if connection.get_server_version().major < OLDEST_POSTGRES:
            version = connection.get_settings().server_version.split()[0]
            raise EngineTooOld("Postgres", version, str(OLDEST_POSTGRES))
        yield connection
    finally:
        await connection.close(timeout=CONNECT_SECONDS)


async def migrate(url: str, scripts: Sequence[Path] | None = None) -> list[str]:
    """Apply what is missing, and say what that was. Two at once are safe: the second finds it done.

    Raises:
        StartFailed: the database has migrations that this code does not know, or one failed.
        EngineTooOld, LedgerUnavailable
    """
    scripts = files() if scripts is None else scripts
    async with connected(url) as connection:  # the lock goes when it closes
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await connection.execute(TABLE)
        applied = {row["name"] for row in await connection.fetch("SELECT name FROM migration")}
        if unknown := sorted(applied - {script.name for script in scripts}):
            raise StartFailed(f"The database was made by a newer version of capacity: it has {unknown[-1]}.")
        missing = [script for script in scripts if script.name not in applied]
        for script in missing:
            await _apply(connection, script.name, script.read_text())
        return [script.name for script in missing]


async def create_database(url: str, name: str) -> None:
    """Create the database where it is missing; `url` is that of another on the same server."""
    async with connected(url) as connection:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            await connection.execute(f'CREATE DATABASE "{name}"')


async def _apply(connection: asyncpg.Connection, name: str, statements: str) -> None:
    try:
        async with connection.transaction():
            await connection.execute(statements)
            await connection.execute("INSERT INTO migration (name) VALUES ($1)", name)
    except asyncpg.DiskFullError as problem:
        raise StartFailed("There is no room left on the disk of the database.") from problem
    except asyncpg.PostgresError as problem:
        raise StartFailed(f"The migration {name} failed: {problem}") from problem
