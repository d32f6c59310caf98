"""One measurement: a peer, so many readers, so many messages at a pace."""

import statistics
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

import psutil

from benchmarks.bed import Bed
from benchmarks.fanout.listening import Heard, Listeners
from benchmarks.fanout.peers import Peer, started
from benchmarks.fanout.publishing import Publish
from benchmarks.load import BadAnswer

WARM_MESSAGES = 3
WARM_SECONDS, HEAR_SECONDS = 20.0, 60.0
FIRST_NUMBER = 1_000
CPU_CLOCK = 2
"""The scheduler's own account of a process, in nanoseconds, all threads in it. Source: clock_getcpuclockid(3)."""


@dataclass(frozen=True, slots=True)
class Pace:
    """So many messages, so many a second; as fast as the publisher can where that is 0."""

    messages: int
    per_second: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.per_second:g} a second" if self.per_second else "a burst"


@dataclass(frozen=True, slots=True)
class Setting:
    """How many readers hear at which paces, by frames of which kind; in how many rounds."""

    readers: int
    paces: tuple[Pace, ...]
    rounds: int
    deflate: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """What one peer did in one round. CPU is in microseconds a delivery: seconds for a million of them.

    A delivery is one piece of news at one reader, however many of them come in one message. `is_whole` is False when
    some had not come after `HEAR_SECONDS`; then the times are of those that had.
    """

    peer: str
    readers: int
    deflate: bool
    pace: str
    round: int
    messages: int
    cpu_us: float
    load_cpu_us: float
    p50_ms: float
    p99_ms: float
    kb_a_reader: float
    bytes_a_delivery: float
    writes_a_delivery: float
    is_whole: bool


def measure(peer: Peer, here: Bed, setting: Setting, number: int) -> list[Measured]:
    """One round of one peer: started anew, joined by all, then each pace in turn.

    Raises:
        BadAnswer, StartFailed: it did not do what it is measured for.
    """
    here.drop_stream()
    paces = [pace for pace in setting.paces if _is_able(peer, setting, pace)]
    if not paces or (setting.deflate and not peer.deflates):
        return []
    with started(peer, here, deflate=setting.deflate) as server:
        before = _resident_bytes(server.pid)
        entrance, deflate = peer.entrance(here), setting.deflate
        with (
            Listeners.at(server.port, entrance, setting.readers, here.folder, deflate=deflate) as crowd,
            peer.publisher(here, server.port) as publish,
        ):
            numbers = count(FIRST_NUMBER)
            _warm(crowd, publish, numbers)
            kb_a_reader = (_resident_bytes(server.pid) - before) / setting.readers / 1024
            about = {"peer": peer.name, "readers": setting.readers, "deflate": deflate, "round": number}
            return [
                Measured(**about, kb_a_reader=kb_a_reader, **_at_pace(crowd, publish, pace, numbers, server.pid))
                for pace in paces
            ]


def _is_able(peer: Peer, setting: Setting, pace: Pace) -> bool:
    return (pace.per_second or float("inf")) * setting.readers <= peer.most_a_second


def _warm(crowd: Listeners, publish: Publish, numbers: "count[int]") -> None:
    """A few messages that all hear: who is still being let in, and code that is not yet compiled, is no measure."""
    deadline = time.monotonic() + WARM_SECONDS
    heard_by_all = 0
    while heard_by_all < WARM_MESSAGES:
        number = next(numbers)
        crowd.mark()
        publish(number)
        found = crowd.wait_for([number], 2.0).get(number, Heard(0, 0))
        heard_by_all += found.readers >= crowd.readers
        if time.monotonic() > deadline:
            raise BadAnswer(f"{found.readers} of {crowd.readers} readers hear what is published")


def _at_pace(crowd: Listeners, publish: Publish, pace: Pace, numbers: "count[int]", pid: int) -> dict[str, Any]:
    """What can be told of one pace, by the names of `Measured`."""
    crowd.mark()
    cpu, load_cpu = cpu_seconds(pid), cpu_seconds(crowd.pid)
    sent_ns = _publish(publish, pace, numbers)
    heard = crowd.wait_for(list(sent_ns), HEAR_SECONDS)
    cpu, load_cpu = cpu_seconds(pid) - cpu, cpu_seconds(crowd.pid) - load_cpu
    stat = crowd.stat()
    by_all = {number: found for number, found in heard.items() if number in sent_ns and found.readers >= crowd.readers}
    deliveries = sum(min(heard[number].readers, crowd.readers) for number in sent_ns if number in heard)
    if not by_all or not deliveries:
        raise BadAnswer(f"none of {pace.messages} messages has come to all {crowd.readers} readers")
    waits_ms = [(found.last_ns - sent_ns[number]) / 1e6 for number, found in by_all.items()]
    return {
        "pace": pace.name,
        "messages": pace.messages,
        "cpu_us": 1e6 * cpu / deliveries,
        "load_cpu_us": 1e6 * load_cpu / deliveries,
        "p50_ms": statistics.median(waits_ms),
        "p99_ms": share(waits_ms, 0.99),
        "bytes_a_delivery": stat.message_bytes / deliveries,
        "writes_a_delivery": stat.messages / deliveries,
        "is_whole": len(by_all) == pace.messages,
    }


def _publish(publish: Publish, pace: Pace, numbers: "count[int]") -> dict[int, int]:
    """When each number was sent, in monotonic nanoseconds. Whoever is late does not skip."""
    sent_ns: dict[int, int] = {}
    due = time.monotonic()
    for _ in range(pace.messages):
        number = next(numbers)
        sent_ns[number] = time.monotonic_ns()
        publish(number)
        if pace.per_second:
            due += 1 / pace.per_second
            time.sleep(max(0.0, due - time.monotonic()))
    return sent_ns


def share(values: Sequence[float], part: float) -> float:
    """The value that this part of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and of those that it started, so far as they live."""
    total = 0.0
    for one in _family(pid):
        with suppress(OSError, psutil.Error):
            total += time.clock_gettime(~one.pid << 3 | CPU_CLOCK)
    return total


def _resident_bytes(pid: int) -> int:
    return sum(int(one.memory_info().rss) for one in _family(pid))


def _family(pid: int) -> list[psutil.Process]:
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]
