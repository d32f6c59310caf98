"""The release before and this code side by side on one pair of stores, as in a restart one process at a time."""

import asyncio
import os
import re
import sys
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from capacity.store import functions, library
from tests.crash import serving
from tests.crash.serving import ROOT, line_to, serve_process
from tests.tokens import admin_of
from tests.upgrades import release
from tests.world import new_id

pytestmark = [
    pytest.mark.crash,
    pytest.mark.skipif(release.why_there_is_none() is not None, reason=str(release.why_there_is_none())),
]

POOL, PLACES, EACH = "halte.women", 500, 10
WAIT_SECONDS = 120


class Town:
    """One territory, seen through several servers at once."""

    def __init__(self, name, token):
        self.address, self.token = f"/v1/territories/{name}", token
        self.accepted = 0

    async def ask(self, server, method, path, body=None):
        async with line_to(server.port, self.token) as line:
            status, said = await line.ask(method, self.address + path, body)
        assert status < 300, (status, said)
        return said

    async def open(self, server):
        pools = [{"id": POOL, "audience": "women", "capacity": PLACES}]
        await self.ask(server, "PUT", "/sites/halte", {
            "id": "halte", "name": "Halte", "kind": "women_halte", "visibility": "public", "pools": pools,
        })  # fmt: skip
        self.accepted += 1

    async def live(self, *servers):
        """Reports, holds and their ends, each by another server than the one before."""
        for number in range(EACH):
            one, other = servers[number % len(servers)], servers[(number + 1) % len(servers)]
            moved = {"id": new_id(), "type": "movement", "pool": POOL, "delta": 1}
            batch = [{"id": new_id(), "type": "movement", "pool": POOL, "delta": 1} for _ in range(3)]
            for reports in ([moved], batch):
                told = await self.ask(one, "POST", "/reports", {"reports": reports})
                assert {result["outcome"] for result in told["results"]} == {"applied"}
            again = await self.ask(other, "POST", "/reports", {"reports": [moved]})
            assert again["results"][0]["outcome"] == "duplicate"
            hold = {"id": new_id(), "lines": [{"pool": POOL, "places": 2}], "minutes": 30, "channel": "115"}
            granted = await self.ask(one, "POST", "/holds", hold)
            assert await self.ask(other, "POST", "/holds", hold) == granted
            if number % 2:
                end = {"id": new_id()} | ({} if number % 4 == 1 else {"reason": "cancelled"})
                verb = "arrival" if number % 4 == 1 else "release"
                await self.ask(other, "POST", f"/holds/{hold['id']}/{verb}", end)
            self.accepted += 5 + number % 2

    async def is_one_picture(self, *servers):
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                boards = [await self.ask(server, "GET", "/board") for server in servers]
                seen = [{**board, "server_time": None} for board in boards]
                if all(board == seen[0] for board in seen) and seen[0]["seq"] == self.accepted:
                    return seen[0]["rows"]
                await asyncio.sleep(0.02)  # each follows the stream by itself

    async def ledger_is_whole(self, server):
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                kept = (await self.ask(server, "GET", "/ledger?after=0&limit=1000"))["commands"]
                if len(kept) >= self.accepted:
                    break
                await asyncio.sleep(0.05)
        assert [command["seq"] for command in kept] == list(range(1, self.accepted + 1))


@asynccontextmanager
async def recorder(redis_url, database_url, root):
    env = {name: value for name, value in os.environ.items() if not name.startswith("CAPACITY_")}
    env |= {"CAPACITY_REDIS_URL": redis_url, "CAPACITY_DATABASE_URL": database_url, "PYTHONPATH": str(root)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "capacity", "record", cwd=root, env=env,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """As where it is installed: a start finds what another has compiled, whatever our environment says."""
    monkeypatch.setattr(serving, "START_SECONDS", WAIT_SECONDS)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(release.CACHE / "bytecode"))


async def test_servers_and_recorders_are_replaced_one_by_one(valkey_of_its_own, database, territory):
    url, old = valkey_of_its_own()[0].url, release.checkout()
    town = Town(territory, await admin_of(database, territory))
    async with serve_process(url, database) as new, Redis.from_url(url) as client:
        await new.until_ready()
        async with recorder(url, database, old):
            async with serve_process(url, database, root=old) as before:
                await before.until_ready()
                await town.open(before)
                await town.live(before, new)
                await town.is_one_picture(before, new)
            async with serve_process(url, database, root=old) as late:  # one that was started again in between
                await late.until_ready()
                await town.live(new, late)
                await town.is_one_picture(new, late)
        async with recorder(url, database, ROOT):
            await town.live(new)
            rows = await town.is_one_picture(new)
            await town.ledger_is_whole(new)
            assert rows[0]["held"] == 2 * 3 * (EACH - EACH // 2)
        async with asyncio.timeout(WAIT_SECONDS):
            while await library.version_of(client) < functions.VERSION:  # the new server looks every other second
                await asyncio.sleep(0.05)


def test_every_function_of_the_release_before_is_still_there():
    """Its processes call them until the last of them was replaced."""
    was = "\n".join(release.files_of("capacity/store/functions").values())
    assert functions.names_in(was) - functions.names_in(functions.source()) == set()


def test_functions_that_differ_from_the_release_before_have_a_greater_version():
    """Else a process of that release would put its own in their place."""
    was = release.files_of("capacity/store/functions")
    now = {f"capacity/store/functions/{path.name}": path.read_text() for path in _lua()}
    if {name: text for name, text in was.items() if name.endswith(".lua")} != now:
        found = re.search(r"^VERSION = (\d+)$", was["capacity/store/functions/__init__.py"], re.MULTILINE)
        assert (0 if found is None else int(found[1])) < functions.VERSION


def _lua():
    return sorted((ROOT / "capacity/store/functions").glob("*.lua"))
