"""`python -m benchmarks.crowd [--readers N]`: ten thousand readers and 200 changes a second on one core.

First the reports alone, then the same reports while the crowd listens; what a reader takes of memory and, while nothing
changes, of time; and what it costs to join a board of ten thousand rows while its rows move.
"""

import sys
import time
from contextlib import suppress

from benchmarks import bed, figures
from benchmarks.bed import Bed, Running
from benchmarks.crowd.place import READERS, ROOM, asked, post, waits_ms, within
from benchmarks.crowd.readers import Readers, possible
from benchmarks.figures import Figure
from benchmarks.load import BadAnswer, exchange

ROUNDS = 3
PER_SECOND, SECONDS, QUIET_SECONDS = 200, 8, 5
BIG, BIG_ROWS, JOINS = "big", 10_000, 300


def main() -> None:
    readers = possible(asked(__doc__, READERS))
    with bed.made((bed.TERRITORY, BIG)) as here:
        server = here.serve(**ROOM)
        bed.fill(server.port, token=here.token)
        bed.fill(server.port, BIG, BIG_ROWS, token=here.token)
        _until_told(server, here.token)
        quiet = [_quiet(here, server) for _ in range(ROUNDS)]
        joins = [_joins(here, server) for _ in range(ROUNDS)]
        before = server.process.memory_info().rss
        crowd = Readers(server.port, bed.TERRITORY, here.token)
        cpu = server.cpu_seconds()
        crowd.come(readers)
        join_ms = 1000 * (server.cpu_seconds() - cpu) / readers
        kilobytes = (server.process.memory_info().rss - before) / readers / 1024
        idle = [_idle(server, crowd) for _ in range(ROUNDS)]
        rounds = [_round(here, server, crowd) for _ in range(ROUNDS)]
        crowd.leave()
    print(
        f"{readers:,} readers of one territory, {PER_SECOND} reports a second, {ROUNDS} rounds of {SECONDS} s. "
        f"{bed.PINNING}. Behind: how many messages others had heard that a reader had not, when it heard its next."
    )
    figures.tell(
        [
            Figure("ticks that any reader was behind", [found["behind"] for found in rounds], most=2),
            Figure("p99 of a report's answer, × without readers",
                   [found["p99"] / alone for found, alone in zip(rounds, quiet, strict=True)], most=2),
            Figure("p99 of a report's answer", [found["p99"] for found in rounds], "ms"),
            Figure("the same without readers", quiet, "ms"),
            Figure("first reader → 99 of 100 messages heard", [found["lag"] for found in rounds], "ms"),
            Figure("server's core", [found["cpu"] for found in rounds], "%"),
            Figure("load's own CPU, × the server's", [found["own"] for found in rounds], most=1),
            Figure("messages heard a second", [found["heard"] for found in rounds]),
            Figure("server's core while nothing changes", idle, "%"),
            Figure("memory a reader", [kilobytes], "kB", most=25),
            Figure("a join, CPU", [join_ms], "ms"),
            Figure(f"a join of {BIG_ROWS:,} rows, deflated, CPU", joins, "ms", most=2),
        ]
    )  # fmt: skip


def _until_told(server: Running, token: str) -> None:
    """Open the big board's channel outside of any measurement; a store that was just filled may be late once."""
    for _ in range(50):
        with suppress(BadAnswer):
            exchange(server.port, "GET", f"/v1/territories/{BIG}/board", token=token)
            return
        time.sleep(0.2)
    sys.exit("The board of ten thousand rows was never told.")


def _quiet(here: Bed, server: Running) -> float:
    found = within(waits_ms(post(server.port, here.token, PER_SECOND, QUIET_SECONDS)), 0.99)
    here.drop_stream()
    figures.progress(f"alone: p99 {found:.1f} ms")
    return found


def _joins(here: Bed, server: Running) -> float:
    """CPU milliseconds of one of many joins, each of a reader that has nothing."""
    crowd, cpu = Readers(server.port, BIG, here.token), server.cpu_seconds()
    crowd.come(JOINS, at_once=20)
    cost_ms = 1000 * (server.cpu_seconds() - cpu) / JOINS
    crowd.leave()
    figures.progress(f"a join of {BIG_ROWS:,} rows: {cost_ms:.2f} ms, {crowd.heard.bytes / JOINS / 1000:.0f} kB")
    return cost_ms


def _idle(server: Running, crowd: Readers) -> float:
    cpu, started = server.cpu_seconds(), time.monotonic()
    crowd.hear_for(5)
    return 100 * (server.cpu_seconds() - cpu) / (time.monotonic() - started)


def _round(here: Bed, server: Running, crowd: Readers) -> dict[str, float]:
    posting = post(server.port, here.token, PER_SECOND, SECONDS)
    crowd.is_timing = True
    cpu, own, started = server.cpu_seconds(), time.process_time(), time.monotonic()
    heard = crowd.hear_for(SECONDS + 1)
    seconds, spent, ours = time.monotonic() - started, server.cpu_seconds() - cpu, time.process_time() - own
    crowd.is_timing = False
    waits = waits_ms(posting)
    here.drop_stream()
    found = {
        "p99": within(waits, 0.99), "behind": heard.most_behind, "lag": 1000 * within(heard.lags, 0.99),
        "cpu": 100 * spent / seconds, "own": ours / spent, "heard": heard.messages / seconds,
    }  # fmt: skip
    figures.progress(", ".join(f"{name} {value:.3g}" for name, value in found.items()))
    return found


if __name__ == "__main__":
    main()
