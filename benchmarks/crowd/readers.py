"""Readers by the thousand in one process: sockets, one epoll and no event loop, to cost less than the server.

A reader keeps its position and nothing of the rows. Every message of the feed carries its head undeflated, so its
`seq` is read without inflating anything.
"""

import heapq
import re
import resource
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.load import bearer

BUFFER_BYTES = 1 << 18
HEAD_BYTES = 220
"""Enough for a frame's head, a stored block's and the head of the JSON."""
KEPT_FOR_OTHERS = 500
CLOSE, PING, PONG, MASKED = 0x88, 0x89, 0x8A, 0x80
NO_MASK = bytes(4)
TEXT = (0x81, 0xC1)
_POSITION = re.compile(rb'"epoch":"([^"]+)","since":(?:null|\d+),"seq":(\d+)')
_AGAIN = re.compile(rb"again in (\d+) ms")
_KEY = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
_DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n"


def possible(readers: int) -> int:
    """So many readers, or as many as this process may open files for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(readers, (hard if hard != resource.RLIM_INFINITY else readers + soft) - KEPT_FOR_OTHERS)


@dataclass(slots=True, eq=False)
class Reader:
    """One connection. `pending` is the beginning of a frame that is not whole enough, `skip` what is left of one."""

    number: int
    line: socket.socket | None = None
    epoch: str = ""
    seq: int = -1
    is_open: bool = False
    is_deaf: bool = False
    tries: int = 0
    buffer_bytes: int = 0
    skip: int = 0
    pending: bytes = b""


@dataclass(slots=True)
class Heard:
    """What has been heard since it was last taken. `lags` are seconds behind the reader that heard a message first."""

    messages: int = 0
    bytes: int = 0
    most_behind: int = 0
    lags: list[float] = field(default_factory=list)


class Readers:
    """A crowd at one address. `when_lost` is told of each connection that ended, and when it is to come again."""

    def __init__(self, port: int, territory: str, token: str, *, deflate: bool = True) -> None:
        self._port = port
        self._path = f"/v1/territories/{territory}/feed"
        signed_in = "".join(f"{name}: {value}\r\n" for name, value in bearer(token).items())
        self._rest = f"Host: 127.0.0.1\r\n{signed_in}Upgrade: websocket\r\nConnection: Upgrade\r\n{_KEY}"
        self._rest += _DEFLATE * deflate + "\r\n"
        self._epoll = select.epoll()
        self._by_fd: dict[int, Reader] = {}
        self._buffer = bytearray(BUFFER_BYTES)
        self._view = memoryview(self._buffer)
        self._due: list[tuple[float, int, Reader]] = []
        self._first: dict[int, tuple[int, float]] = {}  # by seq: which message it was, and when it was first heard
        self.everyone: list[Reader] = []
        self.heard = Heard()
        self.is_timing = False
        self.when_lost: Callable[[Reader, float | None], None] | None = None

    # Coming and going

    def come(self, readers: int, at_once: int = 200, seconds: float = 300, buffer_bytes: int = 0) -> None:
        """Let so many join, a few at a time, until each has its first message.

        `buffer_bytes` is what the kernel keeps for one that does not read; 0 leaves that to the kernel.

        Raises:
            TimeoutError
        """
        deadline = time.monotonic() + seconds
        coming: list[Reader] = []
        for _ in range(readers):
            reader = Reader(len(self.everyone), buffer_bytes=buffer_bytes)
            self.everyone.append(reader)
            self.join(reader)
            coming.append(reader)
            if len(coming) == at_once:
                self._until_all(coming, deadline)
                coming.clear()
        self._until_all(coming, deadline)

    def _until_all(self, coming: list[Reader], deadline: float) -> None:
        while any(reader.seq < 0 for reader in coming):
            self.hear(0.05)
            if time.monotonic() > deadline:
                raise TimeoutError("the readers did not all come in")

    def join(self, reader: Reader) -> None:
        """Connect at its position and ask for the feed. A port where nobody listens is a loss like others."""
        line = socket.socket()
        line.setblocking(False)
        if reader.buffer_bytes:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, reader.buffer_bytes)
        try:
            line.connect(("127.0.0.1", self._port))
        except BlockingIOError:
            pass
        except OSError:
            line.close()
            self._lost(reader, None)
            return
        reader.line, reader.is_open, reader.skip, reader.pending = line, False, 0, b""
        self._by_fd[line.fileno()] = reader
        self._epoll.register(line.fileno(), select.EPOLLOUT)

    def join_at(self, moment: float, reader: Reader) -> None:
        """The same at a moment of `time.monotonic`."""
        heapq.heappush(self._due, (moment, reader.number, reader))

    def forget(self, readers: int) -> None:
        """Let the first so many forget what they had: pages that are opened anew."""
        for reader in self.everyone[:readers]:
            reader.epoch, reader.seq = "", -1

    def deafen(self, readers: int, *, is_deaf: bool) -> None:
        """Let the first so many read nothing, or read again."""
        for reader in self.everyone[:readers]:
            reader.is_deaf = is_deaf
            if reader.line is not None:
                self._epoll.modify(reader.line.fileno(), 0 if is_deaf else select.EPOLLIN)

    def leave(self) -> None:
        """End every connection."""
        self._due.clear()
        for reader in self.everyone:
            self._drop(reader)
        self.everyone.clear()

    # Hearing

    def hear(self, seconds: float) -> None:
        """Take what has come, or comes within so long."""
        if self._due:
            now = time.monotonic()
            while self._due and self._due[0][0] <= now:
                self.join(heapq.heappop(self._due)[2])
            if self._due:
                seconds = min(seconds, max(0.0, self._due[0][0] - now))
        for fd, _ in self._epoll.poll(seconds):
            reader = self._by_fd.get(fd)
            if reader is not None:
                self._take(reader)

    def hear_for(self, seconds: float) -> Heard:
        """Take what comes within so long; what it was."""
        self.heard = Heard()
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.hear(left)
        return self.heard

    def _take(self, reader: Reader) -> None:
        line = reader.line
        assert line is not None
        if not reader.is_open and not reader.pending and not reader.skip and not self._asks(reader, line):
            return
        try:
            count = line.recv_into(self._buffer)
        except BlockingIOError:
            return
        except OSError:
            count = 0
        if not count:
            self._lost(reader, None)
            return
        self.heard.bytes += count
        if reader.pending:
            joined = reader.pending + bytes(self._view[:count])
            reader.pending = b""
            self._read(reader, joined, len(joined))
        else:
            self._read(reader, self._buffer, count)

    def _asks(self, reader: Reader, line: socket.socket) -> bool:
        """The first event of a connection: it stands, or it does not. Whether there is something to read."""
        reader.skip = -1  # asked, and the answer's head has not come
        if line.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._lost(reader, None)
            return False
        position = f"?epoch={reader.epoch}&since={reader.seq}" if reader.epoch else ""
        line.send(f"GET {self._path}{position} HTTP/1.1\r\n{self._rest}".encode())
        self._epoll.modify(line.fileno(), select.EPOLLIN)
        return False

    def _read(self, reader: Reader, data: bytes | bytearray, end: int) -> None:
        at = 0 if reader.is_open else self._opened(reader, data, end)
        while at < end:
            if reader.skip:
                step = min(reader.skip, end - at)
                reader.skip -= step
                at += step
                continue
            head, length = 2, data[at + 1] if end - at > 1 else 0
            if length == 126 and end - at >= 4:
                head, length = 4, int.from_bytes(data[at + 2 : at + 4], "big")
            elif length == 127 and end - at >= 10:
                head, length = 10, int.from_bytes(data[at + 2 : at + 10], "big")
            whole = head + length
            if end - at < min(whole if end - at > 9 else 10, HEAD_BYTES) and end - at < max(whole, 2):
                reader.pending = bytes(data[at:end])
                return
            if not self._frame(reader, data, at, head, whole, end):
                return
            reader.skip = whole

    def _frame(self, reader: Reader, data: bytes | bytearray, at: int, head: int, whole: int, end: int) -> bool:
        """One frame, of which the beginning is there, a short one all; whether more may follow."""
        kind, last = data[at], min(at + whole, end)
        if kind in TEXT:
            self._message(reader, data, at, last)
        elif kind == PING and reader.line is not None:
            reader.line.send(bytes((PONG, MASKED | whole - head)) + NO_MASK + bytes(data[at + head : last]))
        elif kind == CLOSE:
            again = _AGAIN.search(data, at, last)
            self._lost(reader, float(again[1]) / 1000 if again else None)
            return False
        return True

    def _opened(self, reader: Reader, data: bytes | bytearray, end: int) -> int:
        """Where the first frame begins; the end of it all where the answer is none yet, or a refusal."""
        at = data.find(b"\r\n\r\n", 0, end) + 4
        if at < 4:
            reader.pending = bytes(data[:end])
            return end
        if not data.startswith(b"HTTP/1.1 101"):
            self._lost(reader, None, bytes(data[:end][-300:]))
            return end
        reader.is_open, reader.skip = True, 0
        return at

    def _message(self, reader: Reader, data: bytes | bytearray, at: int, end: int) -> None:
        found = _POSITION.search(data, at, min(end, at + HEAD_BYTES))
        assert found is not None, bytes(data[at:end][:HEAD_BYTES])
        heard, seq = self.heard, int(found[2])
        heard.messages += 1
        is_news = seq > reader.seq
        reader.seq, reader.tries = seq, 0
        if not reader.epoch:
            reader.epoch = found[1].decode()
        if not (self.is_timing and is_news):
            return
        now = time.monotonic()
        first = self._first.get(seq)
        if first is None:
            self._first[seq] = (len(self._first), now)
            return
        heard.lags.append(now - first[1])
        heard.most_behind = max(heard.most_behind, len(self._first) - 1 - first[0])

    def _drop(self, reader: Reader) -> None:
        if reader.line is not None:
            self._by_fd.pop(reader.line.fileno(), None)
            reader.line.close()
        reader.line, reader.is_open = None, False

    def _lost(self, reader: Reader, again_seconds: float | None, said: bytes = b"") -> None:
        self._drop(reader)
        if self.when_lost is None:
            raise ConnectionError(f"reader {reader.number} lost its connection {said!r}")
        self.when_lost(reader, again_seconds)
