"""One connection spoken to in raw bytes, to see which way a request takes. Fixtures of tests/web."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from tests.world import report, site

POOL = "halte.women"
JSON = {b"content-type": b"application/json"}


def told(answer):
    status, headers, body = answer
    return status, [*headers], {**headers, "date": "", "x-request-id": ""}, body


async def until(is_so):
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.005)


class Wire:
    """One keep-alive connection, spoken to in raw bytes."""

    def __init__(self, reader, writer, address):
        self._reader, self._writer, self._address = reader, writer, address

    async def say(self, *parts: bytes):
        for part in parts:
            self._writer.write(part)
            await self._writer.drain()

    def request(self, body, headers=JSON, *, address=None, version=b"1.1", host=b"127.0.0.1"):
        lines = [b"POST %b HTTP/%b" % (address or self._address, version), b"host: " + host]
        lines += [b"%b: %b" % line for line in headers.items()]
        if b"transfer-encoding" not in headers:
            lines.append(b"content-length: %d" % len(body))
        return b"\r\n".join(lines) + b"\r\n\r\n" + body

    async def hear(self):
        """The next answer: status line and headers in order, and the body."""
        async with asyncio.timeout(10):
            status, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
            headers = dict(line.split(": ", 1) for line in lines)
            return status, headers, await self._reader.readexactly(int(headers["content-length"]))

    async def ask(self, body, headers=JSON, **how):
        await self.say(self.request(body, headers, **how))
        return await self.hear()

    async def ended(self):
        async with asyncio.timeout(10):
            return await self._reader.read() == b""

    async def leave(self):
        self._writer.close()
        await self._writer.wait_closed()


@pytest.fixture
async def house(world):
    await world.put(site("halte", POOL))
    await world.post(report("count", POOL, occupied=1))  # from now on the territory is known
    return world


@pytest.fixture
def line(served, house):
    @asynccontextmanager
    async def opened(*, straight=True):
        app = served.server.config.loaded_app
        kept, app.straight = app.straight, app.straight if straight else None
        before = set(served.server.server_state.connections)
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        wire = Wire(reader, writer, b"/v1/territories/%b/reports" % house.name.encode())
        await until(lambda: served.server.server_state.connections - before)  # it has seen which way there is
        app.straight = kept
        try:
            yield wire
        finally:
            writer.close()

    return opened
