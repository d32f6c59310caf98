"""Postgres away: reports go on, and the ledger has all of them when it is back."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from capacity.errors import LedgerUnavailable
from capacity.processes.engines.postgres import Postgres
from capacity.processes.engines.running import running
from capacity.processes.migrating import migrate
from capacity.store.lock import RecorderLock
from tests.world import report, site, world_of

pytestmark = pytest.mark.crash

POOL = "halte.women"
PATIENCE_SECONDS = 30


async def until_kept(world, seq):
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            with suppress(LedgerUnavailable):
                cursor = await world.ledger.cursor(world.name)
                if cursor is not None and cursor.seq >= seq:
                    return
            await asyncio.sleep(0.05)  # Postgres can only be asked


async def test_reports_go_on_while_postgres_is_away_and_the_recorder_catches_up(
    redis_url: str, engine_folder: Path, territory: str
):
    postgres = Postgres(engine_folder, {"fsync": "off"})
    url = postgres.url("postgres")
    async with world_of(redis_url, url, territory) as world:
        with running(postgres):
            await migrate(url)
            await world.put(site("halte", POOL))
            recorder = asyncio.create_task(world.recording.run(RecorderLock(url)))
            await until_kept(world, 1)

        with pytest.raises(LedgerUnavailable):
            await world.put(site("other"))
        results = await world.post(*(report("movement", POOL, delta=1) for _ in range(20)))
        assert [result["outcome"] for result in results] == ["applied"] * 20
        assert not recorder.done()

        with running(postgres):
            await until_kept(world, 21)
            assert await world.kept() == await world.commands()
            assert not recorder.done()
            recorder.cancel()
            await asyncio.gather(recorder, return_exceptions=True)
