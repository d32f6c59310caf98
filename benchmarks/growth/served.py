"""Our feed for many territories, the news made in the process: `python -m benchmarks.growth.served TERRITORIES`.

The store is left out, as in `benchmarks.feed`: what is measured is the way from news to sockets.
"""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from benchmarks.feed.served import ROW_BYTES, TERRITORY, Everybody, Source
from capacity.board.changes import Board, Entry
from capacity.services.broadcasting import Hub
from capacity.services.budgets import FeedBudget
from capacity.services.channel import Pace
from capacity.store.live import LiveStore
from capacity.web.access import Guard
from capacity.web.feed import feed
from capacity.web.lane import LaneProtocol


def names(count: int) -> list[str]:
    """Territories as the benchmarks call them."""
    return [f"bench-{number}" for number in range(count)]


class Sources:
    """Stands in for the live store: a source of news for each territory."""

    def __init__(self, territories: list[str]) -> None:
        self.all = {name: Source(1, ROW_BYTES) for name in territories}

    async def rows_since(self, territory: str, since: int) -> Board:
        return await self.all[territory].rows_since(TERRITORY, since)

    async def whole_board(self, territory: str) -> Board:
        return await self.all[territory].whole_board(TERRITORY)

    def follow(self, territory: str, after_seq: int) -> AsyncGenerator[list[Entry]]:
        return self.all[territory].follow(TERRITORY, after_seq)


class Waves:
    """News in every territory, again as soon as all their readers have it."""

    def __init__(self, hub: Hub, sources: Sources) -> None:
        self._sources = sources
        self._missing = 0
        self._all_told = asyncio.Event()
        hub.counters.observe_tick_lag = self._ticked

    def _ticked(self, _seconds: float) -> None:
        self._missing -= 1
        if self._missing == 0:
            self._all_told.set()

    async def make(self, waves: int) -> None:
        for _ in range(waves):
            self._missing = len(self._sources.all)
            self._all_told.clear()
            for source in self._sources.all.values():
                source.say()
            await self._all_told.wait()


def app(territories: list[str]) -> Starlette:
    """The feed of these territories; its hub lives as long as the application."""
    sources = Sources(territories)
    routes: list[BaseRoute] = []

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with Hub.open(cast("LiveStore", sources), Pace(heartbeat_seconds=3600)) as hub:
            waves = Waves(hub, sources)

            async def read(websocket: WebSocket) -> None:
                await feed(hub, cast("Guard", Everybody()), FeedBudget(), websocket)

            async def say(request: Request) -> JSONResponse:
                await waves.make(int(request.query_params["waves"]))
                return JSONResponse({})

            async def healthz(_: Request) -> PlainTextResponse:
                return PlainTextResponse("ok")

            routes.extend(
                [
                    Route("/healthz", healthz),
                    Route("/say", say),
                    WebSocketRoute("/v1/territories/{territory}/feed", read),
                ]
            )
            made.router.routes = routes
            yield

    made = Starlette(lifespan=lifespan)
    return made


if __name__ == "__main__":
    uvicorn.run(
        app(names(int(sys.argv[1]))),
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        http="httptools",
        loop="uvloop",
        ws=LaneProtocol,
        ws_ping_interval=None,
        log_level="warning",
        access_log=False,
    )
