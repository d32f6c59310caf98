"""Hostile HTTP: requests that are almost right, wrong in every way, in any pieces. All chance comes from outside."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.hostile.stage import POOL
from tests.world import new_id

Lines = list[bytes]

TARGETS = (
    b"*", b"http://127.0.0.1/healthz", b"http://evil.example/healthz", b"127.0.0.1:80", b"//evil.example/", b"/../..",
    b"/%00", b"/\x00", b"/\xff\xfe", b"/%ff%fe", b"/%c0%ae%c0%ae/", b"/%2e%2e/%2f", b"/%", b"/%zz", b"/a b", b"/\t",
    b"/?%00=%ff", b"/?" + b"a=b&" * 500, b"/" + b"a/" * 2_000, b"/" + b"a" * 9_000, "/été/😀".encode(),
    b"/;a=b", b"/#a",
    b"/v1/territories/%2e%2e/reports", b"/v1/territories/\xed\xa0\x80/board", b"", b"?", b"healthz",
)  # fmt: skip
VERSIONS = (b"HTTP/0.9", b"HTTP/1.0", b"HTTP/1.2", b"HTTP/2.0", b"HTTP/9.9", b"http/1.1", b"HTTP/1.1 a", b"", b"HTTP/1")
METHODS = (
    b"GET", b"PUT", b"DELETE", b"HEAD", b"OPTIONS", b"TRACE", b"CONNECT", b"PRI", b"PATCH", b"post", b"P\x00ST",
    b"A" * 99,
)  # fmt: skip
HEADERS = (
    b"Transfer-Encoding: chunked", b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunked, identity",
    b"Transfer-Encoding : chunked", b"Transfer-Encoding:\tchunked", b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: identity", b"Content-Length: 0", b"Content-Length: 5", b"Content-Length: +5",
    b"Content-Length: -1", b"Content-Length: 0x5", b"Content-Length: 5, 5", b"Content-Length: 99999999999999999999999",
    b"Content-Length: 18446744073709551615", b"Content-Length:", b"Content-Length: 5 5", b"content-length: 1_0",
    b"Expect: 100-continue", b"Expect: 999", b"Upgrade: websocket", b"Upgrade: h2c", b"Connection: upgrade",
    b"Connection: close", b"Connection: keep-alive, close, upgrade", b"Connection: content-length",
    b"Content-Encoding: gzip", b"Content-Encoding: identity", b"Content-Type: text/plain",
    b"Content-Type: application/json; charset=utf-7", b"Content-Type: \xff\xfe", b"Host: evil.example", b"Host:",
    b"Host: 127.0.0.1, evil.example", b"Host: \xff", b"Origin: https://evil.example", b"Origin: null",
    b"Cookie: capacity=",
    b"Cookie: \xff\xfe=\x01", b"Cookie: " + b"a=b;" * 2_000, b"Authorization: Bearer \xff\xfe",
    b"Authorization: Bearer ",
    b"Authorization: Basic AAAA", b"Authorization: " + b"B" * 5_000, b"X-Request-ID: \xff\x7f", b"X-Request-ID: a b",
    b"If-None-Match: " + b'"' * 999, b"Accept-Encoding: gzip;q=\xff", b"X-A\x00: b", b"X-A: b\x00c", b": empty",
    b"X A: b",
    b" folded: line", b"X-A", b"X-Forwarded-Proto: https", b"X-Forwarded-For: \xff", b"Forwarded: for=" + b"a" * 999,
    b"Sec-WebSocket-Key: \xff", b"Sec-WebSocket-Version: 99", b"Range: bytes=0-", b"Accept-Language: " + b"fr," * 3_000,
)  # fmt: skip
BODIES = (
    b"", b"{", b"[]", b"null", b"0", b'"\\ud800"', b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b"\x00", b"[" * 100_000,
    b'{"a":' * 5_000, b"1e999", b"-" * 1_000, b"9" * 10_000, b"NaN", b'{"reports":[NaN]}', b'{"reports":[1e308]}',
    b'{"reports":[],"reports":[]}', b'{"reports":"\\u0000"}', b'{"\\ud83d":1}', b"a" * 1_048_576,
    b'{"reports":[' + b"{}," * 2_000,
)  # fmt: skip
SPOILT_FIELDS = (
    "NaN", "Infinity", "-Infinity", "1e308", "1e400", "-0", "-0.0", "0.1", "1e0", "01", "0x1", "1000000000000000", "-1",
    "100001", "true", "null", '""', '"1"', "[]", "{}", '"\\u0000"', '"\\ud800"',
    "9" * 400, '"' + "é" * 300 + '"',
)  # fmt: skip
CHUNKINGS = (
    b"%x\r\n%b\r\n0\r\n\r\n", b"%X;a=b\r\n%b\r\n0\r\nX-Late: a\r\n\r\n", b"%d\r\n%b\r\n0\r\n\r\n",
    b"-%x\r\n%b\r\n0\r\n\r\n",
    b"f%x\r\n%b\r\n0\r\n\r\n", b"%x\n%b\n0\n\n", b"%x\r\n%b0\r\n\r\n", b"ffffffffffffffff%x\r\n%b",
    b"%x \r\n%b\r\n0\r\n\r\n",
    b"%x\r\n%b\r\n0\r\n" + b"X-Late: a\r\n" * 3_000 + b"\r\n",
    b"%x;" + b"a" * 30_000 + b"\r\n%b\r\n0\r\n\r\n")  # fmt: skip


@dataclass(frozen=True)
class Exchange:
    """What one connection says, in pieces, and how many valid commands are in it at most."""

    parts: Sequence[bytes]
    commands: int
    is_cut: bool = False


def plain_report(territory: bytes, *, delta: int = 1) -> bytes:
    """A movement as a site's system sends it; valid, and new each time."""
    return _report(territory, str(delta))


