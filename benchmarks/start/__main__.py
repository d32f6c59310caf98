"""`python -m benchmarks.start`: `capacity up` fresh, then again and again on the data it left, and Ctrl-C each time.

The data is the demo of Paris and 20,000 reports behind it, so that there is something to load. No core is pinned:
that is how a newcomer starts it.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import psutil

from benchmarks import bed, figures
from benchmarks.figures import Figure
from benchmarks.load import exchange, posts, press
from capacity.commands.stores import addresses
from capacity.processes.own_token import own_token

STARTS = 5
BATCHES, BATCH = 20, 1_000
READY = "ready http://"
LONGEST_SECONDS = 120
DEMO = "75"


class NotReady(Exception):
    """`up` ended, or left something behind."""


class Times(list[tuple[float, float]]):
    """Seconds to ready and seconds to gone, a pair a start."""

    @property
    def ready(self) -> list[float]:
        return [ready for ready, _ in self]

    @property
    def gone(self) -> list[float]:
        return [gone for _, gone in self]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="capacity-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        fresh, again = Times(), Times()
        with _up(folder / "data", fresh) as port:
            asyncio.run(_report(port, addresses(folder / "data").database_url))
        for _ in range(STARTS):
            with _up(folder / "data", again):
                pass
    print(
        f"`capacity up --demo` fresh once, then {STARTS} times on its data ({BATCHES * BATCH:,} reports); no pinning."
    )
    figures.tell(
        [
            Figure("up on existing data, to ready", again.ready, "s", most=5),
            Figure("up --demo from nothing, to ready", fresh.ready, "s"),
            Figure("Ctrl-C to gone", [*fresh.gone, *again.gone], "s", most=5),
        ]
    )


async def _report(port: int, ledger_url: str) -> None:
    """Put something into the stores that has to be loaded at the next start."""
    async with own_token(DEMO, "benchmarks", ledger_url) as token:
        board = exchange(port, "GET", f"/v1/territories/{DEMO}/board", token=token)
        pools = [row["pool"] for row in board["rows"]]
        for request in islice(posts(DEMO, pools, BATCH, token=token), BATCHES):
            press(port, iter([request]), lines=1, seconds=0, reports=BATCH)


@contextmanager
def _up(data: Path, times: Times) -> Iterator[int]:
    """One life of `up`: yields its port once it is ready, then presses Ctrl-C and waits until all of it is gone."""
    port = bed.free_port()
    command = (sys.executable, "-m", "capacity", "up", "--demo", "--data", str(data), "--port", str(port))
    env = {**os.environ, **bed.UNBOUNDED, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    started = time.perf_counter()
    up = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, start_new_session=True)
    try:
        _wait_until_ready(up)
        ready = time.perf_counter() - started
        family = psutil.Process(up.pid).children(recursive=True)
        yield port
        asked = time.perf_counter()
        up.send_signal(signal.SIGINT)
        up.wait(LONGEST_SECONDS)
        gone = time.perf_counter() - asked
        if left := [process.name() for process in family if process.is_running()]:
            raise NotReady(f"`up` left behind: {', '.join(left)}")
        times.append((ready, gone))
        figures.progress(f"ready after {ready:.2f} s, gone after {gone:.2f} s")
    finally:
        if up.poll() is None:
            up.kill()
            up.wait()


def _wait_until_ready(up: subprocess.Popen[str]) -> None:
    assert up.stdout is not None
    said = ""
    for line in up.stdout:
        if line.startswith(READY):
            return
        said = line
    raise NotReady(f"`up` ended before it was ready: {said}")


if __name__ == "__main__":
    main()
