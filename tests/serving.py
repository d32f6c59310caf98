"""The whole application on the real stores: in this process for most tests, on a real socket where that matters."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx2
import uvicorn

from capacity.processes.listening import listen
from capacity.services.broadcasting import Hub
from capacity.services.channel import Pace
from capacity.services.finding import Finding
from capacity.web.ahead import Ahead
from capacity.web.app import build_app
from capacity.web.connections import Connections
from capacity.web.metrics import Metrics
from capacity.web.server import server_config
from capacity.web.turning_away import TurningAway
from capacity.web.vitals import Vitals
from tests.world import World

LAG_SECONDS = 30.0
START_SECONDS = 10.0
Held = TypeVar("Held")


@asynccontextmanager
async def in_one_task(context: AbstractAsyncContextManager[Held]) -> AsyncIterator[Held]:
    """Enter and leave a context in one task, as a task group must be: the two halves of a fixture run in two."""
    entered: asyncio.Future[Held] = asyncio.get_running_loop().create_future()
    leave = asyncio.Event()

    async def hold() -> None:
        async with context as held:
            entered.set_result(held)
            await leave.wait()

    holding = asyncio.create_task(hold(), name="hold a context")
    await asyncio.wait((holding, entered), return_when=asyncio.FIRST_COMPLETED)
    try:
        yield await (entered if entered.done() else holding)
    finally:
        leave.set()
        await holding


@asynccontextmanager
async def app_on(world: World, pace: Pace | None = None) -> AsyncIterator[Ahead]:
    """The application that `capacity serve` builds, with this world's clock."""
    metrics = Metrics()
    async with Hub.open(world.live, pace or Pace(clock=world.clock), world.directories) as hub:
        world.reporting._observe = metrics.report
        vitals = Vitals(
            live=world.live, ledger=world.ledger, registering=world.registering,
            directories=world.directories, hub=hub, clock=world.clock,
            recorder_lag_seconds=LAG_SECONDS,
        )  # fmt: skip
        finding = Finding(hub, world.directories, clock=world.clock, count_empty=world.requesting.search_empty)
        yield build_app(
            reporting=world.reporting, registering=world.registering, recalling=world.recalling,
            explaining=world.explaining, reckoning=world.reckoning, finding=finding,
            holding=world.holding, requesting=world.requesting, tallying=world.tallying,
            signing=world.signing, auditing=world.auditing, publishing=world.publishing,
            doorkeeper=world.doorkeeper, pairing=world.pairing, equipping=world.equipping,
            directories=world.directories, hub=hub, feeds=world.feeds, vitals=vitals,
            metrics=metrics, clock=world.clock, host_names=["board.test"],
        )  # fmt: skip


@asynccontextmanager
async def client_on(world: World) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the application without a socket in between."""
    async with app_on(world) as app:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://board.test") as client:
            yield client


@dataclass
class Served:
    """A running server; `stop` asks it to stop as SIGTERM does."""

    port: int
    server: uvicorn.Server
    running: "asyncio.Task[None]"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        self.server.should_exit = True
        await self.running

    async def exchange(self, *parts: bytes) -> bytes:
        """Write raw bytes, part by part, and read until the server hangs up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            return await asyncio.wait_for(reader.read(), 10)
        finally:
            writer.close()


@asynccontextmanager
async def server_on(
    world: World,
    *,
    grace_seconds: float = 1,
    pace: Pace | None = None,
    tls: tuple[Path, Path] | None = None,
    connections: Connections | None = None,
    turning_away: TurningAway | None = None,
) -> AsyncIterator[Served]:
    """The application on a free port of this machine, served as `capacity serve` does."""
    async with app_on(world, pace) as app:
        config = server_config(
            app, grace_seconds=grace_seconds, tls=tls, connections=connections, turning_away=turning_away
        )
        server = uvicorn.Server(config)
        server.capture_signals = contextlib.nullcontext
        with listen("127.0.0.1", 0) as listener:
            running = asyncio.create_task(server.serve([listener]), name="web server")
            async with asyncio.timeout(START_SECONDS):
                while not server.started:  # uvicorn can only be asked
                    await asyncio.sleep(0.005)
            served = Served(listener.getsockname()[1], server, running)
            try:
                yield served
            finally:
                await served.stop()
