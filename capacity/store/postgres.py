"""Connections to Postgres: opened lazily, each wait with a deadline, failures named once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

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


class Reads(Protocol):
    """Whatever answers a query that changes nothing: a database, or a replica with one behind it."""

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]:
        """All lines of the answer. Raises LedgerUnavailable."""
        ...


class Database:
    """A pool of connections that is made at the first need, so that a process starts while Postgres is away."""

    def __init__(self, url: str, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._deadline_seconds = deadline_seconds
        self._pool = asyncpg.create_pool(
            url,
            min_size=0,
            max_size=MOST_CONNECTIONS,
            command_timeout=deadline_seconds,
            timeout=deadline_seconds,
        )
        self._waiting = 0

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, deadline_seconds: float = DEADLINE_SECONDS) -> AsyncIterator["Database"]:
        """A pool for as long as the context lasts; nothing waits for Postgres longer than the deadline."""
        database = cls(url, deadline_seconds)
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
            connection = await self._pool.acquire(timeout=self._deadline_seconds)
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

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]:
        """All lines that one query answers. Raises LedgerUnavailable."""
        async with self.connection() as connection:
            return await connection.fetch(query, *args)
