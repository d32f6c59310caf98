"""Ten thousand wrong passwords, and how long a report waits meanwhile: argon2 must never starve the event loop.

Each try names another account and comes from another address, by a proxy that is declared: the limits that would stop
one guesser stop none of these, and every one may ask for a hash. Rounds without and with them take turns.
"""

import json
import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

from benchmarks import bed, figures
from benchmarks.bed import Bed
from benchmarks.figures import Figure, ratios
from benchmarks.load import JSON, Line, posts

ROUNDS = 8
TRIES_A_ROUND = 1_250
TRIES_A_SECOND = 250
ROUND_SECONDS = TRIES_A_ROUND / TRIES_A_SECOND
REPORTS_A_SECOND = 200
GUESSERS = 32
"""More at once than wait for a hash in the server: the rest is asked to come again."""
FINE = {401, 429, 503}
_LINES = threading.local()
MOST = 1.5


def measure(here: Bed) -> list[Figure]:
    """All rounds, and the figures that they give."""
    server = here.serve(CAPACITY_TRUSTED_PROXIES='["127.0.0.1"]')
    pools = bed.fill(server.port, token=here.token)
    quiet: list[list[float]] = []
    stormy: list[list[float]] = []
    said: Counter[int] = Counter()
    reports = posts(bed.TERRITORY, pools, token=here.token)
    _waits(server.port, reports)  # warm
    for number in range(ROUNDS):
        here.drop_stream()
        quiet.append(_waits(server.port, reports))
        answers: multiprocessing.Queue[Counter[int]] = multiprocessing.Queue()
        storm = multiprocessing.Process(target=_storm, args=(server.port, number * TRIES_A_ROUND, answers))
        storm.start()
        stormy.append(_waits(server.port, reports))
        said += answers.get(timeout=60)
        storm.join()
        figures.progress(f"p99 {_p99(quiet[-1]):.2f} ms quiet, {_p99(stormy[-1]):.2f} ms in the storm")
    told = ", ".join(f"{number:,} × {status}" for status, number in sorted(said.items()))
    print(
        f"{ROUNDS} rounds of {ROUND_SECONDS:g} s without and with {TRIES_A_SECOND} tries a second, "
        f"{said.total():,} in all ({told}); {REPORTS_A_SECOND} reports a second from one connection. {bed.PINNING}."
    )
    return [
        Figure(
            "p99 of a report among wrong passwords, × quiet",
            ratios(map(_p99, stormy), map(_p99, quiet)),
            most=MOST,
        ),
        Figure("p99 of a report, quiet", list(map(_p99, quiet)), "ms"),
        Figure("p99 of a report among wrong passwords", list(map(_p99, stormy)), "ms"),
    ]


def _waits(port: int, reports: Iterator[bytes]) -> list[float]:
    """How long each report waited, in ms; one that is sent late because the one before was not back counts from when
    it was due."""
    waits = []
    with Line.to(port) as line:
        started = time.perf_counter()
        for number in range(int(ROUND_SECONDS * REPORTS_A_SECOND)):
            due = started + number / REPORTS_A_SECOND
            while (now := time.perf_counter()) < due:
                time.sleep(min(0.001, due - now))
            line.ask(next(reports))
            while not line.hear():
                pass
            waits.append(1000 * (time.perf_counter() - due))
    return waits


def _storm(port: int, first: int, answers: "multiprocessing.Queue[Counter[int]]") -> None:
    """Send the tries of one round at their moments, as many at once as it takes."""
    started = time.perf_counter()
    with ThreadPoolExecutor(GUESSERS) as guessers:
        said = Counter(
            guessers.map(lambda n: _guess(port, first + n, started + n / TRIES_A_SECOND), range(TRIES_A_ROUND))
        )
    if set(said) - FINE:
        raise SystemExit(f"the storm was answered {dict(said)}")
    answers.put(said)


def _guess(port: int, number: int, due: float) -> int:
    time.sleep(max(0, due - time.perf_counter()))
    line = _LINES.__dict__.setdefault("line", HTTPConnection("127.0.0.1", port, timeout=30))
    body = json.dumps({"email": f"guess-{number}@siao.example", "password": "sept barques sous la lune"})
    line.request("POST", "/v1/session", body, {**JSON, "X-Forwarded-For": f"2001:db8:{number:x}::1"})
    answer = line.getresponse()
    answer.read()
    return int(answer.status)


def _p99(waits: list[float]) -> float:
    return sorted(waits)[int(0.99 * len(waits))]
