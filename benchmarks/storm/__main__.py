"""`python -m benchmarks.storm [--readers N]`: a server is started anew, and ten thousand readers come back.

They come as the screens do (at the moment that the old server gave them, then after waits of their own) or, the other
rounds, all in the moment in which the port is back, as behind a proxy. A tenth of them has forgotten its board. Rows
move meanwhile. Time runs from the port's return until every reader is where the board was then.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from random import Random

from benchmarks import bed, figures
from benchmarks.bed import Bed, Running
from benchmarks.crowd.place import READERS, ROOM, asked, metric, post, waits_ms, within
from benchmarks.crowd.readers import Reader, Readers, possible
from benchmarks.figures import Figure

ROUNDS = 3
PER_SECOND, SECONDS = 20, 6
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 10.0
"""As `frontend/src/feed/feed.ts` has it."""
PATIENCE_SECONDS = 120


class Server:
    """A server that can be started anew on its port, while somebody else goes on.

    A program of ours ends with the thread that started it, so one thread stays for all of them.
    """

    def __init__(self, here: Bed) -> None:
        self._here = here
        self._stack = ExitStack()
        self.running = self._stack.enter_context(_served(here, bed.free_port()))

    def start_anew(self) -> None:
        port = self.running.port
        self._stack.close()
        self.running = self._stack.enter_context(_served(self._here, port))

    def stop(self) -> None:
        self._stack.close()


@contextmanager
def _served(here: Bed, port: int) -> Iterator[Running]:
    with here.serving(port, **ROOM) as running:
        yield running


def main() -> None:
    readers = possible(asked(__doc__, READERS))
    rounds: dict[bool, list[dict[str, float]]] = {True: [], False: []}
    with bed.made() as here, ThreadPoolExecutor(1) as starter, ExitStack() as stack:
        server = starter.submit(Server, here).result()
        stack.callback(server.stop)
        bed.fill(server.running.port, token=here.token)
        crowd = Readers(server.running.port, bed.TERRITORY, here.token)
        crowd.come(readers)
        for _ in range(ROUNDS):
            for as_screens in (True, False):
                rounds[as_screens].append(_storm(here, server, starter, crowd, as_screens=as_screens))
        crowd.leave()
    print(
        f"{readers:,} readers of a board of {bed.POOLS} rows, a tenth without a board, {PER_SECOND} reports a second, "
        f"{ROUNDS} rounds of each kind in turn. {bed.PINNING}."
    )
    figures.tell([figure for kind in rounds for figure in _told(kind, rounds[kind])])


def _told(as_screens: bool, rounds: list[dict[str, float]]) -> list[Figure]:
    how = "as the screens come" if as_screens else "all in one moment"
    each = {name: [found[name] for found in rounds] for name in rounds[0]}
    return [
        Figure(f"{how}: all are current after", each["seconds"], "s", most=5),
        Figure(f"{how}: server's CPU", each["cpu"], "s"),
        Figure(f"{how}: boards put together", each["boards"], most=50),
        Figure(f"{how}: sent", each["megabytes"], "MB"),
        Figure(f"{how}: p99 of a report's answer meanwhile", each["p99"], "ms"),
        Figure(f"{how}: load's own CPU, × the server's", each["own"], most=1),
    ]


def _storm(
    here: Bed, server: Server, starter: ThreadPoolExecutor, crowd: Readers, *, as_screens: bool
) -> dict[str, float]:
    lost: list[Reader] = []
    chance = Random(0)

    def when_lost(reader: Reader, again_seconds: float | None) -> None:
        if not as_screens:
            lost.append(reader)
            return
        longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2**reader.tries)
        reader.tries += 1
        wait = longest * (0.1 + 0.9 * chance.random()) if again_seconds is None else again_seconds
        crowd.join_at(time.monotonic() + wait, reader)

    crowd.when_lost = when_lost
    restarting = starter.submit(server.start_anew)
    crowd.forget(len(crowd.everyone) // 10)
    while not restarting.done():
        crowd.hear(0.02)
    restarting.result()
    target = int(here.redis.hget(f"{{{bed.TERRITORY}}}:meta", "seq") or 0)
    posting = post(server.running.port, here.token, PER_SECOND, SECONDS)
    cpu, own, sent, started = _now(server, crowd)
    for reader in lost:
        crowd.join(reader)
    while any(reader.seq < target or not reader.is_open for reader in crowd.everyone):
        lost.clear()
        crowd.hear(0.02)
        for reader in lost:
            crowd.join(reader)
        assert time.monotonic() - started < PATIENCE_SECONDS, "they did not all come back"
    spent, ours, bytes_sent, ended = _now(server, crowd)
    found = {
        "seconds": ended - started, "cpu": spent - cpu, "megabytes": (bytes_sent - sent) / 1e6,
        "own": (ours - own) / (spent - cpu), "boards": metric(server.running.port, "capacity_feed_boards_total"),
    }  # fmt: skip
    while posting.poll() is None:
        crowd.hear(0.02)
    found["p99"] = within(waits_ms(posting), 0.99)
    here.drop_stream()
    figures.progress(", ".join(f"{name} {value:.3g}" for name, value in found.items()))
    return found


def _now(server: Server, crowd: Readers) -> tuple[float, float, float, float]:
    return server.running.cpu_seconds(), time.process_time(), crowd.heard.bytes, time.monotonic()


if __name__ == "__main__":
    main()
