"""What holds before a request reaches the application, on a real socket."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from capacity.web import server
from tests.serving import in_one_task, server_on
from tests.world import site

HOST = b"Host: 127.0.0.1\r\n"
GET = b"GET /healthz HTTP/1.1\r\n" + HOST


def told(raw: bytes) -> tuple[int, dict]:
    head, _, body = raw.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    return int(head.split()[1]), json.loads(body)


async def test_what_cannot_be_parsed_is_told_as_a_problem(served):
    for raw in (
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ):
        status, problem = told(await served.exchange(raw))
        assert (status, problem["type"]) == (400, "/problems/bad-request"), raw


@pytest.mark.parametrize(
    "header",
    [b"X-A: " + b"a" * 40_000, b"".join(b"X-%d: a\r\n" % n for n in range(9_000))[:-2], b"X" * 40_000 + b": a"],
)
async def test_a_head_that_is_too_large_is_431(served, header):
    status, problem = told(await served.exchange(GET + header + b"\r\n\r\n"))
    assert (status, problem["type"]) == (431, "/problems/headers-too-large")


async def test_a_head_that_never_ends_is_431(served):
    status, problem = told(await served.exchange(GET + b"X-A: ", *[b"a" * 1_000] * 33))
    assert (status, problem["type"]) == (431, "/problems/headers-too-large")


async def test_an_address_that_is_too_long_is_414(served):
    status, problem = told(await served.exchange(b"GET /?" + b"a" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"))
    assert (status, problem["type"]) == (414, "/problems/address-too-long")


async def test_who_does_not_finish_a_head_is_told_and_has_to_leave(world, monkeypatch):
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.05)
    async with in_one_task(server_on(world)) as served:
        for parts in ((), (b"GET /heal",), (GET + b"\r\n", b"GET /heal")):
            raw = await served.exchange(*parts)
            status, problem = told(raw[raw.index(b"HTTP/1.1 408") :])
            assert (status, problem["type"]) == (408, "/problems/too-slow")


async def test_who_does_not_finish_a_body_is_told_and_has_to_leave(served, monkeypatch):
    monkeypatch.setattr("capacity.web.bodies.DEADLINE_SECONDS", 0.05)
    head = b"POST /v1/territories/75/reports HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\n"
    status, problem = told(await served.exchange(head + b"{"))
    assert (status, problem["type"]) == (408, "/problems/too-slow")


async def test_headers_after_a_body_are_dropped(served, world):
    head = b"PUT /v1/territories/%b/sites/a HTTP/1.1\r\n" % world.name.encode() + HOST
    head += b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    raw = await served.exchange(head + b"2\r\n{}\r\n0\r\n" + b"X-Request-ID: late\r\n" * 5_000 + b"\r\n")
    assert raw.startswith(b"HTTP/1.1 422")
    assert b"late" not in raw


async def test_readers_are_told_that_the_server_goes(served, world):
    await world.put(site("halte", "halte.women"))
    async with connect(f"ws://127.0.0.1:{served.port}/v1/territories/{world.name}/feed") as reader:
        assert json.loads(await reader.recv())["complete"]
        async with asyncio.timeout(5):
            await served.stop()
        with pytest.raises(ConnectionClosed):
            await reader.recv()
        assert reader.close_code == 1012


async def test_a_request_that_outlasts_the_grace_is_told_to_come_again(served, world):
    await world.put(site("halte", "halte.women"))
    head = b"POST /v1/territories/%b/reports HTTP/1.1\r\n" % world.name.encode() + HOST + b"Content-Length: 9\r\n\r\n"
    stuck = asyncio.create_task(served.exchange(head + b"{"))
    async with asyncio.timeout(5):
        while not served.server.server_state.tasks:  # uvicorn can only be asked
            await asyncio.sleep(0.005)
    await served.stop()
    status, problem = told(await stuck)
    assert (status, problem["type"]) == (503, "/problems/stopping")


async def test_another_sites_page_may_not_read_the_feed(served, world):
    await world.put(site("halte", "halte.women"))
    address = f"ws://127.0.0.1:{served.port}/v1/territories/{world.name}/feed"
    with pytest.raises(InvalidStatus) as refused:
        await connect(address, origin="https://evil.example")
    assert refused.value.response.status_code == 403
    async with connect(address, origin=served.url) as reader:
        assert json.loads(await reader.recv())["complete"]
