"""Law 6 under SIGKILL: nothing acknowledged is lost, no number is given or kept twice."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from capacity.errors import StoreUnavailable
from capacity.processes.engines.valkey import Valkey
from tests.world import Ground, World, report, site, standing_on, world_of

pytestmark = pytest.mark.crash

POOL = "halte.women"
ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30
TAKEOVER_SECONDS = 5


class Senders:
    """Tablets that post until their store dies, and remember what they sent and what was acknowledged."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.sent: list[dict] = []
        self.acknowledged: dict[str, int] = {}
        self.enough = asyncio.Event()

    async def post_until_death(self, reports_a_batch: int, enough: int) -> None:
        while True:
            batch = [report("movement", POOL, delta=1) for _ in range(reports_a_batch)]
            self.sent += batch
            try:
                await self.acknowledge(batch)
            except StoreUnavailable:
                return
            if len(self.acknowledged) >= enough:
                self.enough.set()

    async def acknowledge(self, batch: list[dict]) -> list[str]:
        results = await self.ground.post(*batch)
        for result in results:
            assert self.acknowledged.setdefault(result["id"], result["seq"]) == result["seq"]
        return [result["outcome"] for result in results]

    async def resend(self) -> dict[str, str]:
        """Send everything once more, as an outbox does; answers the outcome of each id."""
        outcomes = {}
        for start in range(0, len(self.sent), 500):
            batch = self.sent[start : start + 500]
            outcomes |= zip((each["id"] for each in batch), await self.acknowledge(batch), strict=True)
        return outcomes


async def test_a_valkey_killed_while_tablets_write_loses_nothing_it_acknowledged(
    valkey_of_its_own: Callable[[], tuple[Valkey, int]], territory: str
):
    engine, pid = valkey_of_its_own()
    async with standing_on(engine.url, territory) as ground:
        await ground.open(POOL)
        senders = Senders(ground)
        async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as tablets:
            for reports_a_batch in (1, 1, 1, 3, 20, 100):
                tablets.create_task(senders.post_until_death(reports_a_batch, enough=1_500))
            await senders.enough.wait()
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        promised = dict(senders.acknowledged)

        valkey_of_its_own()
        kept = {command["id"]: command["seq"] for command in await ground.commands()}
        assert promised.items() <= kept.items()

        outcomes = await senders.resend()
        assert {outcomes[each] for each in promised} == {"duplicate"}
        assert set(outcomes.values()) <= {"duplicate", "applied"}
        stream = await ground.stream()
        assert [entry.seq for entry in stream] == list(range(1, await ground.seq() + 1))
        ids = [command["id"] for command in await ground.commands()][1:]
        assert sorted(ids) == sorted(each["id"] for each in senders.sent)
        assert (await ground.rows())[POOL]["occupied"] == len(senders.sent)


@asynccontextmanager
async def recorder_process(redis_url: str, database_url: str, name: str):
    """`capacity record` as a process of its own, known to Postgres by a name."""
    database_url += f"&application_name={name}"
    environment = {**os.environ, "CAPACITY_REDIS_URL": redis_url, "CAPACITY_DATABASE_URL": database_url}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "capacity", "record", cwd=ROOT, env=environment,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


class Watcher:
    """Sees from Postgres who is there, who records, and how far the ledger is; posts on while it waits."""

    def __init__(self, world: World, connection: asyncpg.Connection) -> None:
        self.world = world
        self.connection = connection

    async def ledger_at(self) -> int:
        cursor = await self.world.ledger.cursor(self.world.name)
        return 0 if cursor is None else cursor.seq

    async def active(self) -> str | None:
        """The name of the recorder that holds the lock."""
        return await self.connection.fetchval(
            "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
        )

    async def is_there(self, name: str) -> bool:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1"
        return await self.connection.fetchval(asked, name) > 0

    async def until(self, reached: Callable[[], Awaitable[bool]], seconds: float = PATIENCE_SECONDS) -> None:
        async with asyncio.timeout(seconds):
            while not await reached():
                await self.world.post(*(report("movement", POOL, delta=1) for _ in range(50)))


async def test_a_recorder_killed_while_tablets_write_is_taken_over_from(redis_url: str, database: str, territory: str):
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(world_of(redis_url, database, territory))
        watcher = Watcher(world, await asyncpg.connect(database))
        stack.push_async_callback(watcher.connection.close)
        await world.put(site("halte", POOL))

        async def start(name: str) -> asyncio.subprocess.Process:
            process = await stack.enter_async_context(recorder_process(redis_url, database, name))
            await watcher.until(lambda: watcher.is_there(name))
            return process

        async def has_recorded(name: str, beyond: int) -> bool:
            return await watcher.active() == name and await watcher.ledger_at() > beyond

        recorders = {"first": await start("first")}
        await watcher.until(lambda: has_recorded("first", beyond=200))
        for dying, next_one in (("first", "second"), ("second", "third")):
            recorders[next_one] = await start(next_one)
            assert await watcher.active() == dying
            recorders[dying].kill()
            reached = await world.seq()
            await watcher.until(lambda name=next_one, seq=reached: has_recorded(name, seq), TAKEOVER_SECONDS)

        last = await world.seq()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await watcher.ledger_at() < last:
                await asyncio.sleep(0.02)  # Postgres can only be asked
        kept = await world.kept()
        assert [command["seq"] for command in kept] == list(range(1, last + 1))
        in_the_stream = await world.commands()
        assert kept[last - len(in_the_stream) :] == in_the_stream
