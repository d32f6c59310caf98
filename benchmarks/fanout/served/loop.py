"""A plain Starlette loop of sends on uvicorn: what a Starlette team would write first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from benchmarks.fanout.served.news import deflates, news, port

readers: set[WebSocket] = set()


async def read(websocket: WebSocket) -> None:
    await websocket.accept()
    readers.add(websocket)
    try:
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        readers.discard(websocket)


async def healthz(_: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


async def spread() -> None:
    async for text in news():
        for websocket in list(readers):
            await websocket.send_text(text)


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    task = asyncio.create_task(spread())
    yield
    task.cancel()


app = Starlette(routes=[Route("/healthz", healthz), WebSocketRoute("/", read)], lifespan=lifespan)

if __name__ == "__main__":
    options: dict[str, Any] = {"ws": "websockets-sansio", "ws_per_message_deflate": deflates(), "loop": "uvloop"}
    uvicorn.run(app, host="127.0.0.1", port=port(), http="httptools", access_log=False, log_level="warning", **options)
