"""`python -m benchmarks.availability`: what a search in a thousand sites costs the server, household by household."""

import time
from collections.abc import Iterator
from itertools import count
from random import Random

from benchmarks import bed, figures
from benchmarks.availability import city
from benchmarks.bed import Running
from benchmarks.figures import Figure
from benchmarks.load import exchange, head, press

ROUNDS = 5
SECONDS = 1.5
CLIENTS = 8
LIMIT = 20
MOST_MS = 5.0
HOUSEHOLDS = {
    "one woman": "women=1",
    "one man": "men=1",
    "a woman with two children": "women=1&children=2",
    "a couple": "women=1&men=1",
    "a family of six": "women=1&men=1&children=4",
    "two women and a man": "women=2&men=1",
    "three men with a dog": "men=3&pets=1",
}
EVERYONE = "all of these in turn"


class BadSearch(Exception):
    """An answer has no options, or was looked for among fewer sites."""


def main() -> None:
    with bed.made() as here:
        server = here.serve()
        city.build(server.port, bed.TERRITORY, here.token)
        first = _first(server, here.token)
        queries = {name: [query] for name, query in HOUSEHOLDS.items()} | {EVERYONE: list(HOUSEHOLDS.values())}
        costs: dict[str, list[float]] = {name: [] for name in queries}
        _cost(server, queries[EVERYONE], here.token)  # warm
        for _ in range(ROUNDS):
            for name, asked in queries.items():
                costs[name].append(_cost(server, asked, here.token))
                figures.progress(f"{name}: {costs[name][-1]:.2f} ms")
    pools = city.SITES * city.POOLS_A_SITE
    print(
        f"{city.SITES:,} sites with {pools:,} pools, free places in every one; {LIMIT} options an answer, each search"
    )
    print(f"from another point. {CLIENTS} keep-alive connections, {ROUNDS} rounds of {SECONDS:g} s. {bed.PINNING}.")
    most = {EVERYONE: MOST_MS}
    figures.tell(
        [
            *(Figure(f"CPU a search, {name}", rounds, "ms", most=most.get(name)) for name, rounds in costs.items()),
            Figure("the first search after a start, until its answer", [first], "ms"),
        ]
    )


def _first(server: Running, token: str) -> float:
    """How long the first answer takes, which reads every row and site; each kind of household is looked at once."""
    started = time.perf_counter()
    path = f"/v1/territories/{bed.TERRITORY}/availability"
    exchange(server.port, "GET", f"{path}?women=1", token=token)
    first_ms = (time.perf_counter() - started) * 1000
    for name, query in HOUSEHOLDS.items():
        answer = exchange(server.port, "GET", f"{path}?{query}&limit={LIMIT}", token=token)
        if len(answer["options"]) != LIMIT or answer["searched"] != city.SITES:
            raise BadSearch(f"{name}: {len(answer['options'])} options out of {answer['searched']} sites")
        figures.progress(f"{name}: {answer['found']} options")
    return first_ms


def _cost(server: Running, queries: list[str], token: str) -> float:
    """Milliseconds of the server's CPU a search."""
    before = server.cpu_seconds()
    load = press(server.port, _searches(queries, token), lines=CLIENTS, seconds=SECONDS, reports=0)
    return (server.cpu_seconds() - before) * 1000 / load.requests


def _searches(queries: list[str], token: str) -> Iterator[bytes]:
    chance = Random(75)
    for number in count():
        query = f"{queries[number % len(queries)]}&near={city.somewhere(chance)}&limit={LIMIT}"
        yield f"{head('GET', f'/v1/territories/{bed.TERRITORY}/availability?{query}', token)}\r\n".encode()


if __name__ == "__main__":
    main()
