"""What a granted hold costs the server and its caller beside a plain report: the same serve, round by round."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from benchmarks import bed, figures
from benchmarks.bed import Bed, Running
from benchmarks.figures import Figure, ratios
from benchmarks.holds.asking import GRANTED, asks
from benchmarks.load import APPLIED, Load, posts, press
from capacity.board.clocks import rfc3339, system_clock
from capacity.store.holds import HoldStore, Moment
from capacity.store.live import LiveStore

ROUNDS = 5
SECONDS = 1.5
CLIENTS = 50
TERRITORIES = tuple(f"bench-{number}" for number in range(10))
"""Several, so that no one of them has more holds at once than a city has households on the way."""
POOLS = 50
DAY_MS = 86_400_000
REPORT, HOLD = "a plain report", "a hold granted"


@dataclass(frozen=True, slots=True)
class Round:
    """What the server spent on one round of one kind."""

    load: Load
    cpu_us: float


def measure(here: Bed) -> list[Figure]:
    """All rounds, and the figures that they give; a table of them is printed."""
    server = here.serve()
    places = [(name, pool) for name in TERRITORIES for pool in bed.fill(server.port, name, POOLS, 100_000)]
    kinds = {REPORT: (_reports(places), APPLIED), HOLD: (asks(places), GRANTED)}
    crowd: dict[str, list[Round]] = defaultdict(list)
    alone: dict[str, list[Round]] = defaultdict(list)
    for number in range(-1, ROUNDS):
        for name in (REPORT, HOLD) if number % 2 else (HOLD, REPORT):
            for rounds, clients in ((crowd, CLIENTS), (alone, 1)):
                found = _round(here, server, *kinds[name], clients)
                if number >= 0:  # the first only warms
                    rounds[name].append(found)
                    figures.progress(f"{name}, {clients}: {found.cpu_us:.0f} µs, p50 {found.load.wait_ms(0.5):.2f} ms")
    _tell(crowd, alone)
    return [
        Figure(
            "CPU of the server a hold granted, × a plain report",
            ratios(*([found.cpu_us for found in crowd[name]] for name in (HOLD, REPORT))),
            most=1.5,
        ),
        Figure(
            "wait of one sender for a hold, × for a plain report, p50",
            ratios(*([found.load.wait_ms(0.5) for found in alone[name]] for name in (HOLD, REPORT))),
            most=1.5,
        ),
    ]


def _reports(places: list[tuple[str, str]]) -> Iterator[bytes]:
    pools: dict[str, list[str]] = defaultdict(list)
    for territory, pool in places:
        pools[territory].append(pool)
    for series in cycle([posts(territory, names) for territory, names in pools.items()]):
        yield next(series)


def _round(here: Bed, server: Running, requests: Iterator[bytes], accepted: bytes, clients: int) -> Round:
    for territory in TERRITORIES:
        here.drop_stream(territory)
    before = server.cpu_seconds()
    load = press(server.port, requests, lines=clients, seconds=SECONDS, applied=accepted)
    spent = server.cpu_seconds() - before
    asyncio.run(_end_all(here.valkey.url))
    return Round(load, 1e6 * spent / load.requests)


async def _end_all(url: str) -> None:
    """Let the time of every hold be over, outside of any measurement: each round begins with none."""
    tomorrow = system_clock() + DAY_MS
    async with LiveStore.open(url) as live:
        store = HoldStore(live)
        for territory in TERRITORIES:
            while (await store.expire(territory, Moment(tomorrow, rfc3339(tomorrow)), 1_000))[0]:
                pass


def _tell(crowd: dict[str, list[Round]], alone: dict[str, list[Round]]) -> None:
    print(
        f"{ROUNDS} rounds of {SECONDS:g} s of each kind in turn, on one `serve`, over {len(TERRITORIES)} territories "
        f"of {POOLS} pools. {bed.PINNING}; Valkey writes to its disk before it answers.\n"
    )
    print(f"| | CPU each, {CLIENTS} senders | a second | p50 | p99 | CPU each, one sender | p50 |")
    print("|---|---|---|---|---|---|---|")
    for name in (REPORT, HOLD):
        many, one = crowd[name], alone[name]
        print(
            f"| {name} | {_median(found.cpu_us for found in many):.0f} µs "
            f"| {_median(found.load.per_second for found in many):,.0f} "
            f"| {_median(found.load.wait_ms(0.5) for found in many):.1f} ms "
            f"| {_median(found.load.wait_ms(0.99) for found in many):.1f} ms "
            f"| {_median(found.cpu_us for found in one):.0f} µs "
            f"| {_median(found.load.wait_ms(0.5) for found in one):.2f} ms |"
        )


def _median(values: Iterator[float]) -> float:
    return Figure("", list(values)).median
