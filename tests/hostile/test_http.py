"""The HTTP edge and the straight way of a plain report, with the requests that were seen to break something."""

import asyncio

from tests.hostile.http_bytes import HEADERS, TARGETS, VERSIONS, plain_hold, plain_report, post

HOST = b"Host: 127.0.0.1\r\n"
HEALTHY = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
UPGRADE = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
UPGRADE += b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
CHUNKED = b"POST /v1/territories/75/reports HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"


BEHIND = [
    b"\x00\x01\r\n\r\n",
    b"nonsense\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"X-A: a\r\n" * 6_000 + b"\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 40_000,
    b"GET / HTT",
    b"GET /v1/territories/75/feed HTTP/1.1\r\n" + HOST + UPGRADE + b"\r\n",
    CHUNKED + b"no length\r\n",
    CHUNKED + b"2\r\n{}0\r\n\r\n",
]


async def test_what_was_accepted_is_told_whatever_comes_behind_it(stage):
    """The refusal of the next would be taken for the answer to it."""
    for command in (plain_report, plain_hold):
        for before in (b"", HEALTHY):
            heard = await asyncio.gather(*(stage.say(before + command(stage.name) + behind) for behind in BEHIND))
            for behind, said in zip(BEHIND, heard, strict=True):
                assert said.accepted == 1, (behind, said.heard)
                assert said.statuses[: len(before) and 1] == [200] * (len(before) and 1), (behind, said.heard)


async def test_who_leaves_with_several_requests_under_way_breaks_nothing(stage, monkeypatch):
    allowed = asyncio.Event()
    position = stage.world.reporting.post

    async def slowly(*arguments):
        await allowed.wait()
        return await position(*arguments)

    monkeypatch.setattr(stage.world.reporting, "post", slowly)
    address = b"/v1/territories/%b/reports" % stage.name
    await stage.cut(post(address, b"[]") * 3)
    async with asyncio.timeout(10):
        while stage.served.server.server_state.connections:
            await asyncio.sleep(0.005)
    allowed.set()
    await stage.stands()


SILENT = [
    (b"PUT /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\n\r\n", b"{}"),
    (HEALTHY, b"\r\n"),
    (HEALTHY, b"\r\n\r\n\r\n"),
    (b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: upgrade\r\nUpgrade: h2c\r\n\r\n", HEALTHY),
]


async def test_nobody_stays_by_saying_what_needs_no_answer(stage):
    async def say(first, rest):
        reader, writer = await asyncio.open_connection("127.0.0.1", stage.served.port)
        async with asyncio.timeout(10):
            writer.write(first)
            await reader.readuntil(b"\r\n\r\n")
            writer.write(rest)
            await reader.read()
        writer.close()

    await asyncio.gather(*(say(first, rest) for first, rest in SILENT))


TWO_WAYS = [
    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    b"Content-Length: 5\r\nContent-Length: 6\r\n",
    b"Content-Length: 5, 6\r\n",
    b"Content-Length: +5\r\n",
    b"Content-Length: 0x5\r\n",
    b"Content-Length: 5 5\r\n",
    b"Content-Length: 99999999999999999999999\r\n",
    b"Content-Length : 5\r\n",
    b"Transfer-Encoding: xchunked\r\n",
    b"Transfer-Encoding: chunked, identity\r\n",
    b"Transfer-Encoding : chunked\r\n",
]


async def test_nobody_can_differ_on_where_a_request_ends(stage):
    """A proxy before us might: so what can be read in two ways is not read at all."""
    before, seq = await stage.kept(), await stage.world.seq()
    start = b"POST /v1/territories/%b/reports HTTP/1.1\r\n" % stage.name + HOST
    heard = await asyncio.gather(
        *(stage.say(start + lines + b"\r\n0\r\n\r\n" + plain_report(stage.name)) for lines in TWO_WAYS)
    )
    assert [said.statuses for said in heard] == [[400]] * len(TWO_WAYS)
    await stage.endured(before, heard, seq)


async def test_odd_targets_versions_and_headers_change_nothing_and_are_no_fault(stage):
    before, seq = await stage.kept(), await stage.world.seq()
    get, body = b"GET /v1/territories/%b/board" % stage.name, b'{"reports":[]}'
    odd = [b"GET %b HTTP/1.1\r\n%b\r\n" % (target, HOST) for target in TARGETS]
    odd += [b"%b %b\r\n%b\r\n" % (get, version, HOST) for version in VERSIONS]
    odd += [b"%b HTTP/1.1\r\n%b%b\r\n\r\n" % (get, HOST, header) for header in HEADERS]
    odd += [
        post(b"/v1/territories/%b/reports" % stage.name, body).replace(b"\r\n\r\n", b"\r\n%b\r\n\r\n" % header, 1)
        for header in HEADERS
    ]
    odd += [b"GET /healthz HTTP/1.1\r\nX-A: " + b"a" * 10_000_000 + b"\r\n\r\n", HEALTHY * 500, b"GET /\r\n"]
    said = await asyncio.gather(*map(stage.say, odd))
    await stage.endured(before, said, seq)
