"""A server that is too old is refused by its name, before anything relies on it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from capacity.errors import EngineTooOld
from capacity.processes.engine_checks import check_ledger, check_live_store
from capacity.store.live import LiveStore
from tests.whole_service import free_port

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], "asyncio.Future[None]"]


def postgres_message(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4, "big") + body


async def an_old_postgres(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Let everyone in without encryption, and say that this is Postgres 14.9."""
    length = int.from_bytes(await reader.readexactly(4), "big")
    startup = await reader.readexactly(length - 4)
    if startup == (80877103).to_bytes(4, "big"):  # asks for TLS
        writer.write(b"N")
        length = int.from_bytes(await reader.readexactly(4), "big")
        await reader.readexactly(length - 4)
    writer.write(postgres_message(b"R", bytes(4)))
    for name, value in (("server_version", "14.9"), ("client_encoding", "UTF8"), ("TimeZone", "UTC")):
        writer.write(postgres_message(b"S", f"{name}\0{value}\0".encode()))
    writer.write(postgres_message(b"K", bytes(8)) + postgres_message(b"Z", b"I"))
    await reader.readexactly(5)  # Terminate
    writer.close()


async def an_old_redis(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer OK to everything, and 7.0.15 to whoever asks for the version."""
    info = b"redis_version:7.0.15\r\n"
    while line := await reader.readline():
        words = []
        for _ in range(int(line[1:])):
            size = int((await reader.readline())[1:])
            words.append((await reader.readexactly(size + 2))[:-2])
        match words[0].upper():
            case b"INFO":
                writer.write(b"$%d\r\n%s\r\n" % (len(info), info))
            case b"HELLO":
                writer.write(b"-ERR unknown command\r\n")
            case _:
                writer.write(b"+OK\r\n")
    writer.close()


@asynccontextmanager
async def listening(talk: Talk) -> AsyncIterator[int]:
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_an_old_redis_is_refused_by_name():
    async with listening(an_old_redis) as port, LiveStore.open(f"redis://127.0.0.1:{port}?protocol=2") as live:
        with pytest.raises(EngineTooOld, match=r"Redis 7\.0\.15 is too old: 7\.2 or newer is needed"):
            await check_live_store(live)


async def test_an_old_postgres_is_refused_by_name():
    async with listening(an_old_postgres) as port:
        with pytest.raises(EngineTooOld, match=r"Postgres 14\.9 is too old: 15 or newer is needed"):
            await check_ledger(f"postgresql://somebody@127.0.0.1:{port}/capacity")


@pytest.mark.parametrize("process", ["serve", "record"])
async def test_a_process_ends_with_that_one_sentence(process: str, database: str):
    async with listening(an_old_redis) as port:
        env = {
            **os.environ,
            "CAPACITY_REDIS_URL": f"redis://127.0.0.1:{port}?protocol=2",
            "CAPACITY_DATABASE_URL": database,
            "CAPACITY_PORT": str(free_port()),
        }
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "capacity", process, env=env, stderr=subprocess.PIPE
        )
        _, said = await asyncio.wait_for(child.communicate(), 30)
    assert child.returncode == 1
    assert said.decode().splitlines()[-1] == "capacity: Redis 7.0.15 is too old: 7.2 or newer is needed."
    assert b"Traceback" not in said


async def test_the_servers_of_the_wheels_are_new_enough(redis_url: str, database: str):
    async with LiveStore.open(redis_url) as live:
        await check_live_store(live)
    await check_ledger(database)
