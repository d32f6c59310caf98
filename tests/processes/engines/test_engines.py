"""The engines are real servers that come back on the same data."""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio as redis

from capacity.errors import StartFailed
from capacity.processes.engines import binaries
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


@pytest.mark.parametrize("version", ["7", "99"])
def test_data_of_another_major_version_is_refused(engine_folder: Path, version: str):
    with running(Postgres(engine_folder)):
        pass
    (engine_folder / "postgres" / "PG_VERSION").write_text(f"{version}\n")
    with pytest.raises(StartFailed, match=f"made by Postgres {version}, and this is Postgres 18"):
        Postgres(engine_folder).prepare()


def test_a_program_that_cannot_run_here_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    program = tmp_path / "pginstall" / "bin" / "postgres"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho 'error while loading shared libraries: libz.so.1' >&2\nexit 127\n")
    program.chmod(0o755)
    monkeypatch.setattr(binaries, "_package_folder", lambda _package: tmp_path)
    with pytest.raises(StartFailed, match=r"Postgres cannot run here: .*libz\.so\.1"):
        binaries.postgres()


def test_a_wheel_that_is_not_installed_is_said():
    with pytest.raises(StartFailed, match=r"capacity\[embedded\]"):
        binaries._package_folder("no_such_wheel")
