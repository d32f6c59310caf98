"""1, 10 and 101 territories: what a delivery costs, what a report costs, and what it costs that they are there."""

import asyncio
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from itertools import cycle
from pathlib import Path

import psutil
import uvloop

from benchmarks import bed, figures
from benchmarks.bed import Bed, Running, Server
from benchmarks.feed.crowd import Crowd
from benchmarks.figures import Figure, ratios
from benchmarks.growth.served import names
from benchmarks.load import exchange, posts, press
from capacity.processes.engines.running import running
from capacity.services.expiring import LIST_SECONDS

COUNTS = (1, 10, 101)
"""The départements of France are 101."""
ROUNDS = 3
READERS = 20
DELIVERIES = 40_000
POOLS = 50
SECONDS, CLIENTS = 0.7, 50
IDLE_SECONDS = 4.0
MOST = 1.1

Rounds = dict[str, dict[int, list[float]]]


def measure() -> list[Figure]:
    """All rounds, and the figures that they give; a table of them is printed."""
    found: Rounds = defaultdict(lambda: defaultdict(list))
    with bed.on_core(bed.LOAD_CORE):
        for number in range(ROUNDS):
            for count in COUNTS[:: 1 if number % 2 else -1]:
                found[DELIVERY][count].append(uvloop.run(_deliver(count)))
                figures.progress(f"{count} territories: {found[DELIVERY][count][-1]:.2f} µs a delivery")
    with bed.made(names(COUNTS[-1])) as here:
        _stores(here, found)
    _tell(found)
    return [
        *(
            Figure(
                f"{name.rpartition(',')[0]}, 101 territories × one", ratios(found[name][101], found[name][1]), most=MOST
            )
            for name in (DELIVERY, REPORT, STORE)
        ),
        Figure("CPU of the server for 101 territories in which nothing happens", found[IDLE][101], "ms a second"),
    ]


DELIVERY = "CPU a delivery, µs"
REPORT = "CPU of the server a report, µs"
STORE = "CPU of Valkey a report, µs"
IDLE = "CPU of the server while nothing happens, ms a second"
IDLE_STORE = "CPU of Valkey while nothing happens, ms a second"


@contextmanager
def _served(count: int) -> Iterator[Running]:
    with tempfile.TemporaryDirectory(prefix="capacity-bench-") as folder:
        port = bed.free_port()
        argv = (sys.executable, "-m", "benchmarks.growth.served", str(count))
        env = {"PORT": str(port), "PYTHONPATH": str(Path(__file__).parents[2])}
        with ExitStack() as stack:
            with bed.on_core(bed.SERVER_CORE):
                process = stack.enter_context(running(Server("feed", Path(folder), argv, port, env)))
            yield Running("feed", port, psutil.Process(process.pid))


async def _deliver(count: int) -> float:
    """CPU microseconds a delivery, each territory with as many readers, in waves of one change in each."""
    waves = max(1, DELIVERIES // (count * READERS))
    with _served(count) as server:
        async with AsyncExitStack() as stack:
            crowds = [
                await stack.enter_async_context(Crowd.at(server.port, f"/v1/territories/{name}/feed", READERS))
                for name in names(count)
            ]
            await _wave(server, crowds, 2)
            cpu_seconds = server.cpu_seconds()
            await _wave(server, crowds, waves)
            return 1e6 * (server.cpu_seconds() - cpu_seconds) / (waves * count * READERS)


async def _wave(server: Running, crowds: list[Crowd], waves: int) -> None:
    expected = [crowd.frames + waves * READERS for crowd in crowds]
    await asyncio.to_thread(exchange, server.port, "GET", f"/say?waves={waves}")
    for crowd, frames in zip(crowds, expected, strict=True):
        await crowd.until(frames)


def _stores(here: Bed, found: Rounds) -> None:
    """The whole service: ever more territories that are followed, then reports to one, to ten, to all of them."""
    server, store = here.serve(), psutil.Process(int(here.redis.info("server")["process_id"]))
    pools: dict[str, list[str]] = {}
    for count in COUNTS:
        for name in names(count)[len(pools) :]:
            pools[name] = bed.fill(server.port, name, POOLS, token=here.token)
            exchange(server.port, "GET", f"/v1/territories/{name}/board", token=here.token)  # and so it is followed
        time.sleep(LIST_SECONDS + 1)  # until every territory is looked at for holds that end
        for _ in range(2):
            spent = server.cpu_seconds(), _cpu_of(store)
            time.sleep(IDLE_SECONDS)
            found[IDLE][count].append(1000 * (server.cpu_seconds() - spent[0]) / IDLE_SECONDS)
            found[IDLE_STORE][count].append(1000 * (_cpu_of(store) - spent[1]) / IDLE_SECONDS)
    requests = {count: cycle([posts(name, pools[name], token=here.token) for name in names(count)]) for count in COUNTS}
    for number in range(-1, ROUNDS):
        for count in COUNTS[:: 1 if number % 2 else -1]:
            for name in pools:
                here.drop_stream(name)
            spent = server.cpu_seconds(), _cpu_of(store)
            load = press(server.port, (next(one) for one in requests[count]), lines=CLIENTS, seconds=SECONDS)
            if number >= 0:  # the first only warms
                found[REPORT][count].append(1e6 * (server.cpu_seconds() - spent[0]) / load.requests)
                found[STORE][count].append(1e6 * (_cpu_of(store) - spent[1]) / load.requests)
                figures.progress(
                    f"{count} territories: {found[REPORT][count][-1]:.0f} + {found[STORE][count][-1]:.0f} µs a report"
                )


def _cpu_of(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _tell(found: Rounds) -> None:
    print(
        f"{READERS} readers in each territory, one change in each at a time, {DELIVERIES:,} deliveries a round; "
        f"{POOLS} pools in each, reports of {CLIENTS} senders for {SECONDS:g} s to all of them in turn, each "
        f"territory followed; {ROUNDS} rounds that take turns. {bed.PINNING}.\n"
    )
    print("| | " + " | ".join(f"{count}" for count in COUNTS) + " |")
    print("|---|" + "---|" * len(COUNTS))
    for name, rounds in found.items():
        print(f"| {name} | " + " | ".join(f"{Figure('', rounds[count]).median:.3g}" for count in COUNTS) + " |")
