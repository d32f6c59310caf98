"""The load: a few sockets and a selector, cheap enough that the server is what is measured."""

import json
import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import count, islice
from secrets import token_hex
from typing import Any

from capacity.board.clocks import rfc3339, system_clock

JSON = {"Content-Type": "application/json"}
APPLIED = b'"outcome":"applied"'
SUCCESSES = (b"HTTP/1.1 200", b"HTTP/1.1 201")
LEAST_APPLIED = 0.99
"""Two reports on one pool that cross each other on the way make one of them late; more than a few is no such thing."""
OBSERVED_BEFORE_MS = 70_000


class BadAnswer(Exception):
    """A server answered something else than success."""


def bearer(token: str) -> dict[str, str]:
    """The header that signs in, if there is anything to sign in with."""
    return {"Authorization": f"Bearer {token}"} if token else {}


def head(method: str, path: str, token: str, **more: str) -> str:
    """The head of a request, up to the headers that may follow."""
    lines = {"Host": "127.0.0.1", **bearer(token), **more}
    return f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())


def exchange(port: int, method: str, path: str, body: object = None, *, token: str = "") -> Any:
    """One request with a JSON body, one JSON answer, outside of any measurement."""
    line = HTTPConnection("127.0.0.1", port, timeout=300)  # a slow peer may take its time
    try:
        line.request(method, path, json.dumps(body), {**JSON, **bearer(token)})
        answer = line.getresponse()
        said = answer.read()
        if answer.status >= 300:
            raise BadAnswer(f"{method} {path}: {answer.status} {said[:300]!r}")
        return json.loads(said or b"null")
    finally:
        line.close()


def posts(territory: str, pools: list[str], reports: int = 1, *, token: str) -> Iterator[bytes]:
    """Whole HTTP requests without end, each a batch of counts with ids never used before.

    Each says when it was sent and when it was observed, a little over a minute ago, as a tablet does.
    """
    sent_ms = system_clock()
    moment = rfc3339(sent_ms - OBSERVED_BEFORE_MS)
    opening = f'{{"sent_at":"{rfc3339(sent_ms)}","reports":['
    series = token_hex(4)
    ends = [
        f'","type":"count","pool":"{pool}","occupied":{n % 30 + 10},"observed_at":"{moment}"}}'
        for n, pool in enumerate(pools)
    ]
    opening_head = head("POST", f"/v1/territories/{territory}/reports", token, **JSON) + "Content-Length: "
    numbers = count()
    while True:
        said = [f'{{"id":"{series}-0000-7000-8000-{n:012x}{ends[n % len(ends)]}' for n in islice(numbers, reports)]
        body = f"{opening}{','.join(said)}]}}"
        yield f"{opening_head}{len(body)}\r\n\r\n{body}".encode()


@dataclass(slots=True)
class Load:
    """What came back in one round."""

    requests: int = 0
    applied: int = 0
    seconds: float = 0.0
    own_cpu_seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    def wait_ms(self, share: float) -> float:
        """The wait that this share of the requests did not exceed."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


@dataclass(slots=True)
class Line:
    """One keep-alive connection with at most one request under way."""

    socket: socket.socket
    asked: float = 0.0
    body: bytes = b""
    _answer: bytes = b""

    @classmethod
    @contextmanager
    def to(cls, port: int) -> Iterator["Line"]:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield cls(line)

    def ask(self, request: bytes) -> None:
        self._answer = b""
        self.asked = time.perf_counter()
        self.socket.sendall(request)

    def hear(self) -> bool:
        """Take what has arrived; whether the answer is whole, and then in `body`.

        Raises:
            BadAnswer: it is no success.
        """
        part = self.socket.recv(1 << 20)
        if not part:
            raise BadAnswer("the server closed the connection")
        self._answer += part
        head, found, self.body = self._answer.partition(b"\r\n\r\n")
        if not found:
            return False
        if not head.startswith(SUCCESSES):
            raise BadAnswer(self._answer[:400])
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        return len(self.body) >= int(length)


def press(
    port: int, requests: Iterator[bytes], *, lines: int, seconds: float, reports: int = 1, applied: bytes = APPLIED
) -> Load:
    """Keep `lines` connections busy for so long with requests of so many reports each, or of what `applied` tells.

    Raises:
        BadAnswer: some were not applied, so that no refusal is ever measured as speed.
    """
    load = Load()
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        everyone = [stack.enter_context(Line.to(port)) for _ in range(lines)]
        cpu, started = time.process_time(), time.perf_counter()
        for line in everyone:
            selector.register(line.socket, selectors.EVENT_READ, line)
            line.ask(next(requests))
        busy = lines
        while busy:
            for key, _ in selector.select(30):
                line = key.data
                if not line.hear():
                    continue
                now = time.perf_counter()
                load.applied += line.body.count(applied)
                load.waits.append(now - line.asked)
                if now - started < seconds:
                    line.ask(next(requests))
                else:
                    busy -= 1
        load.seconds = time.perf_counter() - started
        load.own_cpu_seconds = time.process_time() - cpu
    load.requests = len(load.waits)
    if load.applied < LEAST_APPLIED * load.requests * reports:
        raise BadAnswer(f"{load.applied} of {load.requests * reports} reports were applied")
    return load
