"""A small TCP proxy before a server: it cuts connections, delays what crosses it, or loses the answers."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

CHUNK_BYTES = 65_536
RESET = struct.pack("ii", 1, 0)
"""What makes the end of a connection a reset, not a farewell."""


class Proxy:
    """Forwards each connection to a port of this machine. `delay_seconds` and `loses_answers` may change meanwhile."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.delay_seconds = 0.0
        self.loses_answers = False

    @classmethod
    @asynccontextmanager
    async def before(cls, target: int) -> AsyncIterator["Proxy"]:
        proxy = cls(target)
        server = await asyncio.start_server(proxy._serve, "127.0.0.1", 0)
        proxy.port = server.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            server.close()
            proxy.cut()

    def cut(self) -> int:
        """Break every connection with a reset, also in the middle of a request; answers how many."""
        for writer in self._writers:
            line = writer.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()
        return len(self._writers)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            ahead, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            self._end(writer)
            return
        self._writers.add(back)
        there = asyncio.create_task(self._carry(reader, back, is_answer=False), name="carry requests")
        here = asyncio.create_task(self._carry(ahead, writer, is_answer=True), name="carry answers")
        try:
            await asyncio.wait((there, here), return_when=asyncio.FIRST_COMPLETED)
        finally:
            there.cancel()
            here.cancel()
            self._end(writer)
            self._end(back)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool) -> None:
        with suppress(OSError):
            while part := await reader.read(CHUNK_BYTES):
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds)
                if is_answer and self.loses_answers:
                    return
                writer.write(part)
                await writer.drain()

    def _end(self, writer: asyncio.StreamWriter) -> None:
        self._writers.discard(writer)
        writer.close()
