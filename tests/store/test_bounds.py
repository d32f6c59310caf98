"""Nothing waits for a store without bound: what is too much is refused at once, and the rest is served."""

import asyncio

import pytest

from capacity.errors import LedgerUnavailable, StoreUnavailable
from capacity.store import gathering, postgres
from capacity.store.live import LiveStore
from capacity.store.postgres import Database


def only_gathering(live):
    [way] = live._ways.all()
    return way.gathering


async def test_calls_beyond_what_may_wait_are_refused_and_the_others_answered(redis_url, monkeypatch):
    monkeypatch.setattr(gathering, "MOST_WAITING", 3)
    async with LiveStore.open(redis_url) as live:
        await live.prepare()
        asked = [only_gathering(live).call("ECHO", number) for number in range(3)]
        assert live.under_way() == 3
        with pytest.raises(StoreUnavailable, match="Too many wait"):
            only_gathering(live).call("ECHO", 3)
        assert await asyncio.gather(*asked) == [b"0", b"1", b"2"]
        assert await only_gathering(live).call("ECHO", 4) == b"4"
        await asyncio.sleep(0)
        assert live.under_way() == 0


async def test_what_is_in_the_pipeline_that_was_sent_is_under_way_as_well(redis_url):
    async with LiveStore.open(redis_url) as live:
        await live.prepare()
        exchange, seen = only_gathering(live)._exchange, []

        async def seeing(calls):
            seen.append(live.under_way())
            only_gathering(live).call("ECHO", 1)
            seen.append(live.under_way())
            only_gathering(live)._exchange = exchange
            await exchange(calls)

        only_gathering(live)._exchange = seeing
        await asyncio.gather(only_gathering(live).call("ECHO", 1), only_gathering(live).call("ECHO", 2))
        assert seen == [2, 3]


async def test_who_cannot_even_wait_for_postgres_is_told_at_once(database, monkeypatch):
    monkeypatch.setattr(postgres, "MOST_WAITING", 2)
    done = asyncio.Event()

    async def use(ledger):
        async with ledger.connection() as connection:
            await done.wait()
            return await connection.fetchval("SELECT 1")

    async with Database.open(database) as ledger:
        using = []
        for number in range(postgres.MOST_CONNECTIONS):
            using.append(asyncio.create_task(use(ledger)))
            async with asyncio.timeout(10):
                while ledger.waiting() or ledger._pool.get_size() <= number:
                    await asyncio.sleep(0.005)
        using += [asyncio.create_task(use(ledger)) for _ in range(2)]
        async with asyncio.timeout(10):
            while ledger.waiting() < 2:
                await asyncio.sleep(0.005)
        with pytest.raises(LedgerUnavailable, match="Too many wait"):
            await use(ledger)
        done.set()
        assert await asyncio.gather(*using) == [1] * (postgres.MOST_CONNECTIONS + 2)
        assert ledger.waiting() == 0
        assert await use(ledger) == 1


async def test_who_gives_up_waiting_for_postgres_waits_no_more(database):
    done = asyncio.Event()

    async def use(ledger):
        async with ledger.connection():
            await done.wait()

    async with Database.open(database) as ledger:
        using = [asyncio.create_task(use(ledger)) for _ in range(postgres.MOST_CONNECTIONS + 1)]
        async with asyncio.timeout(10):
            while ledger.waiting() != 1 or ledger._pool.get_size() < postgres.MOST_CONNECTIONS:
                await asyncio.sleep(0.005)
        for task in using:
            task.cancel()
        await asyncio.gather(*using, return_exceptions=True)
        assert ledger.waiting() == 0
