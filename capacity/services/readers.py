"""The readers of one territory's feed: the same bytes for all, except for those that do not drain."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from capacity.services.frames import Message

A_SLICE = 64
"""Readers written to before the event loop gets a turn, so that a report never waits behind a whole crowd.

Half a millisecond of writes; a turn in between costs a hundredth of that.
"""
NOTHING = -1
"""The `seq` of a reader that has no picture of this epoch, and so needs all rows."""
TRY_AGAIN_LATER = 1013


@dataclass(slots=True, eq=False)
class Reader:
    """One connection of the feed, as the crowd sees it.

    `write` takes bytes of this reader's `form` and never waits; `close` says goodbye with a code;
    `buffered_bytes` tells what the connection has not yet passed on. The connection reports to its channel
    when it stops and starts to drain.
    """

    form: int
    write: Callable[[bytes], None]
    close: Callable[[int, str], None]
    buffered_bytes: Callable[[], int]
    seq: int = NOTHING
    is_drained: bool = True


@dataclass(slots=True)
class Counters:
    """What the feed did since the process started, over all territories; `readers` is the present number.

    `observe_tick_lag` is told, for each tick, the seconds from the store's answer to the last write.
    """

    readers: int = 0
    ticks: int = 0
    deliveries: int = 0
    catchups: int = 0
    boards: int = 0
    skipped: int = 0
    stalled: int = 0
    observe_tick_lag: Callable[[float], None] = field(default=lambda _: None)


@dataclass(slots=True)
class _Stall:
    since: float
    buffered_bytes: int


class Crowd:
    """The readers of one territory. `clock` answers monotonic seconds."""

    def __init__(self, counters: Counters, clock: Callable[[], float]) -> None:
        self._counters = counters
        self._clock = clock
        self._by_form: dict[int, dict[Reader, None]] = {}
        self._stalls: dict[Reader, _Stall] = {}
        self._pictures = 0

    def __len__(self) -> int:
        return sum(map(len, self._by_form.values()))

    def __iter__(self) -> Iterator[Reader]:
        for readers in self._by_form.values():
            yield from readers

    def join(self, reader: Reader) -> None:
        """Make it one of the readers; from now on it is written to."""
        self._by_form.setdefault(reader.form, {})[reader] = None
        self._counters.readers += 1

    def leave(self, reader: Reader) -> None:
        """Write to it no more, not even the rest of a tick that is under way. Leaving twice is leaving once.

        A write to a transport that is closed raises, and would end the process.
        """
        reader.is_drained = False
        self._stalls.pop(reader, None)
        readers = self._by_form.get(reader.form, {})
        if reader in readers:
            del readers[reader]
            self._counters.readers -= 1

    def pause(self, reader: Reader) -> None:
        """Its connection no longer drains: it is skipped, and its position stays."""
        reader.is_drained = False
        if reader in self._by_form.get(reader.form, {}):
            self._stalls[reader] = _Stall(self._clock(), reader.buffered_bytes())

    def resume(self, reader: Reader) -> None:
        """Its connection has drained."""
        reader.is_drained = True
        self._stalls.pop(reader, None)

    def send(self, reader: Reader, message: Message) -> None:
        """Write one message to one reader: a catch-up."""
        reader.seq = message.seq
        self._counters.catchups += 1
        reader.write(message.encoded(reader.form))

    def count_board(self) -> None:
        """A board, or the better part of one, was put together: for many, it is hoped."""
        self._counters.boards += 1

    def forget(self) -> None:
        """What the readers have is of a picture that is no more: each of them needs all rows now."""
        self._pictures += 1
        for readers in self._by_form.values():
            for reader in readers:
                reader.seq = NOTHING

    async def deliver(self, message: Message) -> None:
        """Write one message to every reader that drains, in slices; nobody is sent backwards.

        A reader may join, leave, pause and catch up between two slices. The rest is left out when the picture
        is replaced in between.
        """
        picture = self._pictures
        self._counters.ticks += 1
        self._counters.skipped += len(self._stalls)
        for form, crowd in list(self._by_form.items()):
            readers = list(crowd)
            for start in range(0, len(readers), A_SLICE):
                if start:
                    await asyncio.sleep(0)
                if picture != self._pictures:
                    return
                self._write(message, message.encoded(form), readers[start : start + A_SLICE])

    def _write(self, message: Message, encoded: bytes, readers: list[Reader]) -> None:
        """The hot loop: one call a reader."""
        seq = message.seq
        delivered = 0
        for reader in readers:
            if reader.is_drained and reader.seq <= seq:
                reader.seq = seq
                reader.write(encoded)
                delivered += 1
        self._counters.deliveries += delivered

    def close_stalled(self, stall_seconds: float) -> None:
        """Close with 1013 each reader that has read nothing for so long; a slow one that reads may stay."""
        now = self._clock()
        for reader, stall in list(self._stalls.items()):
            buffered_bytes = reader.buffered_bytes()
            if buffered_bytes < stall.buffered_bytes:
                self._stalls[reader] = _Stall(now, buffered_bytes)
            elif now - stall.since >= stall_seconds:
                self.leave(reader)
                self._counters.stalled += 1
                reader.close(TRY_AGAIN_LATER, "stopped reading")
