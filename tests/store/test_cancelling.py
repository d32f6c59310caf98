"""Who is told to stop stops, also when the connection breaks at that moment and the driver says so first."""

import asyncio

import asyncpg
import pytest
import redis

from capacity.errors import LedgerUnavailable, StoreUnavailable
from capacity.store.postgres import Database
from capacity.store.servers import Servers
from capacity.store.ways import OneWay


async def told_to_stop(work):
    inside = asyncio.Event()
    working = asyncio.create_task(work(inside))
    await inside.wait()
    working.cancel()
    await working


async def test_a_cancellation_is_not_taken_for_a_ledger_that_is_away(database: str):
    async def work(inside):
        async with Database.open(database) as ledger, ledger.connection():
            try:
                inside.set()
                await asyncio.Event().wait()
            finally:
                raise asyncpg.InterfaceError("connection is closed")

    with pytest.raises(asyncio.CancelledError):
        await told_to_stop(work)


async def test_a_cancellation_is_not_taken_for_a_live_store_that_is_away():
    async def work(inside):
        async with Servers(OneWay(None), 0)._reached():
            try:
                inside.set()
                await asyncio.Event().wait()
            finally:
                raise redis.ConnectionError

    with pytest.raises(asyncio.CancelledError):
        await told_to_stop(work)


async def test_a_store_that_breaks_by_itself_is_away(database: str):
    with pytest.raises(LedgerUnavailable):
        async with Database.open(database) as ledger, ledger.connection():
            raise asyncpg.InterfaceError("connection is closed")
    with pytest.raises(StoreUnavailable):
        async with Servers(OneWay(None), 0)._reached():
            raise redis.ConnectionError