def _report(territory: bytes, delta: str) -> bytes:
    body = b'{"reports":[{"id":"%b","type":"movement","pool":"%b","delta":%b}]}' % (
        new_id().encode(), POOL.encode(), delta.encode(),
    )  # fmt: skip
    return post(b"/v1/territories/%b/reports" % territory, body)


def plain_hold(territory: bytes) -> bytes:
    said = {"id": new_id(), "lines": [{"pool": POOL, "places": 1}], "minutes": 45, "channel": "115"}
    return post(b"/v1/territories/%b/holds" % territory, json.dumps(said).encode())


def post(target: bytes, body: bytes) -> bytes:
    return b"POST %b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        target, len(body), body,
    )  # fmt: skip


def exchange(chance: random.Random, territory: bytes) -> Exchange:
    """One connection's worth of requests, most of them spoilt, some of them none at all."""
    requests, commands = [], 0
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5))):
        request, is_command = _request(chance, territory)
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
            request = chance.choice(SPOILS)(chance, request)
        requests.append(request)
        commands += is_command
    said = b"".join(requests)
    if not commands and chance.random() < 0.2:
        return Exchange(_pieces(chance, said[: chance.randrange(len(said) + 1)]), 0, is_cut=True)
    return Exchange(_pieces(chance, said), commands)


def _request(chance: random.Random, territory: bytes) -> tuple[bytes, bool]:
    address = b"/v1/territories/%b" % territory
    kind = chance.randrange(8)
    if kind < 3:
        return plain_report(territory, delta=chance.choice((-1, 1, 2))), True
    if kind == 3:
        return plain_hold(territory), True
    if kind == 4:
        return _report(territory, chance.choice(SPOILT_FIELDS)), True  # 1e0 and -0 are numbers as others are
    if kind == 5:
        return post(address + chance.choice((b"/reports", b"/holds", b"/requests")), chance.choice(BODIES)), False
    if kind == 6:
        return b"GET %b/board HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % address, False
    return (
        b"GET %b/feed HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n" % address
    ), False


