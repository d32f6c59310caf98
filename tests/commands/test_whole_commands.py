"""The commands as a person types them, against a service that runs on the machine's own clock."""

import asyncio
import json
from contextlib import suppress

import pytest
from redis.asyncio import Redis
from typer.testing import CliRunner

from capacity.board.clocks import system_clock
from capacity.cli import app
from capacity.store.live import LiveStore
from capacity.store.postgres import Database
from tests.commands.tables_of_ours import NIGHTS, NIGHTS_MAP, PARKING, PARKING_MAP
from tests.serving import server_on
from tests.world import World


@pytest.fixture
async def world(redis_url, database, territory, monkeypatch):
    """This test's territory on the machine's clock, its stores named in the environment."""
    monkeypatch.setenv("CAPACITY_REDIS_URL", redis_url)
    monkeypatch.setenv("CAPACITY_DATABASE_URL", database)
    async with (
        LiveStore.open(redis_url) as live,
        Redis.from_url(redis_url) as client,
        Database.open(database) as opened,
    ):
        await live.prepare()
        yield World(live, client, territory, system_clock, database=opened)


@pytest.fixture
async def served(world):
    """The service, and a recorder beside it."""
    done = asyncio.Event()

    async def record():
        while not done.is_set():
            if await world.live.position(world.name):
                await world.recording.catch_up(world.name)
            with suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), 0.05)

    async with server_on(world) as served, asyncio.TaskGroup() as tasks:
        tasks.create_task(record())
        yield served
        done.set()


@pytest.fixture
def files(tmp_path):
    for name, text in {
        "nights.csv": NIGHTS, "nights.toml": NIGHTS_MAP, "parking.csv": PARKING, "parking.toml": PARKING_MAP,
    }.items():  # fmt: skip
        (tmp_path / name).write_text(text)
    return tmp_path


async def capacity(*arguments):
    """The command in a thread of its own, beside the service."""
    result = await asyncio.to_thread(CliRunner().invoke, app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.mark.parametrize("name", ["nights", "parking"])
async def test_a_file_is_imported_replayed_and_verified(served, world, files, name):
    table, mapping = files / f"{name}.csv", files / f"{name}.toml"
    assert (await capacity("import", table, "--map", mapping, "-t", world.name)).exit_code == 0
    result = await capacity(
        "replay", table, "--map", mapping, "-t", world.name, "--url", served.url, "--speed", 100_000, "--verify"
    )
    assert result.exit_code == 0
    assert "verified: the ledger and the history of every pool give back what was sent" in result.stdout
    assert "lines: " in result.stdout
    if name == "parking":
        assert "10 lines: 8 read, 2 refused, 2 repeat" in result.stdout
        assert "parking.csv:7: inside: is negative: -3" in result.stdout


async def test_a_replay_onto_a_board_without_the_pools_says_what_to_do_first(served, world, files):
    with pytest.raises(Exception, match=r"capacity import .*parking\.csv --map .*parking\.toml --territory"):
        await capacity(
            "replay", files / "parking.csv", "--map", files / "parking.toml", "-t", world.name, "--url", served.url
        )


async def test_a_night_is_simulated_and_told(served, world, files):
    await capacity("import", files / "nights.csv", "--map", files / "nights.toml", "-t", world.name)
    result = await capacity(
        "simulate", served.url, "-t", world.name, "--speed", 100_000, "--hours", 6, "--seed", 5, "--calls", 5
    )
    assert result.exit_code == 0
    assert "night 5: 6 h from 18:00" in result.stdout
    assert "│ all" in result.stdout
    assert "sent from the street, and what came back" in result.stdout
    assert "households asked" in result.stdout


async def test_the_doctor_speaks_json_and_its_exit_code_counts(served, world, files):
    await capacity("import", files / "nights.csv", "--map", files / "nights.toml", "-t", world.name)
    result = await capacity("doctor", "--json")
    told = json.loads(result.stdout)
    assert told["ok"] == (result.exit_code == 0)
    assert {"verdict", "subject", "said", "advice"} == set(told["findings"][0])
    assert f"territory {world.name}" in {finding["subject"] for finding in told["findings"]}
