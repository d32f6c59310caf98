"""A thousand readers that only count: raw sockets and the fewest bytes of Python a frame, to be cheaper than a server.

They offer deflate only when asked to, answer no ping and send nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self, cast

HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{extensions}\r\n"
)
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
TEXT, TEXT_DEFLATED = 0x81, 0xC1
AT_ONCE = 100


class Listener(asyncio.Protocol):
    """One reader: counts whole text frames and their bytes."""

    def __init__(self, crowd: "Crowd", handshake: bytes) -> None:
        self._crowd = crowd
        self._handshake: bytes | None = handshake
        self._rest = b""
        self.frames = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        self.transport.write(self._handshake or b"")

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        if self._handshake is not None:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._handshake = None
        self._rest = self._count(data)

    def _count(self, data: bytes) -> bytes:
        at, end = 0, len(data)
        while end - at >= 2:
            length, head = data[at + 1], 2
            if length == 126:
                length, head = int.from_bytes(data[at + 2 : at + 4], "big"), 4
            elif length == 127:
                length, head = int.from_bytes(data[at + 2 : at + 10], "big"), 10
            if end - at < head + length:
                break
            if data[at] in (TEXT, TEXT_DEFLATED):
                self.frames += 1
                self._crowd.heard(head + length)
            at += head + length
        return data[at:]


class Crowd:
    """Readers of one address, counted together."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []
        self.frames = 0
        self.heard_bytes = 0
        self._expected = 0
        self._arrived = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def at(cls, port: int, path: str, readers: int, *, deflate: bool = False) -> AsyncIterator[Self]:
        """A crowd in which every reader has its first message."""
        crowd = cls()
        for first in range(0, readers, AT_ONCE):
            count = min(AT_ONCE, readers - first)
            await asyncio.gather(*(crowd.join(port, path, deflate=deflate) for _ in range(count)))
            await crowd.until(first + count)
        try:
            yield crowd
        finally:
            for listener in crowd.listeners:
                listener.transport.abort()

    async def join(self, port: int, path: str, *, deflate: bool = False) -> Listener:
        handshake = HANDSHAKE.format(path=path, port=port, extensions=DEFLATE if deflate else "").encode()
        loop = asyncio.get_running_loop()
        _, listener = await loop.create_connection(lambda: Listener(self, handshake), "127.0.0.1", port)
        self.listeners.append(listener)
        return listener

    def heard(self, size_bytes: int) -> None:
        self.frames += 1
        self.heard_bytes += size_bytes
        if self.frames == self._expected:
            self._arrived.set()

    async def until(self, frames: int, seconds: float = 30.0) -> None:
        """Wait until so many frames have come in all."""
        if self.frames >= frames:
            return
        self._expected = frames
        self._arrived.clear()
        async with asyncio.timeout(seconds):
            await self._arrived.wait()
