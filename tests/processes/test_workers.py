"""`capacity serve --workers`: real processes on one port, one of which is killed while the others go on."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import AsyncExitStack, asynccontextmanager

import psutil
import pytest
from websockets.asyncio.client import connect

from tests.crash.serving import ROOT, Serve, line_to
from tests.tokens import admin_of
from tests.whole_service import free_port
from tests.world import report, site

END_SECONDS = 5
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux shares a port among processes")


async def until(claim, seconds=90):
    async with asyncio.timeout(seconds):
        while not (found := claim()):
            await asyncio.sleep(0.1)
        return found


def pids(parent):
    """The workers that listen, as their process ids."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return {
            child.pid
            for child in psutil.Process(parent).children()
            if any(line.status == psutil.CONN_LISTEN for line in child.net_connections("tcp"))
        }
    return set()


def worker_of(parent, client):
    """Which worker a client has come to."""
    ours = client.transport.get_extra_info("sockname")[:2]
    for child in psutil.Process(parent).children():
        if any(tuple(line.raddr) == ours for line in child.net_connections("tcp") if line.raddr):
            return child.pid
    return None


class Screen:
    """A reader that keeps its board by the reader's rule."""

    def __init__(self, client):
        self.client, self.board, self.seq = client, {}, -1

    async def hear_until(self, seq):
        while self.seq < seq:
            message = json.loads(await asyncio.wait_for(self.client.recv(), 10))
            self.board = {} if message["complete"] else self.board
            self.board |= {row["pool"]: row for row in message["rows"]}
            self.seq = message["seq"]
        return self.board


@pytest.fixture
async def serve(redis_url, database):
    """Two workers, both listening."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CAPACITY_")}
    environment |= {
        "CAPACITY_REDIS_URL": redis_url, "CAPACITY_DATABASE_URL": database, "CAPACITY_LOG_LEVEL": "error",
        "CAPACITY_GRACE_SECONDS": "0.5",
    }  # fmt: skip
    command = (sys.executable, "-m", "capacity", "serve", "--workers", "2", "--port", str(port))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        await until(lambda: len(pids(process.pid)) == 2)
        yield Serve(port, process)
        if process.returncode is None:
            await stop(process, signal.SIGTERM)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def stop(process, number):
    """Ask it to stop, which it does in time, with all its workers."""
    workers = pids(process.pid)
    process.send_signal(number)
    assert await asyncio.wait_for(process.wait(), END_SECONDS) == 0
    assert not [pid for pid in workers if psutil.pid_exists(pid)]


@asynccontextmanager
async def screens_on(serve, territory, token, workers):
    """One screen at each of these workers."""
    found, address = {}, f"ws://127.0.0.1:{serve.port}/v1/territories/{territory}/feed"
    async with AsyncExitStack() as stack:
        for _ in range(200):
            if set(found) >= workers:
                break
            headers = {"Authorization": f"Bearer {token}"}
            client = await stack.enter_async_context(connect(address, additional_headers=headers))
            found.setdefault(worker_of(serve.process.pid, client), Screen(client))
        assert set(found) >= workers, "the kernel gave one worker nobody"
        yield found


async def count(line, territory, occupied):
    """Count a pool; the number of the command."""
    body = {"reports": [report("count", "halte.women", occupied=occupied)]}
    status, told = await line.ask("POST", f"/v1/territories/{territory}/reports", body)
    assert status == 200
    return told["results"][0]["seq"]


async def test_a_worker_that_is_killed_comes_back_while_the_other_serves_on(serve, database, territory):
    token, parent = await admin_of(database, territory), serve.process.pid
    before = pids(parent)
    async with line_to(serve.port, token) as line:
        halte = site("halte", "halte.women").model_dump(mode="json")
        async with asyncio.timeout(30):
            while (await line.ask("PUT", f"/v1/territories/{territory}/sites/halte", halte))[0] >= 300:
                await asyncio.sleep(0.05)  # the stores are looked at while requests are answered
        seq = await count(line, territory, 7)
    async with screens_on(serve, territory, token, before) as screens:
        boards = [await screens[worker].hear_until(seq) for worker in before]
        assert boards[0] == boards[1]
        assert boards[0]["halte.women"]["occupied"] == 7

        killed, other = before
        os.kill(killed, signal.SIGKILL)
        await until(lambda: killed not in {child.pid for child in psutil.Process(parent).children()})
        async with line_to(serve.port, token) as line:  # the killed one gets nobody
            seq = await count(line, territory, 8)
        assert (await screens[other].hear_until(seq))["halte.women"]["occupied"] == 8

    await until(lambda: len(pids(parent)) == 2)
    after = pids(parent)
    assert other in after
    async with screens_on(serve, territory, token, after) as screens:
        boards = [await screens[worker].hear_until(seq) for worker in after]
        assert boards[0] == boards[1]


async def test_ctrl_c_leaves_no_worker_within_five_seconds(serve):
    """SIGTERM the same: so ends the test above."""
    await stop(serve.process, signal.SIGINT)


async def test_no_worker_outlives_a_parent_that_was_killed(serve):
    workers = pids(serve.process.pid)
    serve.process.kill()
    await serve.process.wait()
    await until(lambda: not any(psutil.pid_exists(pid) for pid in workers), END_SECONDS)


def test_a_port_that_another_program_has_is_said_before_any_worker_starts():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = (sys.executable, "-m", "capacity", "serve", "--workers", "2", "--port", str(port))
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 1
    assert ended.stderr.endswith(
        f"Port {port} on 127.0.0.1 is in use by another program; choose another with --port.\n"
    )
