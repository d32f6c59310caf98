"""The engines are real servers that come back on the same data."""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import asyncpg
import redis.asyncio as redis

from capacity.processes.engines.postgres import Postgres
from capacity.processes.engines.running import running, wait_until_ready
from capacity.processes.engines.valkey import Valkey


async def test_a_killed_valkey_has_everything_it_acknowledged(
    valkey_of_its_own: Callable[[], tuple[Valkey, int]],
):
    engine, pid = valkey_of_its_own()
    async with redis.from_url(engine.url) as client:
        await client.set("promise", "kept")
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    engine, _ = valkey_of_its_own()
    async with redis.from_url(engine.url) as client:
        assert await client.get("promise") == b"kept"


async def test_valkey_never_evicts_and_syncs_before_it_answers(redis_url: str):
    async with redis.from_url(redis_url, decode_responses=True) as client:
        settings = await client.config_get("appendonly", "appendfsync", "maxmemory-policy")
    assert settings == {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}


async def test_postgres_comes_back_on_the_same_data(engine_folder: Path):
    for expected in (1, 2):
        with running(Postgres(engine_folder)):
            connection = await asyncpg.connect(Postgres(engine_folder).url("postgres"))
            await connection.execute("CREATE TABLE IF NOT EXISTS starts (at timestamptz DEFAULT now())")
            await connection.execute("INSERT INTO starts DEFAULT VALUES")
            assert await connection.fetchval("SELECT count(*) FROM starts") == expected
            await connection.close()


async def test_engines_start_where_the_path_is_too_long_for_a_socket(engine_folder: Path):
    deep = engine_folder / ("d" * 120)
    deep.mkdir(mode=0o711)
    with running(Valkey(deep)), running(Postgres(deep)):
        connection = await asyncpg.connect(Postgres(deep).url("postgres"))
        await connection.close()
    for folder in (Valkey(deep).socket.parent, Postgres(deep).sockets):
        shutil.rmtree(folder)


async def test_a_server_left_behind_is_stopped_before_the_next_start(engine_folder: Path):
    left = Valkey(engine_folder)
    left.prepare()
    process = left.program().start()
    wait_until_ready(left, process, lambda: "")
    with running(Valkey(engine_folder)):
        assert process.wait(5) == 0


async def test_each_test_has_a_database_of_its_own(database: str):
    connection = await asyncpg.connect(database)
    assert await connection.fetchval("SELECT current_database()") != "postgres"
    await connection.close()
