"""The feed's edge: handshakes that cannot be read, and frames as no client writes them."""

import asyncio
import struct

import pytest

from tests.hostile.frames import BINARY, CLOSE, CONT, PING, PONG, TEXT, farewell, frame, opening

MANY = 3_000


UNREADABLE = [
    (400, {}, [b"Transfer-Encoding: chunked"]),
    (400, {}, [b"Content-Length: 5"]),
    (431, {}, [b"X-%d: a" % number for number in range(150)]),
    (431, {}, [b"X: " + b"a" * 9_000]),
    (400, {"target": b"/v1/territories/\xff/feed"}, []),
    (405, {"method": b"CONNECT"}, []),
    (400, {}, [b"Sec-WebSocket-Version: 8"]),
    (400, {}, [b"Sec-WebSocket-Key: AA"]),
    (403, {}, [b"Origin: https://a.b"]),
]
BROKEN = [
    (1002, frame(3)),
    (1002, frame(11, b"a")),
    (1002, frame(TEXT, b"a", rsv=1)),
    (1002, frame(TEXT, b"a", rsv=4)),
    (1002, frame(TEXT, b"a", masked=False)),
    (1002, frame(CONT, b"a")),
    (1002, frame(TEXT, b"a", fin=False) + frame(TEXT, b"a")),
    (1002, frame(PING, b"a", fin=False)),
    (1002, frame(PING, b"a" * 126)),
    (1002, frame(CLOSE, b"\x03")),
    (1002, frame(CLOSE, struct.pack("!H", 999))),
    (1009, frame(TEXT, length=1 << 63)),
    (1009, frame(BINARY, length=4_097)),
    (1009, frame(BINARY, bytes(2_000), fin=False) + frame(CONT, bytes(3_000))),
    (1007, frame(TEXT, b"\xff\xfe")),
    (1007, frame(TEXT, b"\xe9", fin=False) + frame(CONT, b"a")),
    (1009, frame(BINARY, bytes(1_000)) * 5),
]


async def test_a_handshake_that_cannot_be_read_is_refused_and_ended(stage):
    said = await asyncio.gather(*(stage.follow(opening(stage.name, *headers, **how)) for _, how, headers in UNREADABLE))
    assert [one.statuses for one in said] == [[status] for status, _, _ in UNREADABLE]


async def test_what_breaks_the_protocol_is_told_and_ended(stage):
    said = await asyncio.gather(*(stage.follow(opening(stage.name), broken) for _, broken in BROKEN))
    assert [farewell(one.heard) for one in said] == [code for code, _ in BROKEN]


async def test_a_bomb_is_not_inflated(stage):
    squeezed = b"\xec\xc1\x01\x01\x00\x00\x00\x80\x90\xfe\xaf\xee\x08\x0a" + b"\x00" * 3_000
    heard = (await stage.follow(opening(stage.name, deflate=True), frame(TEXT, squeezed, rsv=4))).heard
    assert farewell(heard) in (1002, 1007, 1009)


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
async def test_a_message_without_an_end_is_not_gathered_for_ever(stage, opcode):
    pieces = frame(opcode, fin=False) + frame(CONT, fin=False) * MANY
    heard = (await stage.follow(opening(stage.name), pieces)).heard
    assert farewell(heard) == 1009


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
async def test_empty_messages_are_not_read_for_ever(stage, opcode):
    heard = (await stage.follow(opening(stage.name), *[frame(opcode) * 50] * 200)).heard
    assert farewell(heard) == 1009


async def test_pings_by_the_thousand_are_answered_and_pongs_ignored(stage):
    pings = frame(PING, b"a") * MANY + frame(PONG, b"b") * MANY + frame(CLOSE, struct.pack("!H", 1000))
    heard = (await stage.follow(opening(stage.name), pings)).heard
    assert farewell(heard) == 1000
    assert heard.count(b"\x8a\x01a") == MANY


async def test_junk_behind_a_farewell_is_heard_by_nobody(stage):
    bye = frame(CLOSE, struct.pack("!H", 1000))
    heard = (await stage.follow(opening(stage.name), bye + bytes(9_000), bye, b"GET / HTTP/1.1\r\n\r\n")).heard
    assert farewell(heard) == 1000
    assert heard.count(b"HTTP/1.1") == 1
