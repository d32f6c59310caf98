"""`python -m benchmarks.feed [--json FILE]`: what a delivery and a catch-up cost the server.

A thousand sockets, a 200-byte message, the server alone on one core, the readers on the other. Our feed and a plain
Starlette loop of sends on the same uvicorn take turns, round by round; the figure is the server's CPU time, user and
system, over the deliveries that the readers counted.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import uvloop

from benchmarks import figures
from benchmarks.bed import LOAD_CORE, SERVER_CORE, Running, Server, free_port, on_core
from benchmarks.feed.crowd import Crowd
from benchmarks.feed.served import MESSAGE_BYTES, PATH
from benchmarks.figures import Figure, ratios
from benchmarks.load import exchange
from capacity.processes.engines.running import running

ROUNDS = 3
READERS = 1_000
PACED_MESSAGES, PACED_PER_SECOND = 100, 20.0
BURST_MESSAGES = 200
CATCHUPS, CATCHUP_ROWS, ROW_BYTES = 200, 1_000, 330


class Runs:
    """What the rounds measured, by name."""

    def __init__(self) -> None:
        self.rounds: dict[str, list[float]] = {}

    def add(self, name: str, value: float) -> None:
        figures.progress(f"{name}: {value:.3g}")
        self.rounds.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> list[float]:
        return self.rounds[name]


@contextmanager
def served(kind: str, **env: str) -> Iterator[Running]:
    """One of the two servers, alone on its core."""
    with tempfile.TemporaryDirectory(prefix="capacity-bench-") as folder, ExitStack() as stack:
        port = free_port()
        argv = (sys.executable, "-m", "benchmarks.feed.served", kind)
        env |= {"PORT": str(port), "PYTHONPATH": str(Path(__file__).parents[2])}
        with on_core(SERVER_CORE):
            process = stack.enter_context(running(Server(kind, Path(folder), argv, port, env)))
        yield Running(kind, port, psutil.Process(process.pid))


async def _say(server: Running, messages: int, per_second: float, *, wait: bool) -> None:
    path = f"/say?messages={messages}&per_second={per_second}&wait={int(wait)}"
    await asyncio.to_thread(exchange, server.port, "GET", path)


async def _deliver(server: Running, crowd: Crowd, messages: int, per_second: float) -> float:
    """CPU microseconds a delivery, each message written to each reader."""
    cpu_seconds, frames = server.cpu_seconds(), crowd.frames
    await _say(server, messages, per_second, wait=True)
    await crowd.until(frames + messages * READERS)
    return 1e6 * (server.cpu_seconds() - cpu_seconds) / (crowd.frames - frames)


async def _merge(server: Running) -> float:
    """CPU microseconds for each message at each reader, when news comes faster than it can be written."""
    cpu_seconds = server.cpu_seconds()
    await _say(server, BURST_MESSAGES, 0, wait=False)
    await _say(server, 1, 0, wait=True)
    return 1e6 * (server.cpu_seconds() - cpu_seconds) / (BURST_MESSAGES * READERS)


async def fan_out(runs: Runs) -> None:
    """One round: both servers, paced and as fast as they can, then with readers that take deflate."""
    for kind in ("lane", "bare", "plain"):
        with served(kind) as server:
            empty_bytes = server.process.memory_info().rss
            async with Crowd.at(server.port, PATH, READERS) as crowd:
                runs.add(f"{kind}, kB a reader", (server.process.memory_info().rss - empty_bytes) / READERS / 1024)
                runs.add(f"{kind}, paced", await _deliver(server, crowd, PACED_MESSAGES, PACED_PER_SECOND))
                runs.add(f"{kind}, burst", await _deliver(server, crowd, BURST_MESSAGES, 0))
                if kind == "lane":
                    runs.add("lane, burst merged", await _merge(server))
            if kind == "bare":
                continue
            async with Crowd.at(server.port, PATH, READERS, deflate=True) as crowd:
                runs.add(f"{kind}, deflate", await _deliver(server, crowd, BURST_MESSAGES, 0))


async def catch_up(runs: Runs) -> None:
    """One round of readers that each come from another position, and so share nothing; then of those that do."""
    rows = CATCHUP_ROWS + CATCHUPS
    with served("lane", POOLS=str(rows), ROW_BYTES=str(ROW_BYTES)) as server:
        for name, deflate in (("catch-up", False), ("catch-up, deflated", True)):
            paths = [f"{PATH}?epoch=k3J9&since={since}" for since in range(1, CATCHUPS + 1)]
            runs.add(name, await _join_in_turn(server, paths, deflate=deflate))
        runs.add("complete board, deflated once", await _join_in_turn(server, [PATH] * CATCHUPS, deflate=True))


async def _join_in_turn(server: Running, paths: list[str], *, deflate: bool) -> float:
    """CPU milliseconds a join: handshake, catch-up, farewell."""
    crowd = Crowd()
    cpu_seconds = server.cpu_seconds()
    for number, path in enumerate(paths, start=1):
        listener = await crowd.join(server.port, path, deflate=deflate)
        await crowd.until(number)
        listener.transport.abort()
    return 1e3 * (server.cpu_seconds() - cpu_seconds) / len(paths)


def told(runs: Runs) -> list[Figure]:
    """The figures of all rounds."""
    paced = ratios(runs["lane, paced"], runs["plain, paced"])
    burst = ratios(runs["lane, burst"], runs["plain, burst"])
    deflate = ratios(runs["lane, deflate"], runs["plain, deflate"])
    merged = ratios(runs["lane, burst merged"], runs["plain, burst"])
    bare = ratios(runs["bare, burst"], runs["plain, burst"])
    return [
        Figure("CPU a delivery, × a plain Starlette loop of sends, 20 a second", paced, most=0.6),
        Figure("CPU a delivery, × a plain Starlette loop of sends, in a burst", burst, most=0.6),
        Figure("the same, with readers that take deflate, as browsers do", deflate, most=0.6),
        Figure("the kernel's write() alone, × a plain Starlette loop of sends, in a burst", bare),
        Figure("CPU a delivery when a burst is merged, × the same", merged),
        Figure("a delivery, 20 a second", runs["lane, paced"], "µs"),
        Figure("a delivery, in a burst", runs["lane, burst"], "µs"),
        Figure("plain Starlette: a delivery, 20 a second", runs["plain, paced"], "µs"),
        Figure("plain Starlette: a delivery, in a burst", runs["plain, burst"], "µs"),
        Figure(f"a catch-up of {CATCHUP_ROWS:,} rows", runs["catch-up"], "ms", most=10),
        Figure(f"a catch-up of {CATCHUP_ROWS:,} rows, deflated", runs["catch-up, deflated"], "ms", most=10),
        Figure("a complete board that others read too, deflated", runs["complete board, deflated once"], "ms"),
        Figure("memory a reader", runs["lane, kB a reader"], "kB"),
        Figure("plain Starlette: memory a reader", runs["plain, kB a reader"], "kB"),
    ]  # fmt: skip


async def measured() -> Runs:
    runs = Runs()
    for _ in range(ROUNDS):
        await fan_out(runs)
        await catch_up(runs)
    return runs


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.feed", description=__doc__)
    parser.add_argument("--json", type=Path, help="also write every round's numbers to this file")
    asked = parser.parse_args()
    with on_core(LOAD_CORE):
        runs = uvloop.run(measured())
    print(
        f"{READERS:,} sockets, {MESSAGE_BYTES}-byte messages, {ROUNDS} rounds in which the servers take turns; "
        "the server alone on one core, the readers on the other. CPU is the server's own, user and system."
    )
    figures.tell(told(runs))
    if asked.json:
        about = {"machine": figures.machine(), "versions": figures.versions(), "commit": figures.commit()}
        asked.json.write_text(json.dumps(about | {"rounds": runs.rounds}, indent=1) + "\n")


if __name__ == "__main__":
    main()
