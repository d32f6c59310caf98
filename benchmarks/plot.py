"""Lines over an axis as a small SVG, by hand: text stays text, and the same numbers draw the same bytes."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 860, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 180, 50, 360
COLOURS = ("#1b6ca8", "#b3123b", "#2b8a3e", "#c77700", "#7048a8", "#555555")
STEPS = 8

Line = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from 0 to at least `most`, between two places of the picture."""

    most: float
    start: float
    end: float

    @property
    def step(self) -> float:
        """1, 2 or 5 of some power of ten: at most `STEPS` of them."""
        rough = max(self.most, 1e-9) / STEPS
        power = 10.0 ** math.floor(math.log10(rough))
        return next(power * nice for nice in (1, 2, 5, 10) if power * nice >= rough)

    @property
    def top(self) -> float:
        return self.step * math.ceil(self.most / self.step)

    def place(self, value: float) -> float:
        return self.start + value / self.top * (self.end - self.start)

    def steps(self) -> list[float]:
        return [number * self.step for number in range(round(self.top / self.step) + 1)]


def drawn(title: str, across: str, up: str, lines: Mapping[str, Line]) -> str:
    """The picture of named lines, each points of (across, up) from 0 on; the axes say what they measure."""
    x_axis = Axis(max(x for line in lines.values() for x, _ in line), LEFT, WIDTH - RIGHT)
    y_axis = Axis(max(y for line in lines.values() for _, y in line), BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _text(LEFT, 28, title, size=16),
        *_grid(x_axis, y_axis),
        _text((LEFT + WIDTH - RIGHT) / 2, BOTTOM + 44, across, anchor="middle"),
        _text(LEFT - 56, TOP - 12, up),
    ]
    for number, (name, line) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(f"{x_axis.place(x):.1f},{y_axis.place(y):.1f}" for x, y in line)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(WIDTH - RIGHT + 12, TOP + 12 + 22 * number, f"— {name}", fill=colour))
    return "\n".join([*parts, "</svg>", ""])


def _grid(x_axis: Axis, y_axis: Axis) -> Iterator[str]:
    for value in x_axis.steps():
        x = x_axis.place(value)
        yield f'<path d="M{x:.1f} {TOP}V{BOTTOM}" stroke="#e4e4e4"/>'
        yield _text(x, BOTTOM + 20, f"{value:g}", anchor="middle")
    for value in y_axis.steps():
        y = y_axis.place(value)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#e4e4e4"/>'
        yield _text(LEFT - 8, y + 4, f"{value:g}", anchor="end")


def _text(x: float, y: float, said: str, *, size: int = 13, anchor: str = "start", fill: str = "#222") -> str:
    about = f'font-size="{size}" text-anchor="{anchor}" fill="{fill}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {about}>{escape(said)}</text>'
