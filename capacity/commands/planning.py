"""Turns the readings of a file into reports, each with the moment on the mapped clock at which it is to be sent."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from capacity.board.clocks import rfc3339
from capacity.commands.readings import Reading

RUN_BITS = 40
COUNTER_BITS = 34


@dataclass(frozen=True, slots=True)
class Sending:
    """One report of a file's line, and when it is due (ms since 1970, by the mapped clock)."""

    due_ms: int
    line: int
    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class MappedClock:
    """The file's clock laid onto ours: its first moment is `start_ms`, and it runs `speed` times as fast."""

    first_ms: int
    start_ms: int
    speed: float

    def of(self, at_ms: int) -> int:
        """A moment of the file on our clock, never before its time."""
        return self.start_ms + int((at_ms - self.first_ms) / self.speed)


def plan(readings: Iterable[Reading], start_ms: int, speed: float, run: int) -> list[Sending]:
    """The reports of all readings, by moment and then by line.

    A line's inventory comes before its count, and only where a figure differs from the line before it of the same
    pool: a field left out stays as it is. Ids grow in this order, so that of two lines for one pool and moment the
    later one wins (law 2). `run` sets the ids of one replay apart from those of another.
    """
    ordered = sorted(readings, key=lambda reading: (reading.at_ms, reading.line))
    if not ordered:
        return []
    clock = MappedClock(ordered[0].at_ms, start_ms, speed)
    inventories: dict[str, dict[str, int]] = {}
    sendings: list[Sending] = []
    for reading in ordered:
        due_ms = clock.of(reading.at_ms)
        for fields in _said(reading, inventories.setdefault(reading.pool, {})):
            report = {
                "id": report_id(start_ms, len(sendings), run),
                "pool": reading.pool,
                "observed_at": rfc3339(due_ms),
                **fields,
            }
            sendings.append(Sending(due_ms, reading.line, report))
    return sendings


def report_id(start_ms: int, counter: int, run: int) -> str:
    """A UUID of version 7 that is greater than those of smaller counters: milliseconds, counter, run."""
    low = (counter << RUN_BITS) | run
    random_a, random_b = low >> 62, low & (2**62 - 1)
    return str(UUID(int=(start_ms << 80) | (7 << 76) | (random_a << 64) | (0b10 << 62) | random_b))


def _said(reading: Reading, known: dict[str, int]) -> Iterator[dict[str, Any]]:
    """The fields of each report that a reading makes; `known` is what the pool's inventory was and becomes."""
    figures = {"capacity": reading.capacity, "out_of_service": reading.out_of_service}
    changed = {name: said for name, said in figures.items() if said is not None and said != known.get(name)}
    if changed:
        known.update(changed)
        yield {"type": "inventory", **changed}
    if reading.occupied is not None:
        yield {"type": "count", "occupied": reading.occupied}