def _head(request: bytes) -> tuple[Lines, bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    return head.split(b"\r\n"), body


def _whole(lines: Lines, body: bytes) -> bytes:
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _another_target(chance: random.Random, request: bytes) -> bytes:
    return _first_line(request, 1, chance.choice(TARGETS))


def _another_version(chance: random.Random, request: bytes) -> bytes:
    return _first_line(request, 2, chance.choice(VERSIONS))


def _another_method(chance: random.Random, request: bytes) -> bytes:
    return _first_line(request, 0, chance.choice(METHODS))


def _first_line(request: bytes, position: int, word: bytes) -> bytes:
    lines, body = _head(request)
    words = lines[0].split(b" ", 2)
    words[position : position + 1] = [word]
    return _whole([b" ".join(words), *lines[1:]], body)


def _one_more_header(chance: random.Random, request: bytes) -> bytes:
    lines, body = _head(request)
    lines.insert(chance.randint(1, len(lines)), chance.choice(HEADERS))
    return _whole(lines, body)


def _a_header_twice(chance: random.Random, request: bytes) -> bytes:
    lines, body = _head(request)
    lines.insert(chance.randint(1, len(lines)), chance.choice(lines))
    return _whole(lines, body)


def _a_flood_of_headers(chance: random.Random, request: bytes) -> bytes:
    lines, body = _head(request)
    return _whole([*lines, *[b"X-%d: a" % number for number in range(chance.choice((50, 130, 1_000, 9_000)))]], body)


def _another_length(chance: random.Random, request: bytes) -> bytes:
    lines, body = _head(request)
    length = chance.choice((0, 1, len(body) - 1, len(body) + 1, len(body) + 5, 1_025, 1 << 20, 1 << 40))
    kept = [line for line in lines if not line.lower().startswith(b"content-length")]
    return _whole([*kept, b"Content-Length: %d" % max(0, length)], body)


def _chunked(chance: random.Random, request: bytes) -> bytes:
    lines, body = _head(request)
    kept = [line for line in lines if chance.random() < 0.2 or not line.lower().startswith(b"content-length")]
    return _whole([*kept, b"Transfer-Encoding: chunked"], chance.choice(CHUNKINGS) % (len(body), body))


def _other_line_ends(chance: random.Random, request: bytes) -> bytes:
    return request.replace(
        b"\r\n", chance.choice((b"\n", b"\r", b"\r\r\n", b"\n\r", b"\r\n ", b"\x00\r\n")), chance.choice((-1, 1))
    )


def _some_other_bytes(chance: random.Random, request: bytes) -> bytes:
    spoilt = bytearray(request)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(len(spoilt) + 1)
        kind = chance.randrange(3)
        if kind == 0:
            spoilt[at:at] = chance.randbytes(chance.choice((1, 1, 4)))
        elif kind == 1:
            del spoilt[at : at + chance.choice((1, 1, 4, 40))]
        elif at < len(spoilt):
            spoilt[at] ^= 1 << chance.randrange(8)
    return bytes(spoilt)


def _junk_behind(chance: random.Random, request: bytes) -> bytes:
    return request + chance.choice((b"\r\n", b"\n\n\n", b"\x00", b"GET", b"0\r\n\r\n", chance.randbytes(99)))


SPOILS = (
    _another_target, _another_version, _another_method, _one_more_header, _one_more_header, _one_more_header,
    _a_header_twice, _a_flood_of_headers, _another_length, _chunked, _other_line_ends, _some_other_bytes,
    _some_other_bytes, _junk_behind,
)  # fmt: skip


def _pieces(chance: random.Random, said: bytes) -> list[bytes]:
    if chance.random() < 0.4:
        return [said]
    cuts = sorted(chance.randrange(len(said) + 1) for _ in range(chance.choice((1, 1, 2, 5))))
    return [piece for start, end in zip([0, *cuts], [*cuts, len(said)], strict=True) if (piece := said[start:end])]
