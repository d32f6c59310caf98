"""Connections to Postgres: opened lazily, each wait with a deadline, failures named once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from capacity.errors import LedgerUnavailable
from capacity.store.cancelling import raise_if_cancelled

DEADLINE_SECONDS = 10.0
MOST_CONNECTIONS = 8
MOST_WAITING = 256
"""So many may wait for a connection; each in turn has it for some milliseconds."""

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
        self._waiting = 0

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

    def waiting(self) -> int:
        """How many wait for a connection."""
        return self._waiting

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
        """One connection for a few statements.

        Raises:
            LedgerUnavailable: Postgres cannot be reached, or too many wait for it already.
        """
        if self._waiting >= MOST_WAITING:
            raise LedgerUnavailable("Too many wait for the ledger; try again in a moment.")
        try:
            async with self._acquired() as connection:
                yield connection
        except UNREACHABLE as exc:
            raise_if_cancelled(exc)
            raise LedgerUnavailable from exc

    @asynccontextmanager
    async def _acquired(self) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
        self._waiting += 1
        try:
            connection = await self._pool.acquire(timeout=DEADLINE_SECONDS)
        finally:
            self._waiting -= 1
        try:
            yield connection
        finally:
            await self._pool.release(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
        """One connection inside a transaction: all of it or nothing. Raises LedgerUnavailable."""
        async with self.connection() as connection, connection.transaction():
            yield connection
