"""Load that does not wait: each request is sent when it is due, however many have no answer yet.

So a server that is too slow gets no rest, as with people who do not know of each other. What waits for an answer waits
on a connection of its own; a wait counts from the moment that a request was due.
"""

import selectors
import socket
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from heapq import heapify, heapreplace

MOST_LINES = 1_500
"""Below what a server lets one machine have. Who finds all of them taken waits for one."""
LAST_SECONDS = 30.0
"""How long the last answers may take."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Requests of one kind, so many a second."""

    kind: str
    a_second: float
    requests: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """One request: when it was due, when its answer was whole, and which it was; 0 when there was none."""

    kind: str
    due: float
    heard: float
    status: int

    @property
    def wait_ms(self) -> float:
        return 1000 * (self.heard - self.due)


@dataclass(slots=True)
class _Line:
    socket: socket.socket
    kind: str = ""
    due: float = 0.0
    heard: bytes = b""
    length: int = -1
    status: int = 0

    def hear(self) -> bool:
        """Take what has arrived; whether the answer is whole. Raises OSError when the connection is lost."""
        part = self.socket.recv(1 << 20)
        if not part:
            raise ConnectionResetError
        if self.length < 0:
            self.heard += part
            head, found, rest = self.heard.partition(b"\r\n\r\n")
            if not found:
                return False
            self.status = int(head[9:12])
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            self.length, part = int(length or 0), rest
        self.length -= len(part)
        return self.length <= 0


@dataclass(slots=True)
class Offering:
    """Offers streams to a port for a while; `answers` has what came of it."""

    port: int
    answers: list[Answer] = field(default_factory=list)
    lines: int = 0
    """The most connections that were open at once."""
    late_ms: float = 0.0
    """The most that a request was sent after it was due: our own slowness, or no free line."""

    @staticmethod
    def now() -> float:
        """The clock of all moments here, in seconds."""
        return time.perf_counter()

    def offer(self, streams: list[Stream], seconds: float) -> None:
        """Send for so long, and hear all answers out."""
        by_kind: Mapping[str, Stream] = {stream.kind: stream for stream in streams}
        started = time.perf_counter()
        due = [(started + 1 / stream.a_second, stream.kind) for stream in streams]
        heapify(due)
        with ExitStack() as stack:
            selector = stack.enter_context(selectors.DefaultSelector())
            free: deque[_Line] = deque()
            busy: set[int] = set()
            opened: list[socket.socket] = []
            stack.callback(lambda: [line.close() for line in opened])
            last = started + seconds + LAST_SECONDS
            while (now := time.perf_counter()) < last:
                at, kind = due[0]
                while at <= now and at < started + seconds:
                    line = free.pop() if free else self._open(selector, opened)
                    if line is None:
                        break
                    heapreplace(due, (at + 1 / by_kind[kind].a_second, kind))
                    self.late_ms = max(self.late_ms, 1000 * (now - at))
                    self._ask(line, kind, at, next(by_kind[kind].requests), busy)
                    at, kind = due[0]
                if at >= started + seconds and not busy:
                    break
                for key, _ in selector.select(max(0.0, min(at - time.perf_counter(), 0.05)) if busy or free else 0):
                    self._hear(key.data, selector, free, busy)

    def _open(self, selector: selectors.BaseSelector, opened: list[socket.socket]) -> _Line | None:
        if len(selector.get_map()) >= MOST_LINES:
            return None
        line = _Line(socket.create_connection(("127.0.0.1", self.port), timeout=30))
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.append(line.socket)
        selector.register(line.socket, selectors.EVENT_READ, line)
        self.lines = max(self.lines, len(selector.get_map()))
        return line

    def _ask(self, line: _Line, kind: str, due: float, request: bytes, busy: set[int]) -> None:
        line.kind, line.due, line.heard, line.length, line.status = kind, due, b"", -1, 0
        busy.add(line.socket.fileno())
        with suppress(OSError):  # it is lost, which is heard next
            line.socket.sendall(request)

    def _hear(self, line: _Line, selector: selectors.BaseSelector, free: deque[_Line], busy: set[int]) -> None:
        try:
            if not line.hear():
                return
        except OSError:
            selector.unregister(line.socket)
            if line.socket.fileno() in busy:
                line.status = 0
            elif line in free:
                free.remove(line)
                line.socket.close()
                return
        busy.discard(line.socket.fileno())
        self.answers.append(Answer(line.kind, line.due, time.perf_counter(), line.status))
        if line.status:
            free.append(line)
        else:
            line.socket.close()
