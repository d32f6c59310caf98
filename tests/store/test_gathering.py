"""One connection for the calls of everybody: each caller gets its own answer."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest
from redis.asyncio import Redis

from capacity.store.gathering import GatheringConnection

pytestmark = pytest.mark.one_server("a gathering connection is one to one server")


@pytest.fixture
async def gathering_on(redis_url):
    """A function that runs a gathering connection; it is told of each pipeline once that has been sent."""

    @asynccontextmanager
    async def run(sent):
        client = Redis.from_url(redis_url)

        def connect():
            connection = client.connection_pool.make_connection()
            send = connection.send_packed_command

            async def send_and_tell(command, check_health=True):
                await send(command, check_health=check_health)
                if connection.is_connected and b"ECHO" in command:
                    sent(gathering)

            connection.send_packed_command = send_and_tell
            return connection

        gathering = GatheringConnection(connect, deadline_seconds=5.0)
        running = asyncio.create_task(gathering.run())
        try:
            yield gathering
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await client.aclose()

    return run


@pytest.mark.parametrize("waited_before", [True, False])
async def test_how_the_disk_is_waited_for_may_change_while_a_pipeline_is_under_way(gathering_on, waited_before):
    def turn(gathering):
        gathering.waits_for_disk = not gathering.waits_for_disk

    async with gathering_on(turn) as gathering:
        gathering.waits_for_disk = waited_before
        for number in range(6):
            words = [f"{number} of one".encode(), f"{number} of another".encode()]
            assert await asyncio.gather(*(gathering.call("ECHO", word) for word in words)) == words
