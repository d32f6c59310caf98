"""WebSocket frames as no client writes them. All chance comes from outside."""

import random
import struct

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
MASK = b"\x01\x02\x03\x04"


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, masked: bool = True, length: int | None = None
) -> bytes:
    """One frame; `length` is what it says of its payload, where that is not true."""
    said = len(payload) if length is None else length
    first, mask_bit = fin << 7 | rsv << 4 | opcode, 0x80 if masked else 0
    if said < 126:
        head = struct.pack("!BB", first, mask_bit | said)
    elif said < 1 << 16:
        head = struct.pack("!BBH", first, mask_bit | 126, said)
    else:
        head = struct.pack("!BBQ", first, mask_bit | 127, said)
    if not masked:
        return head + payload
    return head + MASK + bytes(byte ^ MASK[i % 4] for i, byte in enumerate(payload))


def opening(
    territory: bytes, *headers: bytes, method: bytes = b"GET", target: bytes = b"", deflate: bool = False
) -> bytes:
    """The handshake of the feed, with more headers than it needs."""
    lines = [
        b"%b %b HTTP/1.1" % (method, target or b"/v1/territories/%b/feed" % territory),
        b"Host: 127.0.0.1", b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", *headers,
    ]  # fmt: skip
    if deflate:
        lines.append(b"Sec-WebSocket-Extensions: permessage-deflate")
    return b"\r\n".join(lines) + b"\r\n\r\n"


def farewell(heard: bytes) -> int | None:
    """The code of the server's close frame behind its handshake; None when it said none."""
    rest = heard.partition(b"\r\n\r\n")[2]
    while len(rest) >= 2:
        opcode, length, start = rest[0] & 15, rest[1] & 127, 2
        if length == 126:
            length, start = struct.unpack_from("!H", rest, 2)[0], 4
        elif length == 127:
            length, start = struct.unpack_from("!Q", rest, 2)[0], 10
        payload, rest = rest[start : start + length], rest[start + length :]
        if opcode == CLOSE:
            return int(struct.unpack_from("!H", payload)[0]) if len(payload) >= 2 else 1005
    return None


def conversation(chance: random.Random, territory: bytes) -> list[bytes]:
    """A feed opened, mostly as it should be, and then told anything at all; the last thing said ends it.

    The first part is to be answered before the rest is said; where it is empty nobody waits.
    """
    said = [_opening(chance, territory)]
    said += [_anything(chance) for _ in range(chance.choice((1, 2, 3, 8, 40)))]
    said.append(frame(CLOSE, struct.pack("!H", 1000)))
    if chance.random() < 0.3:
        said.append(_anything(chance))
    return said if chance.random() < 0.7 else [b"", *_pieces(said)]


def _opening(chance: random.Random, territory: bytes) -> bytes:
    more = chance.choice(((), (), (), (b"Transfer-Encoding: chunked",), (b"Content-Length: 9",), (b"X-A: \xff",),
        (b"Sec-WebSocket-Key: AA",), (b"Sec-WebSocket-Version: 8",), (b"Sec-WebSocket-Protocol: " + b"a," * 99,),
        (b"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99",), (b"Origin: https://evil.example",),
        (b"X: " + b"a" * 9_000,), tuple(b"X-%d: a" % n for n in range(150)), (b"Connection: close",)))  # fmt: skip
    target = chance.choice((b"", b"", b"", b"/v1/territories/%b/feed?since=%%00&epoch=\xff" % territory, b"/%00", b"*"))
    return opening(territory, *more, method=chance.choice((b"GET", b"GET", b"GET", b"POST", b"HEAD")), target=target,
        deflate=chance.random() < 0.5)  # fmt: skip


def _anything(chance: random.Random) -> bytes:
    payload = chance.choice(
        (b"", b"a", chance.randbytes(20), chance.randbytes(126), b"\xff\xfe", bytes(4_097), b"a" * 70_000)
    )
    kind = chance.randrange(7)
    if kind == 0:
        return chance.randbytes(chance.choice((1, 2, 40, 5_000)))
    if kind == 1:
        return frame(chance.randrange(16), payload, fin=chance.random() < 0.5, rsv=chance.randrange(8))
    if kind == 2:
        return frame(PING, payload[:125]) * chance.choice((1, 1, 300))
    if kind == 3:
        return frame(chance.choice((TEXT, BINARY)), fin=False) + frame(CONT, fin=False) * chance.choice((1, 100, 400))
    if kind == 4:
        return frame(CLOSE, chance.choice((b"", b"\x03", struct.pack("!H", chance.randrange(1 << 16)), payload[:125])))
    if kind == 5:
        return frame(TEXT, payload, masked=False)
    return frame(BINARY, payload, length=chance.choice((0, 1, 126, 65_536, (1 << 63) - 1, (1 << 64) - 1)))


def _pieces(said: list[bytes]) -> list[bytes]:
    whole = b"".join(said)
    return [whole[i : i + 7] for i in range(0, min(len(whole), 900), 7)] + [whole[900:]]
