"""Connections to Postgres: opened lazily, each wait with a deadline, failures named once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from capacity.errors import LedgerUnavailable
from capacity.store.cancelling import raise_if_cancelled

DEADLINE_SECONDS = 10.0
MOST_CONNECTIONS = 8

UNREACHABLE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InternalClientError,
)


class Database:
    """A pool of connections that is made at the first need, so that a process starts while Postgres is away."""

    def __init__(self, url: str) -> None:
        self._pool = asyncpg.create_pool(
            url,
            min_size=0,
            max_size=MOST_CONNECTIONS,
            command_timeout=DEADLINE_SECONDS,
            timeout=DEADLINE_SECONDS,
        )

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator["Database"]:
        """A pool for as long as the context lasts."""
        database = cls(url)
        try:
            await database._prepare()
            yield database
        finally:
            database._pool.terminate()

    async def _prepare(self) -> None:
        await self._pool  # no connection is made: min_size is 0

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
        """One connection for a few statements. Raises LedgerUnavailable when Postgres cannot be reached."""
        try:
            async with self._pool.acquire(timeout=DEADLINE_SECONDS) as connection:
                yield connection
        except UNREACHABLE as exc:
            raise_if_cancelled(exc)
            raise LedgerUnavailable from exc

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
        """One connection inside a transaction: all of it or nothing. Raises LedgerUnavailable."""
        async with self.connection() as connection, connection.transaction():
            yield connection
