"""`python -m benchmarks.writes [--quick]`: what a durable report costs the server, single and in batches.

The same requests from the same 50 keep-alive connections against every server in turn, round by round; each server
calls the same function in the same Valkey, which writes to its disk before it answers.
"""

import argparse
import importlib.util
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks import bed, figures
from benchmarks.bed import Bed, Running
from benchmarks.figures import Figure, ratios
from benchmarks.load import Load, posts, press
from benchmarks.node import ROOT, NodeFolder

ROUNDS = 5
SECONDS = 3.0
CLIENTS = 50
BATCH = 1_000

OURS, UNGATHERED = "capacity serve", "the same without gathering"
NODE, AUTOPIPELINED = "fastify + ioredis", "fastify + ioredis, autopipelined"
DUTIFUL = "fastify + ioredis, with a log and metrics as ours"
FASTAPI = "FastAPI + redis-py"
AT_LEAST = {NODE: 0.8, AUTOPIPELINED: 0.8, DUTIFUL: 0.8, UNGATHERED: 2.0, FASTAPI: 2.0}
"""Our reports a CPU-second, by theirs."""
PEERS = NodeFolder(Path(__file__).parent / "node")
SINGLE_1, BATCH_1 = "single reports, one sender", "batches, one sender"
SINGLE_50 = "single reports, 50 senders"


@dataclass(frozen=True, slots=True)
class Round:
    """What one server did in one round."""

    load: Load
    cpu_seconds: float
    reports: int = 1

    @property
    def per_cpu_second(self) -> float:
        return self.load.requests * self.reports / self.cpu_seconds

    @property
    def per_second(self) -> float:
        return self.load.per_second * self.reports


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.writes", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round, for development")
    rounds, seconds = (1, 0.5) if parser.parse_args().quick else (ROUNDS, SECONDS)
    PEERS.install()
    with bed.made() as here:
        server = here.serve(OURS)
        batches = _batches(here, server, bed.fill(server.port, token=here.token), rounds, seconds / 2)
    with bed.made() as here:  # another one, so that neither finds the answers that the other left in memory
        servers = list(_servers(here))
        singles = _singles(here, servers, bed.fill(servers[0].port, token=here.token), rounds, seconds)
    _tell(singles, batches, rounds, seconds)


def _servers(here: Bed) -> Iterator[Running]:
    yield here.serve(OURS)
    yield here.serve(UNGATHERED, ("benchmarks.writes.ungathered",))
    yield here.start(NODE, PEERS.command("server.js"), bed.SERVER_CORE)
    yield here.start(AUTOPIPELINED, PEERS.command("server.js"), bed.SERVER_CORE, AUTOPIPELINE="1")
    yield here.start(DUTIFUL, PEERS.command("server.js"), bed.SERVER_CORE, DUTIES="1")
    if _has_fastapi():
        command = (sys.executable, "-m", "benchmarks.writes.fastapi_route")
        yield here.start(FASTAPI, command, bed.SERVER_CORE, PYTHONPATH=str(ROOT))


def _has_fastapi() -> bool:
    return importlib.util.find_spec("fastapi") is not None


def _singles(here: Bed, servers: list[Running], pools: list[str], count: int, seconds: float) -> dict[str, list[Round]]:
    rounds: dict[str, list[Round]] = defaultdict(list)
    for server in servers:
        _measure(here, server, pools, clients=CLIENTS, seconds=seconds)  # the peer compiles while it runs
    for number in range(count):
        turn = number % len(servers)
        for server in servers[turn:] + servers[:turn]:  # nobody is always first
            found = _measure(here, server, pools, clients=CLIENTS, seconds=seconds)
            rounds[server.name].append(found)
            figures.progress(f"{server.name}: {found.per_second:,.0f}/s, {found.per_cpu_second:,.0f} per CPU-second")
    return rounds


def _batches(here: Bed, server: Running, pools: list[str], count: int, seconds: float) -> dict[str, list[Round]]:
    rounds: dict[str, list[Round]] = defaultdict(list)
    _measure(here, server, pools, clients=1, seconds=seconds, reports=BATCH)  # warm
    for _ in range(count):
        for name, clients, reports in (
            (SINGLE_1, 1, 1), (BATCH_1, 1, BATCH), (SINGLE_50, CLIENTS, 1),
        ):  # fmt: skip
            found = _measure(here, server, pools, clients=clients, seconds=seconds, reports=reports)
            rounds[name].append(found)
            figures.progress(f"{name}: {found.per_second:,.0f} reports/s, {found.per_cpu_second:,.0f} per CPU-second")
    return rounds


def _measure(here: Bed, server: Running, pools: list[str], *, clients: int, seconds: float, reports: int = 1) -> Round:
    here.drop_stream()
    before = server.cpu_seconds()
    requests = posts(bed.TERRITORY, pools, reports, token=here.token)
    load = press(server.port, requests, lines=clients, seconds=seconds, reports=reports)
    return Round(load, server.cpu_seconds() - before, reports)


def _tell(singles: dict[str, list[Round]], batches: dict[str, list[Round]], count: int, seconds: float) -> None:
    print(f"Single durable reports from {CLIENTS} keep-alive connections, {count} rounds of {seconds:g} s.")
    fastapi = f"FastAPI {version('fastapi')}" if _has_fastapi() else "without FastAPI, which `make bench` installs"
    print(f"{bed.PINNING}. {PEERS.versions()}, {fastapi}.\n")
    _table(singles)
    print(f"\nOne `{OURS}`, single reports and batches of {BATCH:,}, {count} rounds of {seconds / 2:g} s:\n")
    _table(batches)
    speed = {name: [found.per_second for found in rounds] for name, rounds in batches.items()}
    figures.tell(
        [
            *(
                Figure(
                    f"reports a CPU-second, × {name}", ratios(_costs(singles[OURS]), _costs(singles[name])), least=least
                )
                for name, least in AT_LEAST.items()
                if name in singles
            ),
            Figure("batches, × single reports, one sender", ratios(speed[BATCH_1], speed[SINGLE_1]), least=10),
            Figure("batches of one sender, × single reports of 50", ratios(speed[BATCH_1], speed[SINGLE_50])),
        ]
    )


def _table(rows: dict[str, list[Round]]) -> None:
    print("| | reports a CPU-second | range | reports a second | p50 | p99 | load's core |")
    print("|---|---|---|---|---|---|---|")
    for name, rounds in rows.items():
        print(_line(name, rounds))


def _costs(rounds: list[Round]) -> list[float]:
    return [found.per_cpu_second for found in rounds]


def _line(name: str, rounds: list[Round]) -> str:
    cost = Figure("", _costs(rounds))
    speed = Figure("", [found.per_second for found in rounds]).median
    p50, p99 = (Figure("", [found.load.wait_ms(share) for found in rounds]).median for share in (0.5, 0.99))
    busy = Figure("", [found.load.own_cpu_seconds / found.load.seconds for found in rounds]).median
    return (
        f"| {name} | {cost.median:,.0f} | {min(cost.rounds):,.0f} – {max(cost.rounds):,.0f} "
        f"| {speed:,.0f} | {p50:.1f} ms | {p99:.1f} ms | {busy:.0%} |"
    )


if __name__ == "__main__":
    main()
