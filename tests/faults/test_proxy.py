"""The harness's own network: what it does to a connection is what it says."""

import asyncio

import pytest

from tests.faults.proxy import Proxy

LIMIT_SECONDS = 10


@pytest.fixture
async def proxy():
    async def answer(reader, writer):
        while said := await reader.read(100):
            heard.append(said)
            writer.write(said.upper())
        writer.close()

    heard = []
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with Proxy.before(server.sockets[0].getsockname()[1]) as proxy, asyncio.timeout(LIMIT_SECONDS):
        proxy.heard = heard
        yield proxy
    server.close()


async def ask(proxy, said):
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(said)
    try:
        return await reader.read(100)
    finally:
        writer.close()


async def test_what_is_said_and_answered_crosses_it(proxy):
    assert await ask(proxy, b"words") == b"WORDS"


async def test_a_lost_answer_was_heard_by_the_server(proxy):
    proxy.loses_answers = True
    assert await ask(proxy, b"words") == b""
    assert proxy.heard == [b"words"]


async def test_what_is_delayed_arrives_later_and_whole(proxy):
    proxy.delay_seconds = 0.2
    began = asyncio.get_running_loop().time()
    assert await ask(proxy, b"words") == b"WORDS"
    assert asyncio.get_running_loop().time() - began >= 2 * proxy.delay_seconds


async def test_a_cut_breaks_every_open_connection(proxy):
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"words")
    assert await reader.read(100) == b"WORDS"
    assert proxy.cut() == 2  # both sides of it
    with pytest.raises(ConnectionResetError):
        await reader.readexactly(1)
    writer.close()


async def test_a_server_that_is_not_there_ends_the_connection():
    async with Proxy.before(1) as proxy, asyncio.timeout(LIMIT_SECONDS):
        assert await ask(proxy, b"words") == b""
