"""The readers: one small C program holds them all, and tells when the last of them had each message."""

import re
import subprocess
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks.bed import LOAD_CORE, on_core
from benchmarks.fanout.compiled import compiled
from benchmarks.load import BadAnswer, head

GLANCE_SECONDS = 0.02
RSV1 = 0x40
COUNT = re.compile(rb'"occupied":(\d+)')
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
AS_BROWSERS_DO = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}


@dataclass(frozen=True, slots=True)
class Entrance:
    """How a reader joins: where, and how many messages it gets before it has.

    `greeting` is what it says to the first of them. Where a server joins news into one message, `merges` says so:
    then the news in it are found by the counts that its rows tell, and not by its place.
    """

    path: str = "/"
    token: str = ""
    first_messages: int = 0
    greeting: str = ""
    merges: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """One piece of news at the readers: how many had it, and when the last one did, in monotonic nanoseconds."""

    readers: int
    last_ns: int


@dataclass(frozen=True, slots=True)
class Stat:
    """What all readers heard since the mark."""

    messages: int
    message_bytes: int
    lost: int


class Listeners:
    """Readers that have all joined."""

    def __init__(self, process: subprocess.Popen[str], entrance: Entrance, readers: int) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._said: IO[str] = process.stdout
        self._told: IO[str] = process.stdin
        self._merges = entrance.merges
        self.pid = process.pid
        self.readers = readers

    @classmethod
    @contextmanager
    def at(
        cls, port: int, entrance: Entrance, readers: int, folder: Path, *, deflate: bool = False
    ) -> Iterator["Listeners"]:
        """So many readers of one server, until the block ends; `folder` takes a small file.

        Raises:
            BadAnswer: the server refused one of them.
        """
        request = folder / f"upgrade-{port}"
        offer = AS_BROWSERS_DO if deflate else {}
        request.write_text(head("GET", entrance.path, entrance.token, **UPGRADE, **offer) + "\r\n")
        mode = "content" if entrance.merges else "ordinal"
        numbers = (str(readers), str(entrance.first_messages))
        command = [compiled("listeners"), str(port), request, *numbers, mode, entrance.greeting]
        with (
            on_core(LOAD_CORE),
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process,
        ):
            listeners = cls(process, entrance, readers)
            try:
                if listeners._line() != "joined":
                    raise BadAnswer("the readers said something else than that they have joined")
                yield listeners
            finally:
                process.kill()

    def mark(self) -> None:
        """Forget what was heard; places are counted from here on."""
        self._tell("mark")
        self._line()

    def stat(self) -> Stat:
        """Raises BadAnswer when a reader was sent away."""
        self._tell("stat")
        stat = Stat(*map(int, self._line().split()))
        if stat.lost:
            raise BadAnswer(f"the server lost {stat.lost} of {self.readers} readers")
        return stat

    def heard(self, first: int) -> dict[int, Heard]:
        """The news since the mark by number; what has a place is numbered from `first` on."""
        self._tell("dump")
        lines = [line.split() for line in iter(self._line, "end")]
        if not self._merges:
            return {first + int(place): Heard(int(readers), int(at)) for place, readers, at in lines}
        return told(
            (int(readers), int(at), unpacked(int(kind), bytes.fromhex(said))) for readers, at, kind, said in lines
        )

    def wait_for(self, news: Sequence[int], seconds: float) -> dict[int, Heard]:
        """Wait until each reader has all of these, at most so long; answers what was heard."""
        deadline, before, wanted = time.monotonic() + seconds, -1, len(news) * self.readers
        heard: dict[int, Heard] = {}
        while True:
            messages = self.stat().messages
            if (messages >= wanted) if not self._merges else (messages == before):
                heard = self.heard(news[0])
                if all(number in heard and heard[number].readers >= self.readers for number in news):
                    return heard
            if time.monotonic() > deadline:
                return heard or self.heard(news[0])
            before = messages
            time.sleep(GLANCE_SECONDS)

    def _tell(self, command: str) -> None:
        self._told.write(f"{command}\n")
        self._told.flush()

    def _line(self) -> str:
        line = self._said.readline()
        if not line:
            raise BadAnswer("the readers have ended; they said why above")
        return line.rstrip("\n")


def unpacked(first_byte: int, payload: bytes) -> bytes:
    """The text of a frame; a deflated one stands alone, as ours do."""
    if not first_byte & RSV1:
        return payload
    return zlib.decompressobj(-15).decompress(payload + b"\x00\x00\xff\xff")


def told(messages: Iterator[tuple[int, int, bytes]]) -> dict[int, Heard]:
    """The counts in messages that so many readers had, the last at a time; some may be told in several messages."""
    heard: dict[int, Heard] = {}
    for readers, last_ns, text in messages:
        for found in COUNT.findall(text):
            before = heard.get(int(found), Heard(0, 0))
            heard[int(found)] = Heard(before.readers + readers, max(before.last_ns, last_ns))
    return heard
