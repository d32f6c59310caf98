"""One reader of the feed on a blocking socket: the frames of a server carry no mask and are quickly read."""

import json
import os
import selectors
import socket
from base64 import b64encode
from collections.abc import Iterator
from typing import Self

from benchmarks.load import BadAnswer, Line, head

LONG, LONGER = 126, 127
TEXT = 1


class Reader:
    """Joins the feed when it is made, without compression; `hear` gives the number that a message brings."""

    def __init__(self, port: int, path: str, token: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._left = b""
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.socket, selectors.EVENT_READ, self)
        self._shake_hands(path, token)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        self.socket.close()

    def wait_with(self, line: Line) -> Iterator["Reader | Line"]:
        """Which of us two has something to hear."""
        if line.socket not in self._selector.get_map():
            self._selector.register(line.socket, selectors.EVENT_READ, line)
        for key, _ in self._selector.select(30):
            yield key.data

    def hear(self, *, blocking: bool = False) -> int:
        """The greatest `seq` among the messages that have arrived; 0 when there is none, unless told to wait."""
        seq = 0
        while True:
            self._left += self._received()
            while (message := self._message()) is not None:
                seq = int(json.loads(message)["seq"])
            if seq or not blocking:
                return seq

    def _received(self) -> bytes:
        part = self.socket.recv(1 << 20)
        if not part:
            raise BadAnswer("the feed was closed")
        return part

    def _message(self) -> bytes | None:
        """The next whole text message; control frames are passed over."""
        while len(self._left) >= 2:
            kind, size, start = self._left[0] & 0x0F, self._left[1], 2
            if size == LONG:
                size, start = int.from_bytes(self._left[2:4], "big"), 4
            elif size == LONGER:
                size, start = int.from_bytes(self._left[2:10], "big"), 10
            if len(self._left) < start + size:
                return None
            message, self._left = self._left[start : start + size], self._left[start + size :]
            if kind == TEXT:
                return message
        return None

    def _shake_hands(self, path: str, token: str) -> None:
        key = b64encode(os.urandom(16)).decode()
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
        upgrade |= {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key}
        self.socket.sendall(f"{head('GET', path, token, **upgrade)}\r\n".encode())
        while b"\r\n\r\n" not in self._left:
            self._left += self._received()
        answer, _, self._left = self._left.partition(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 101"):
            raise BadAnswer(answer)
        if not self._left:
            self._left = self._received()
        while self._message() is None:
            self._left += self._received()
