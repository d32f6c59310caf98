"""No address waits for a body without end, nor takes one of any size."""

import asyncio
import json

import pytest
from starlette.routing import Route

from capacity.web import bodies, server
from capacity.web.operations import operation_of
from tests.serving import in_one_task, server_on
from tests.world import command_id, site

KNOWN = {
    "site": "halte", "pool": "halte.women", "hold": command_id(1), "request": command_id(2),
    "device": command_id(3), "user_code": "K7F2-R9M4",
}  # fmt: skip


@pytest.fixture
async def world(world):
    await world.put(site("halte", "halte.women"))
    return world


@pytest.fixture
async def hurried(world, monkeypatch):
    """A server whose deadlines are short."""
    monkeypatch.setattr(bodies, "DEADLINE_SECONDS", 0.05)
    monkeypatch.setattr(bodies, "DROPPING_SECONDS", 0.05)
    monkeypatch.setattr(server, "BODY_SECONDS", 0.3)
    async with in_one_task(server_on(world)) as served:
        yield served


def addresses(served, territory, *, with_body):
    """Method and address of every operation."""
    for route in served.server.config.loaded_app.routes:
        kept = operation_of(route.endpoint) if isinstance(route, Route) else None
        if kept is not None and (kept.body is not None) == with_body:
            path = route.path.format(**{**KNOWN, "territory": territory, **_others(route)})
            yield next(iter(route.methods - {"HEAD"})).encode(), path.encode()


def _others(route):
    return {name: "1" for name in route.param_convertors if name not in KNOWN and name != "territory"}


def head(method, path, length):
    return b"%b %b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (
        method,
        path,
        length,
    )


def problem(raw):
    status, _, body = raw.partition(b"\r\n\r\n")
    return int(status.split()[1]), json.loads(body)["type"] if body else None


async def test_every_body_has_a_deadline(hurried, world):
    found = list(addresses(hurried, world.name, with_body=True))
    assert len(found) > 10
    for method, path in found:
        answer = await hurried.exchange(head(method, path, 10) + b"{")
        assert problem(answer) == (408, "/problems/too-slow"), path


async def test_every_body_has_an_end(served, world, monkeypatch):
    monkeypatch.setattr(bodies, "DROPPING_SECONDS", 0.05)
    for method, path in addresses(served, world.name, with_body=True):
        answer = await served.exchange(head(method, path, 100 << 20) + b" " * (2 << 20))
        assert problem(answer) == (413, "/problems/body-too-large"), path


async def test_a_body_that_nobody_reads_may_not_drip_for_ever(hurried, world):
    for method, path in [*addresses(hurried, world.name, with_body=False), (b"GET", b"/"), (b"GET", b"/nowhere")]:
        reader, writer = await asyncio.open_connection("127.0.0.1", hurried.port)
        writer.write(head(method, path, 1 << 40))
        async with asyncio.timeout(5):
            try:
                assert (await reader.readline()).startswith(b"HTTP/1.1 "), path
                while await reader.read(65_536):
                    writer.write(b"a")
            except ConnectionError:
                pass
        writer.close()
