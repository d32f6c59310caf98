"""`python -m benchmarks.soak [--hours 24] [--minutes 10] [--picture FILE]`: a day of the demo, played by `simulate`.

Two things cannot be sped up: ids are remembered for 48 real hours and movements kept for 24, so in these minutes the
live store only learns. What a command adds there is told, and what never leaves must not grow.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import bed, figures, plot
from benchmarks.bed import Bed
from benchmarks.feed.crowd import Crowd
from benchmarks.figures import Figure
from benchmarks.load import BadAnswer, exchange
from benchmarks.soak.sampling import (
    POSTGRES,
    RECORD,
    SERVE,
    VALKEY,
    Kind,
    Sample,
    as_long_as,
    growth_percent,
    kinds,
    sampler,
    warm,
)
from capacity.board.clocks import system_clock
from capacity.demo.load import load_demo
from capacity.demo.paris import plan

TERRITORY = plan()["territory"]
HOURS, MINUTES, FROM_HOUR = 24.0, 10.0, 12.0
LOOK_SECONDS = 2.0
READERS = 100
MOST_PERCENT = 5.0
REMEMBERED_HOURS = 48
PASSING = ("answer", "hold", "request", "requests", "searched", "movements", "codes", "holds", "promises")
"""What leaves the live store by itself: after two days, after one, or with the end of a hold."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--hours", type=float, default=HOURS, help="how much of a day to play")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="in how many minutes")
    parser.add_argument("--picture", type=Path, help="draw the memory into this SVG")
    asked = parser.parse_args()
    with bed.made((TERRITORY,)) as here:
        samples, before, after, said = _soak(here, asked.hours, asked.minutes)
    if asked.picture is not None:
        title = f"Memory over {asked.hours:g} h of a demo day, played in {asked.minutes:g} minutes"
        lines = {name: [(sample.hour, sample.megabytes[name]) for sample in samples] for name in samples[0].megabytes}
        asked.picture.write_text(plot.drawn(title, "hours", "MB", lines), "utf-8")
    _tell(asked.hours, asked.minutes, samples, before, after, said)


def _soak(here: Bed, hours: float, minutes: float) -> tuple[list[Sample], dict[str, Kind], dict[str, Kind], str]:
    """The samples, what the live store held after the warm-up and at the end, and the last words of `simulate`."""
    server, recorder = here.serve(), here.record()
    url = f"http://127.0.0.1:{server.port}"
    asyncio.run(load_demo(url, system_clock, lambda *_: None, token=here.token))
    look = sampler(here, server.process, recorder, TERRITORY)
    speed = hours * 60 / minutes
    command = [sys.executable, "-m", "capacity", "simulate", url, "-t", TERRITORY, "--speed", f"{speed:g}"]
    command += ["--hours", f"{hours:g}", "--from", f"{FROM_HOUR:g}"]
    environment = {**os.environ, "CAPACITY_TOKEN": here.token, "NO_COLOR": "1"}
    samples, before = [], None
    with _readers(server.port), _asking(server.port, here.token):
        began = time.monotonic()
        night = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            while night.poll() is None:
                samples.append(look((time.monotonic() - began) * speed / 3600))
                if before is None and samples[-1].hour >= hours / 4:
                    before = kinds(here.redis)
                if len(samples) % 15 == 1:
                    sizes = ", ".join(f"{name} {size:.1f}" for name, size in samples[-1].megabytes.items())
                    figures.progress(f"hour {samples[-1].hour:.1f}: {sizes} MB, number {samples[-1].seq:,}")
                time.sleep(LOOK_SECONDS)
        finally:
            night.kill()
        said = night.stdout.read() if night.stdout else ""
    if night.returncode or before is None:
        raise BadAnswer(f"simulate ended with {night.returncode}: {said[-500:]}")
    return as_long_as(hours, samples), before, kinds(here.redis), said.strip().splitlines()[-1]


@contextmanager
def _readers(port: int) -> Iterator[None]:
    """Readers of the public feed, for as long as the block lasts."""
    stop = threading.Event()

    async def read() -> None:
        async with Crowd.at(port, f"/v1/territories/{TERRITORY}/feed", READERS):
            await asyncio.to_thread(stop.wait)

    with _beside(lambda: asyncio.run(read()), stop):
        yield


@contextmanager
def _asking(port: int, token: str) -> Iterator[None]:
    """Somebody who asks for the board, a pool's history, the metrics and the health once a second."""
    stop, at = threading.Event(), f"/v1/territories/{TERRITORY}"
    pool = exchange(port, "GET", f"{at}/board", token=token)["rows"][0]["pool"]

    def ask() -> None:
        while not stop.wait(1.0):
            for address in (f"{at}/board", f"{at}/pools/{pool}/history", f"{at}/sites", "/readyz"):
                exchange(port, "GET", address, token=token)

    with _beside(ask, stop):
        yield


@contextmanager
def _beside(work, stop: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _tell(
    hours: float,
    minutes: float,
    samples: list[Sample],
    before: dict[str, Kind],
    after: dict[str, Kind],
    said: str,
) -> None:
    late = warm(samples)
    commands = samples[-1].seq - late[0].seq
    added = (late[-1].megabytes[VALKEY] - late[0].megabytes[VALKEY]) * 1e6 / commands
    a_day = samples[-1].seq * 24 / hours
    print(
        f"{hours:g} h of the demo of Paris in {minutes:g} minutes ({said}), {READERS} readers of the feed, one who "
        f"asks for board, history and health each second; {len(samples)} looks at every process, {LOOK_SECONDS:g} s "
        "apart. Growth is the slope over all looks after the first quarter, for 24 h, in percent of the size.\n"
    )
    print("| | MB after the first quarter | at the end | growth in 24 h |\n|---|---|---|---|")
    for name in (SERVE, RECORD, POSTGRES, VALKEY):
        print(
            f"| {name} | {late[0].megabytes[name]:.1f} | {late[-1].megabytes[name]:.1f} "
            f"| {growth_percent(samples, name):+.1f} % |"
        )
    print("\n| keys of the live store | after the first quarter | at the end | of them with an end | kB at the end |")
    print("|---|---|---|---|---|")
    for kind, now in after.items():
        then = before[kind].keys if kind in before else 0
        print(f"| {kind} | {then:,} | {now.keys:,} | {now.ending:,} | {now.kilobytes:,.0f} |")
    most = added * a_day * REMEMBERED_HOURS / 24 / 1e6
    print(
        f"\nA command adds {added:.0f} bytes to Valkey, remembered for {REMEMBERED_HOURS} h: with {a_day:,.0f} "
        f"commands a day, as here, that is {most:.0f} MB after {REMEMBERED_HOURS} real hours, and no more."
    )
    figures.tell(
        [
            *(
                Figure(f"{name}: what 24 h add", [growth_percent(samples, name)], "%", most=MOST_PERCENT)
                for name in (SERVE, RECORD, POSTGRES)
            ),
            Figure("Valkey: a command adds, until it is forgotten", [added], "bytes"),
            Figure("Valkey: what never leaves, at the end", [_grown(before, after)], "% more", most=MOST_PERCENT),
        ]
    )


def _grown(before: dict[str, Kind], after: dict[str, Kind]) -> float:
    """By how many percent that has grown which nothing takes away."""
    then, now = (sum(kind.kilobytes for name, kind in held.items() if name not in PASSING) for held in (before, after))
    return 100 * (now / then - 1)


if __name__ == "__main__":
    main()
