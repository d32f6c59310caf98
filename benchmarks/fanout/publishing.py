"""The publisher: one numbered message after the other, through the door that a peer has for it.

None waits for an answer before the next message is due, as long as fewer than `LINES` answers are outstanding.
"""

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.bed import POOLS, TERRITORY, Bed
from benchmarks.load import JSON, Line, head
from capacity.board.clocks import rfc3339, system_clock

MESSAGE_BYTES = 200
LINES = 32
CHANNEL = "news"
TEXT, LONG = 0x81, 126

Publish = Callable[[int], None]
"""Sends the message of this number."""


def text(number: int) -> str:
    """A message of 200 bytes."""
    start = f'{{"n":{number:06},"note":"'
    return start.ljust(MESSAGE_BYTES - 2, "x") + '"}'


class _Lines:
    """Keep-alive connections that take turns; an answer is read when its line has its next turn."""

    def __init__(self, port: int, stack: ExitStack) -> None:
        lines = [stack.enter_context(Line.to(port)) for _ in range(LINES)]
        self._turns = cycle(lines)
        self._waiting: set[int] = set()

    def send(self, request: bytes) -> None:
        line = next(self._turns)
        if id(line) in self._waiting:
            while not line.hear():
                pass
        self._waiting.add(id(line))
        line.ask(request)


@contextmanager
def reports(here: Bed, port: int) -> Iterator[Publish]:
    """A report each, of the next pool, whose count is the number; its observation is of this moment."""
    opening = head("POST", f"/v1/territories/{TERRITORY}/reports", here.token, **JSON) + "Content-Length: "
    pools = cycle(f"site-{i // 100}.p{i % 100}" for i in range(POOLS))
    with ExitStack() as stack:
        lines = _Lines(port, stack)

        def publish(number: int) -> None:
            now = rfc3339(system_clock())
            report = {"id": str(uuid4()), "type": "count", "pool": next(pools), "occupied": number, "observed_at": now}
            body = json.dumps({"sent_at": now, "reports": [report]})
            lines.send(f"{opening}{len(body)}\r\n\r\n{body}".encode())

        yield publish


@contextmanager
def posts(_here: Bed, port: int) -> Iterator[Publish]:
    """A POST each to nchan's publisher."""
    opening = head("POST", "/pub", "", **{"Content-Type": "text/plain"})
    with ExitStack() as stack:
        lines = _Lines(port, stack)
        yield lambda number: lines.send(f"{opening}Content-Length: {MESSAGE_BYTES}\r\n\r\n{text(number)}".encode())


@contextmanager
def frames(_here: Bed, port: int) -> Iterator[Publish]:
    """Whole frames for the C loop, which passes them on."""
    with Line.to(port) as line:
        line.socket.sendall(b"POST /frames HTTP/1.1\r\n\r\n")
        opening = bytes((TEXT, LONG)) + MESSAGE_BYTES.to_bytes(2, "big")
        yield lambda number: line.socket.sendall(opening + text(number).encode())


@contextmanager
def _published(path: Path, channel: bytes, encode: Callable[[int], bytes]) -> Iterator[Publish]:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(path))
        line.settimeout(30)
        start = b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%b\r\n" % (len(channel), channel)

        def publish(number: int) -> None:
            body = encode(number)
            line.sendall(b"%b$%d\r\n%b\r\n" % (start, len(body), body))
            line.recv(1 << 12)  # the number of receivers: it has been passed on

        yield publish


@contextmanager
def texts(here: Bed, _port: int) -> Iterator[Publish]:
    """PUBLISH of the text alone."""
    with _published(here.valkey.socket, CHANNEL.encode(), lambda number: text(number).encode()) as publish:
        yield publish


@contextmanager
def emitted(here: Bed, _port: int) -> Iterator[Publish]:
    """PUBLISH as Socket.IO's emitter for the Redis adapter does it: MessagePack of a name, a packet and its targets."""

    def word(said: str) -> bytes:
        return bytes((0xA0 | len(said),)) + said.encode()

    start = b"\x93" + word("bench") + b"\x83" + word("type") + b"\x02" + word("data") + b"\x92" + word(CHANNEL)
    targets = b"\x83" + word("rooms") + b"\x90" + word("except") + b"\x90" + word("flags") + b"\x80"
    end = word("nsp") + word("/") + targets

    def packet(number: int) -> bytes:
        return start + bytes((0xD9, MESSAGE_BYTES)) + text(number).encode() + end

    with _published(here.valkey.socket, b"socket.io#/#", packet) as publish:
        yield publish


@contextmanager
def grouped(here: Bed, _port: int) -> Iterator[Publish]:
    """`group_send` of Channels' own layer, in our process: its cost is not the server's."""
    from channels_redis.core import RedisChannelLayer

    from benchmarks.fanout.served.django_channels import CAPACITY

    layer: Any = RedisChannelLayer(hosts=[here.valkey.url], capacity=CAPACITY)
    with asyncio.Runner() as runner:

        def publish(number: int) -> None:
            runner.run(layer.group_send(CHANNEL, {"type": CHANNEL, "text": text(number)}))

        yield publish
        runner.run(layer.close_pools())
