"""What a granted hold costs the server and its caller beside a plain report: the same serve, round by round."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import cycle

from benchmarks import bed, figures
from benchmarks.bed import Bed, Running
from benchmarks.figures import Figure, ratios
from benchmarks.holds.asking import GRANTED, asks
from benchmarks.load import APPLIED, Line, Load, posts, press
from capacity.board.clocks import rfc3339, system_clock
from capacity.store.holds import HoldStore, Moment
from capacity.store.live import LiveStore

ROUNDS = 11
SECONDS = 0.7
CLIENTS = 50
IN_TURN = 200
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
    places = [
        (name, pool) for name in TERRITORIES for pool in bed.fill(server.port, name, POOLS, 100_000, token=here.token)
    ]
    kinds = {REPORT: (_reports(places, here.token), APPLIED), HOLD: (asks(places, here.token), GRANTED)}
    crowd: dict[str, list[Round]] = defaultdict(list)
    alone: dict[str, list[float]] = defaultdict(list)
    for number in range(-1, ROUNDS):
        waits = _in_turn(server, {name: requests for name, (requests, _) in kinds.items()})
        rounds = {}
        for name in (REPORT, HOLD) if number % 2 else (HOLD, REPORT):
            rounds[name] = _round(here, server, *kinds[name])
        if number >= 0:  # the first only warms
            for name, found in rounds.items():
                crowd[name].append(found)
                alone[name].append(waits[name])
                figures.progress(f"{name}: {found.cpu_us:.0f} µs with {CLIENTS}, {waits[name]:.2f} ms alone")
    _tell(crowd, alone)
    return [
        Figure(
            "CPU of the server a hold granted, × a plain report",
            ratios(*([found.cpu_us for found in crowd[name]] for name in (HOLD, REPORT))),
            most=1.5,
        ),
        Figure(
            "wait of one sender for a hold, × for a plain report, p50", ratios(alone[HOLD], alone[REPORT]), most=1.5
        ),
    ]


def _in_turn(server: Running, kinds: dict[str, Iterator[bytes]]) -> dict[str, float]:
    """The median wait in ms of one sender, who sends one of each kind in turn: what disturbs one disturbs the other."""
    waits: dict[str, list[float]] = defaultdict(list)
    with Line.to(server.port) as line:
        for _ in range(IN_TURN):
            for name, requests in kinds.items():
                line.ask(next(requests))
                while not line.hear():
                    pass
                waits[name].append(1000 * (time.perf_counter() - line.asked))
    return {name: _median(found) for name, found in waits.items()}


def _reports(places: list[tuple[str, str]], token: str) -> Iterator[bytes]:
    pools: dict[str, list[str]] = defaultdict(list)
    for territory, pool in places:
        pools[territory].append(pool)
    for series in cycle([posts(territory, names, token=token) for territory, names in pools.items()]):
        yield next(series)


def _round(here: Bed, server: Running, requests: Iterator[bytes], accepted: bytes) -> Round:
    for territory in TERRITORIES:
        here.drop_stream(territory)
    before = server.cpu_seconds()
    load = press(server.port, requests, lines=CLIENTS, seconds=SECONDS, applied=accepted)
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


def _tell(crowd: dict[str, list[Round]], alone: dict[str, list[float]]) -> None:
    print(
        f"{ROUNDS} rounds of {SECONDS:g} s of each kind in turn, on one `serve`, over {len(TERRITORIES)} territories "
        f"of {POOLS} pools; before each round one sender sends {IN_TURN} of each, a report and a hold in turn. "
        f"{bed.PINNING}; Valkey writes to its disk before it answers.\n"
    )
    print(f"| | CPU each, {CLIENTS} senders | a second | p50 | p99 | p50 of one sender |")
    print("|---|---|---|---|---|---|")
    for name in (REPORT, HOLD):
        rounds = crowd[name]
        print(
            f"| {name} | {_median(found.cpu_us for found in rounds):.0f} µs "
            f"| {_median(found.load.per_second for found in rounds):,.0f} "
            f"| {_median(found.load.wait_ms(0.5) for found in rounds):.1f} ms "
            f"| {_median(found.load.wait_ms(0.99) for found in rounds):.1f} ms "
            f"| {_median(alone[name]):.2f} ms |"
        )


def _median(values: Iterable[float]) -> float:
    return Figure("", list(values)).median
