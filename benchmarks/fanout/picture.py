"""The picture of fan-out: two fields of lines on logarithmic axes, as SVG.

Written by hand, since a picture of sixteen lines is worth no plotting library in the lock file: text stays text, the
file is small, and the same rounds draw the same bytes.
"""

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from operator import attrgetter

from benchmarks.fanout.measuring import Measured

WIDTH, HEIGHT = 1_090, 470
FIELD_WIDTH, FIELD_HEIGHT, TOP, LEFTS = 330, 330, 70, (60, 460)
LEGEND_LEFT = 830
FONT = 'font-family="sans-serif" font-size="13"'
PACE = "20 a second"
COLOURS = ("#b3123b", "#555555", "#1b6ca8", "#2b8a3e", "#c77700", "#7048a8", "#00808a", "#8a5a2b")
"""One a peer, in the order in which they come; each 4.5 : 1 or more on white where it is text."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A logarithmic scale from `low` to `high`, drawn between two places of the picture."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def steps(self) -> list[float]:
        """1, 2, 5, 10 and so on, as far as they lie within."""
        exponents = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        steps = [digit * 10.0**exponent for exponent in exponents for digit in (1, 2, 5)]
        return [step for step in steps if self.low <= step <= self.high]


def drawn(measured: Sequence[Measured]) -> str:
    """The whole file."""
    paced = [one for one in measured if one.pace == PACE and not one.deflate]
    names = list(dict.fromkeys(one.peer for one in paced))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {FONT}>',
        "<title>Fan-out at 20 changes a second: CPU a delivery and the last reader's p99, by readers</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        *_field(paced, names, LEFTS[0], "CPU-seconds a million deliveries", attrgetter("cpu_us")),
        *_field(paced, names, LEFTS[1], "last reader, p99, ms", attrgetter("p99_ms")),
        *_legend(names),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _field(
    measured: Sequence[Measured], names: Sequence[str], left: int, title: str, what: Callable[[Measured], float]
) -> Iterable[str]:
    yield f'<text x="{left}" y="{TOP - 24}" font-weight="bold">{escape(title)}</text>'
    if not measured:
        return
    across = Axis(*_bounds([one.readers for one in measured]), left, left + FIELD_WIDTH)
    up = Axis(*_bounds([what(one) for one in measured]), TOP + FIELD_HEIGHT, TOP)
    for step in up.steps():
        y = up.place(step)
        yield f'<path d="M{left} {y:.1f}h{FIELD_WIDTH}" stroke="#dddddd"/>'
        yield f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{step:,g}</text>'
    for readers in sorted({one.readers for one in measured}):
        x = across.place(readers)
        yield f'<text x="{x:.1f}" y="{TOP + FIELD_HEIGHT + 20}" text-anchor="middle">{readers:,}</text>'
    yield f'<text x="{left + FIELD_WIDTH / 2}" y="{TOP + FIELD_HEIGHT + 42}" text-anchor="middle">readers</text>'
    for colour, name in zip(COLOURS, names, strict=False):
        points = _points([one for one in measured if one.peer == name], what)
        path = "L".join(f"{across.place(readers):.1f} {up.place(value):.1f}" for readers, value in points)
        yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="{_thickness(name, names)}"/>'
        for readers, value in points:
            yield f'<circle cx="{across.place(readers):.1f}" cy="{up.place(value):.1f}" r="3.5" fill="{colour}"/>'


def _legend(names: Sequence[str]) -> Iterable[str]:
    for number, (colour, name) in enumerate(zip(COLOURS, names, strict=False)):
        y = TOP + 10 + 26 * number
        yield f'<path d="M{LEGEND_LEFT} {y}h24" stroke="{colour}" stroke-width="{_thickness(name, names)}"/>'
        yield f'<text x="{LEGEND_LEFT + 32}" y="{y + 4}" fill="{colour}">{escape(name)}</text>'


def _thickness(name: str, names: Sequence[str]) -> float:
    return 3 if name == names[0] else 1.5


def _points(measured: Sequence[Measured], what: Callable[[Measured], float]) -> list[tuple[int, float]]:
    """The median of the rounds for each number of readers."""
    readers = sorted({one.readers for one in measured})
    return [(count, statistics.median(what(one) for one in measured if one.readers == count)) for count in readers]


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    """A little more than what there is, and never nothing."""
    low, high = min(values), max(values)
    return low / 1.15, max(high * 1.15, low * 1.5)
