"""The recorder's lock: a Postgres advisory lock, which dies with the connection that holds it. Law 6."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg

from capacity.errors import LedgerUnavailable
from capacity.store.cancelling import raise_if_cancelled
from capacity.store.postgres import DEADLINE_SECONDS, UNREACHABLE
from capacity.store.queries import load

RECORDER_LOCK = 0x63617061  # "capa": any number does, as long as every release uses the same
TRY_SECONDS = 1.0
CHECK_SECONDS = 1.0
CHECK_DEADLINE_SECONDS = 3.0

_sql = load("lock")


class RecorderLock:
    """One connection of its own; `held` waits until no other process holds the lock."""

    def __init__(self, url: str) -> None:
        self._url = url

    @asynccontextmanager
    async def held(self) -> AsyncIterator[asyncio.Event]:
        """Hold the lock; the event is set when it was lost, within about four seconds of the loss.

        Raises:
            LedgerUnavailable: Postgres cannot be reached.
        """
        try:
            connection = await asyncpg.connect(self._url, timeout=DEADLINE_SECONDS, command_timeout=DEADLINE_SECONDS)
        except UNREACHABLE as exc:
            raise_if_cancelled(exc)
            raise LedgerUnavailable from exc
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        watch: asyncio.Task[None] | None = None
        try:
            await _take(connection)
            watch = asyncio.create_task(_watch(connection, lost), name="watch the recorder's lock")
            yield lost
        finally:
            if watch is not None:
                watch.cancel()
            with suppress(*UNREACHABLE):
                await connection.close(timeout=1)


async def _take(connection: asyncpg.Connection) -> None:
    try:
        await connection.execute(_sql["notice_a_dead_peer"])
        taken = False
        while not taken:
            taken = await connection.fetchval(_sql["try_lock"], RECORDER_LOCK)
            await asyncio.sleep(0 if taken else TRY_SECONDS)
    except UNREACHABLE as exc:
        raise_if_cancelled(exc)
        raise LedgerUnavailable from exc


async def _watch(connection: asyncpg.Connection, lost: asyncio.Event) -> None:
    """Ask now and then: a connection that died without a word is noticed before another recorder has begun."""
    try:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            await connection.fetchval(_sql["still_there"], timeout=CHECK_DEADLINE_SECONDS)
    except UNREACHABLE:
        lost.set()
