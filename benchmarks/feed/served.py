"""The servers that are compared, each with the same source of news: `python -m benchmarks.feed.served KIND`.

`lane` is the product's feed: hub, picture, frames made once, lanes. `plain` is what a Starlette team would write first:
a set of sockets and a loop of sends, on the same uvicorn. `bare` is `lane` with only the kernel's `write()` below it:
the least that a delivery can cost from Python. The news is made in the process, so that a store's cost, the same for
all, does not blur the difference.
"""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Scope
from starlette.websockets import WebSocket, WebSocketDisconnect

from capacity.board.access import Action, Caller, Grant, Permission
from capacity.board.access import Scope as Reach
from capacity.board.changes import Board, Entry, RowChange
from capacity.board.clocks import system_clock
from capacity.board.picture import Catchup
from capacity.services.broadcasting import Hub
from capacity.services.budgets import FeedBudget
from capacity.services.channel import Pace
from capacity.services.frames import Message
from capacity.store.live import LiveStore
from capacity.vocabulary.roles import Role
from capacity.web.access import Guard
from capacity.web.feed import feed
from capacity.web.lane import LaneProtocol

MESSAGE_BYTES, ROW_BYTES = 200, 92
TERRITORY = "bench"
PATH = f"/v1/territories/{TERRITORY}/feed"


class Source:
    """Stands in for the live store: news when `GET /say` asks for it. Rows are of a given size."""

    def __init__(self, pools: int, row_bytes: int) -> None:
        self._row_bytes = row_bytes
        self._queue: asyncio.Queue[list[Entry]] = asyncio.Queue()
        self.seq = pools
        self.rows = [self._row(f"halte-{seq}.women", seq) for seq in range(1, pools + 1)]

    def _row(self, pool: str, seq: int) -> RowChange:
        head = f'{{"pool":"{pool}","site":"halte","seq":{seq},"status":"open","note":"'
        return RowChange(pool, seq, (head.ljust(self._row_bytes - 2, "x") + '"}').encode(), gone=False)

    def say(self) -> None:
        """One command that changes one row, in a read of its own."""
        self.seq += 1
        self._queue.put_nowait([Entry(self.seq, b"{}", [self._row("halte-1.women", self.seq)])])

    async def rows_since(self, territory: str, since: int) -> Board:
        assert territory == TERRITORY
        rows = [] if since else self.rows
        return Board("k3J9", max(since, len(self.rows)), rows)

    async def whole_board(self, territory: str) -> Board:
        return await self.rows_since(territory, 0)

    async def follow(self, _territory: str, _after_seq: int) -> AsyncGenerator[list[Entry]]:
        while True:
            try:
                async with asyncio.timeout(1):
                    entries = await self._queue.get()
            except TimeoutError:
                entries = []
            yield entries


class Everybody:
    """Stands in for the guard: a delivery is measured here, and the door is asked once a reader."""

    async def check(self, _scope: Scope) -> Permission:
        return Permission(Action.READ_BOARD, Reach.TERRITORY, Grant(Role.ADMIN), Caller("benchmarks"))

    def enter(self, _caller: Caller, _leave: Callable[[], None]) -> None:
        """Nobody is shown out."""

    def exit(self, _leave: Callable[[], None]) -> None:
        """It left by itself."""


class Lanes:
    """Our feed, from the source's news on."""

    def __init__(self, hub: Hub, source: Source) -> None:
        self._hub = hub
        self._source = source
        self._ticked = asyncio.Event()
        hub.counters.observe_tick_lag = lambda _: self._ticked.set()

    async def read(self, websocket: WebSocket) -> None:
        await feed(self._hub, cast("Guard", Everybody()), FeedBudget(), websocket)

    async def say(self, *, wait: bool) -> None:
        self._ticked.clear()
        self._source.say()
        await (self._ticked.wait() if wait else asyncio.sleep(0))


class BareLane(LaneProtocol):
    """Not for service: what the kernel does not take is lost."""

    @property
    def write(self) -> Callable[[bytes], Any]:
        return partial(os.write, self.transport.get_extra_info("socket").fileno())


class Plain:
    """A set of sockets and a loop of sends, of a message as ours says it."""

    def __init__(self) -> None:
        self._readers: set[WebSocket] = set()
        row = Source(1, ROW_BYTES).rows[0].row
        self._text = Message(Catchup("k3J9", 149, 150, [row]), system_clock()).text.decode()

    async def read(self, websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(self._text)
        self._readers.add(websocket)
        try:
            while True:
                await websocket.receive_text()
        except WebSocketDisconnect:
            self._readers.discard(websocket)

    async def say(self, *, wait: bool) -> None:
        del wait
        for websocket in list(self._readers):
            await websocket.send_text(self._text)


async def speak(server: Lanes | Plain, messages: int, per_second: float, *, wait: bool) -> None:
    """Say so many messages, so many a second, or one after the other where that is 0."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    for _ in range(messages):
        await server.say(wait=wait)
        if per_second:
            due += 1 / per_second
            await asyncio.sleep(due - loop.time())


def routes_of(server: Lanes | Plain) -> list[BaseRoute]:
    async def healthz(_: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    async def say(request: Request) -> JSONResponse:
        asked = request.query_params
        await speak(server, int(asked["messages"]), float(asked["per_second"]), wait=asked["wait"] == "1")
        return JSONResponse({})

    return [
        Route("/healthz", healthz),
        Route("/say", say),
        WebSocketRoute("/v1/territories/{territory}/feed", server.read),
    ]


def lanes_app() -> Starlette:
    """The product's feed; its hub lives as long as the application."""
    source = Source(int(os.environ.get("POOLS", "1")), int(os.environ.get("ROW_BYTES", ROW_BYTES)))
    routes: list[BaseRoute] = []

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        pace = Pace(heartbeat_seconds=3600)
        async with Hub.open(cast("LiveStore", source), pace) as hub:
            routes.extend(routes_of(Lanes(hub, source)))
            app.router.routes = routes
            yield

    app = Starlette(lifespan=lifespan)
    return app


def main() -> None:
    protocol: Any = {"lane": LaneProtocol, "bare": BareLane, "plain": "websockets-sansio"}[sys.argv[1]]
    app = Starlette(routes=routes_of(Plain())) if sys.argv[1] == "plain" else lanes_app()
    options: dict[str, Any] = {"ws": protocol, "ws_ping_interval": None, "log_level": "warning", "loop": "uvloop"}
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), http="httptools", access_log=False, **options)


if __name__ == "__main__":
    main()
