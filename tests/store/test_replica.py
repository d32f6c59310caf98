"""Reads of history go to a real streaming replica while it is near enough, and to the primary when it is not."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx2
import pytest

from capacity.board.changes import Entry
from capacity.errors import LedgerUnavailable
from capacity.processes.engines.postgres import Postgres
from capacity.processes.engines.running import running
from capacity.processes.migrating import create_database, migrate
from capacity.processes.serve import application
from capacity.processes.settings import Settings
from capacity.services.broadcasting import Hub
from capacity.services.channel import Pace
from capacity.services.doorkeeping import Doorkeeper
from capacity.store.credentials import CredentialStore
from capacity.store.ledger import LedgerStore
from capacity.store.postgres import Database
from capacity.store.replica import Behind, Replica
from capacity.web.metrics import Metrics
from tests.conftest import FAST_POSTGRES
from tests.standby import Standby
from tests.world import EVERYTHING, NOW_MS, site, world_of

SECONDS = 20.0
MOST_LAG = 5.0
NOW = datetime.fromtimestamp(NOW_MS / 1000, UTC)


@pytest.fixture(scope="module")
def primary() -> Iterator[Postgres]:
    """A Postgres of this module's own: all of the session's databases would be much to copy."""
    with tempfile.TemporaryDirectory(prefix="capacity-test-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        engine = Postgres(Path(name), FAST_POSTGRES)
        with running(engine):
            asyncio.run(create_database(engine.url("postgres"), "board"))
            asyncio.run(migrate(engine.url("board")))
            yield engine


@pytest.fixture(scope="module")
def standby(primary: Postgres) -> Iterator[Standby]:
    with tempfile.TemporaryDirectory(prefix="capacity-test-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        yield Standby(Path(name), FAST_POSTGRES, primary=primary)


class HandSeconds:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Pair:
    """Primary and replica of one database, and what reads of both."""

    def __init__(self, database: Database, replica: Replica, standby_url: str, seconds: HandSeconds) -> None:
        self.database = database
        self.replica = replica
        self.seconds = seconds
        self._standby_url = standby_url
        self.ledger = LedgerStore(database, replica)

    async def record(self, territory: str, *, through: int) -> None:
        """Let the recorder go on until a number."""
        await self.ledger.start(territory, "epoch", NOW)
        cursor = await self.ledger.cursor(territory)
        said = (
            '{"seq":%d,"id":"%d","type":"movement","pool":"halte.women","delta":1,"outcome":"applied",'
            '"observed_at":"2026-11-22T22:38:50.000Z","received_at":"2026-11-22T22:38:50.000Z"}'
        )
        entries = [Entry(seq, (said % (seq, seq)).encode(), []) for seq in range(cursor.seq + 1, through + 1)]
        await self.ledger.append(territory, "epoch", cursor.seq, entries, NOW)

    async def tell(self, statement: str) -> None:
        """Something to the standby itself."""
        connection = await asyncpg.connect(self._standby_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def until(self, is_so) -> Behind | None:
        """Look until the replica is as expected."""
        async with asyncio.timeout(SECONDS):
            while not is_so(self.replica.behind):
                await self.replica.look()
                await asyncio.sleep(0.02)
        return self.replica.behind

    async def seqs(self, territory: str) -> int:
        return len(await self.ledger.commands(territory, 0, 100))


def has_all(behind: Behind | None) -> bool:
    return behind is not None and behind.numbers == 0


def is_away(behind: Behind | None) -> bool:
    return behind is None


@asynccontextmanager
async def pair_of(primary: Postgres, standby: Standby):
    seconds, url = HandSeconds(), standby.url("board")
    async with Database.open(primary.url("board")) as database, Database.open(url, 3.0) as other:
        yield Pair(database, Replica(database, other, most_lag_seconds=MOST_LAG, monotonic=seconds), url, seconds)


@pytest.fixture
async def pair(primary, standby):
    with running(standby):
        async with pair_of(primary, standby) as pair:
            yield pair


async def test_history_is_read_from_the_replica_and_its_lag_is_told(pair, territory):
    await pair.record(territory, through=3)
    assert await pair.seqs(territory) == 3
    assert pair.replica.answered == {"replica": 0, "primary": 1}, "asked before anybody looked"
    await pair.until(has_all)
    assert (await pair.seqs(territory), pair.replica.answered["replica"]) == (3, 1)

    await pair.tell("SELECT pg_wal_replay_pause()")
    await pair.record(territory, through=5)
    pair.seconds.now += 2.0
    await pair.replica.look()
    assert pair.replica.behind == Behind(2, 2.0)
    assert await pair.seqs(territory) == 3, "the replica was asked, within its bound"
    assert pair.replica.said == "2 commands behind, for 2.0 s"

    pair.seconds.now += MOST_LAG
    await pair.replica.look()
    assert await pair.seqs(territory) == 5, "too far behind: the primary was asked"
    assert "read from the primary" in pair.replica.said
    await pair.tell("SELECT pg_wal_replay_resume()")
    assert await pair.until(has_all) == Behind(0, 0.0)


async def test_a_replica_that_keeps_pace_with_a_busy_ledger_is_near_though_it_never_has_all(pair, territory):
    """Between two looks there is always news; what it lacked at the last look it has at this one."""
    await pair.record(territory, through=1)
    await pair.until(has_all)
    wanted = {territory: ("epoch", 1)}
    for second in range(1, 60):
        found, wanted = wanted, {territory: ("epoch", 1 + second)}
        pair.seconds.now += 1.0
        pair.replica._compare(pair.seconds.now, wanted, found)
        assert pair.replica.behind.seconds <= 2.0
    for _ in range(3):
        pair.seconds.now += 1.0
        pair.replica._compare(pair.seconds.now, wanted, found)
    assert pair.replica.behind.seconds >= 4.0


async def test_a_replica_that_dies_is_not_asked_until_it_is_back(primary, standby, territory):
    async with pair_of(primary, standby) as pair:
        with running(standby) as process:
            await pair.record(territory, through=2)
            await pair.until(has_all)
            assert await pair.seqs(territory) == 2
            process.kill()
            process.wait()
        assert await pair.seqs(territory) == 2, "the read that found it dead is answered all the same"
        assert pair.replica.behind is None
        assert pair.replica.answered["primary"] == 1
        assert pair.replica.said == "away; history is read from the primary"
        with running(standby):
            await pair.until(has_all)
            assert (await pair.seqs(territory), pair.replica.answered["replica"]) == (2, 2)


async def test_a_database_that_is_no_replica_of_ours_is_never_asked(pair, primary, territory):
    await create_database(primary.url("postgres"), "elsewhere")
    await migrate(primary.url("elsewhere"))
    async with Database.open(primary.url("elsewhere")) as elsewhere:
        await LedgerStore(elsewhere).start(territory, "another epoch", NOW)
        replica = Replica(pair.database, elsewhere, most_lag_seconds=MOST_LAG)
        await pair.record(territory, through=1)
        await replica.look()
        assert not replica.is_asked
    async with Database.open(primary.url("postgres")) as empty:  # it has no tables at all
        replica = Replica(pair.database, empty, most_lag_seconds=MOST_LAG)
        await replica.look()
        assert replica.behind is None


async def test_nobody_is_left_waiting_when_both_are_away(pair, territory):
    async with Database.open("postgresql://nobody@127.0.0.1:9/none") as away:
        replica = Replica(away, pair.database, most_lag_seconds=MOST_LAG)
        await replica.look()
        with pytest.raises(LedgerUnavailable):
            await replica.fetch("SELECT 1")


async def test_the_service_says_how_its_replica_is_and_asks_it_nothing_that_must_be_current(
    pair, primary, redis_url, territory
):
    """While the replica stands still a new site, its pool and its history's bounds are there at once."""
    await pair.until(has_all)
    await pair.tell("SELECT pg_wal_replay_pause()")
    async with world_of(redis_url, primary.url("board"), territory) as world:
        metrics, doorkeeper = (
            Metrics(),
            Doorkeeper(CredentialStore(pair.database), clock=world.clock, nobody=EVERYTHING),
        )
        async with Hub.open(world.live, Pace(), world.directories) as hub:
            app = application(
                Settings(), world.live, pair.database, world.directories, hub, world.registering, metrics, doorkeeper,
                world.signing, pair.replica,
            )  # fmt: skip
            async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1") as client:
                await world.put(site("halte", "halte.women"))
                await world.recording.catch_up(territory)
                pair.seconds.now += 1.0
                await pair.replica.look()
                told = (await client.get("/readyz")).json()
                assert told["checks"]["replica"] == {"ok": True, "detail": "1 commands behind, for 1.0 s", "mode": None}
                assert pair.replica.is_asked
                history = await client.get(f"/v1/territories/{territory}/pools/halte.women/history")
                assert (history.status_code, history.json()) == (200, {"points": []})
                assert pair.replica.answered == {"replica": 2, "primary": 0}
                text = (await client.get("/metrics")).text
                assert "capacity_replica_lag_seconds 1.0" in text
                assert "capacity_replica_asked 1.0" in text
                assert 'capacity_history_reads_total{by="replica"} 2.0' in text
    await pair.tell("SELECT pg_wal_replay_resume()")
