"""CPU of a plain report with the checks of access, and without them.

The same requests with the same bearer token from the same 50 keep-alive connections, at both servers in turn, round by
round. With checks its sender is recognised, the table is asked and the budget is looked at; without, it is let in
unseen. On both the request itself is read and answered alike.
"""

from collections import defaultdict

from benchmarks import bed, figures
from benchmarks.bed import Bed, Running
from benchmarks.figures import Figure, ratios
from benchmarks.load import posts, press

ROUNDS = 31
SECONDS = 0.7
CLIENTS = 50
CHECKED, UNCHECKED = "capacity serve", "the same without checks"
MOST = 1.05


def measure(here: Bed) -> list[Figure]:
    """All rounds, and the figures that they give."""
    servers = [here.serve(CHECKED), here.serve(UNCHECKED, ("benchmarks.access.unchecked",))]
    pools = bed.fill(servers[0].port, token=here.token)
    costs: dict[str, list[float]] = defaultdict(list)
    for number in range(-1, ROUNDS):
        for server in servers if number % 2 else reversed(servers):  # nobody is always first
            cost_us = _cost(here, server, pools)
            if number >= 0:  # the first only warms
                costs[server.name].append(cost_us)
                figures.progress(f"{server.name}: {cost_us:.1f} µs")
    print(f"Plain reports from {CLIENTS} keep-alive connections, {ROUNDS} rounds of {SECONDS:g} s each. {bed.PINNING}.")
    return [
        Figure(
            "CPU a plain report with access checked, × unchecked", ratios(costs[CHECKED], costs[UNCHECKED]), most=MOST
        ),
        *(Figure(f"CPU a plain report, {name}", rounds, "µs") for name, rounds in costs.items()),
    ]


def _cost(here: Bed, server: Running, pools: list[str]) -> float:
    """Microseconds of the server's CPU a report."""
    here.drop_stream()
    before = server.cpu_seconds()
    load = press(server.port, posts(bed.TERRITORY, pools, token=here.token), lines=CLIENTS, seconds=SECONDS)
    return 1e6 * (server.cpu_seconds() - before) / load.requests
