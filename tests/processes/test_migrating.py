"""Migrations are applied once, in order, also when two start together."""

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from capacity.errors import LedgerUnavailable, StartFailed
from capacity.processes.engines.postgres import Postgres
from capacity.processes.migrating import create_database, migrate

_numbers = itertools.count(1)


@pytest.fixture
def empty_database(postgres: Postgres) -> Iterator[str]:
    name = f"empty_{next(_numbers)}"
    asyncio.run(create_database(postgres.url("postgres"), name))
    return postgres.url(name)


@pytest.fixture
def scripts(tmp_path: Path) -> list[Path]:
    first, second = tmp_path / "0001-first.sql", tmp_path / "0002-second.sql"
    first.write_text("CREATE TABLE site (id text); SELECT pg_sleep(0.05);")
    second.write_text("ALTER TABLE site ADD COLUMN name text;")
    return [first, second]


async def test_two_at_once_both_end_well(empty_database: str, scripts: list[Path]):
    done = await asyncio.gather(migrate(empty_database, scripts), migrate(empty_database, scripts))
    assert sorted(done, key=len) == [[], ["0001-first.sql", "0002-second.sql"]]


async def test_a_second_time_nothing_is_done(empty_database: str, scripts: list[Path]):
    await migrate(empty_database, scripts[:1])
    assert await migrate(empty_database, scripts) == ["0002-second.sql"]
    assert await migrate(empty_database, scripts) == []


async def test_a_database_of_a_newer_version_is_refused(empty_database: str, scripts: list[Path]):
    await migrate(empty_database, scripts)
    with pytest.raises(StartFailed, match=r"newer version of capacity: it has 0002-second\.sql"):
        await migrate(empty_database, scripts[:1])


async def test_one_that_fails_leaves_nothing_behind(empty_database: str, scripts: list[Path]):
    scripts[1].write_text("CREATE TABLE pool (id text); SELECT 1 / 0;")
    with pytest.raises(StartFailed, match=r"0002-second\.sql failed: division by zero"):
        await migrate(empty_database, scripts)
    connection = await asyncpg.connect(empty_database)
    assert await connection.fetchval("SELECT to_regclass('pool')") is None
    assert await connection.fetchval("SELECT to_regclass('site')") == "site"
    await connection.close()


async def test_no_server_is_said(tmp_path: Path):
    with pytest.raises(LedgerUnavailable):
        await migrate(f"postgresql:///capacity?host={tmp_path}")
