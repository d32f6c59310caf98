"""`websockets.broadcast` on uvloop: the library's own advice for many readers of the same message."""

from http import HTTPStatus

import uvloop
from websockets.asyncio.server import Request, Response, ServerConnection, broadcast, serve

from benchmarks.fanout.served.news import deflates, news, port


async def main() -> None:
    readers: set[ServerConnection] = set()

    async def read(connection: ServerConnection) -> None:
        readers.add(connection)
        try:
            await connection.wait_closed()
        finally:
            readers.discard(connection)

    def health(connection: ServerConnection, request: Request) -> Response | None:
        return connection.respond(HTTPStatus.OK, "ok") if request.path == "/healthz" else None

    compression = "deflate" if deflates() else None
    async with serve(read, "127.0.0.1", port(), process_request=health, compression=compression, backlog=4096):
        async for text in news():
            broadcast(readers, text)


if __name__ == "__main__":
    uvloop.run(main())
