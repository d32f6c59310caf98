"""Reports at an even pace, in a process of its own: `python -m benchmarks.crowd.posting PORT TERRITORY RATE SECONDS`.

The token is in BENCH_TOKEN; the pools are those that `bed.fill` makes. Prints each report's wait for its answer in
milliseconds, as a JSON list. A report is sent when it is due, whether the one before was answered or not, so that a
server that stands still is seen.
"""

import json
import os
import selectors
import sys
import time
from contextlib import ExitStack

from benchmarks.bed import POOLS
from benchmarks.load import Line, posts

LINES = 50


def main() -> None:
    port, territory, rate, seconds = int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
    pools = [f"site-{i // 100}.p{i % 100}" for i in range(int(os.environ.get("BENCH_POOLS", POOLS)))]
    requests = posts(territory, pools, token=os.environ["BENCH_TOKEN"])
    waits: list[float] = []
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        free = [stack.enter_context(Line.to(port)) for _ in range(LINES)]
        for line in free:
            selector.register(line.socket, selectors.EVENT_READ, line)
        start = time.perf_counter()
        due, end, busy = start, start + seconds, 0
        while due < end or busy:
            now = time.perf_counter()
            while due <= now and due < end and free:
                line = free.pop()
                line.ask(next(requests))
                line.asked = due  # one that had to wait for a line has waited too
                due, busy = due + 1 / rate, busy + 1
            for key, _ in selector.select(max(0.0, due - time.perf_counter()) if due < end and free else 5):
                if key.data.hear():
                    waits.append(time.perf_counter() - key.data.asked)
                    free.append(key.data)
                    busy -= 1
    print(json.dumps([round(1000 * wait, 3) for wait in waits]))


if __name__ == "__main__":
    main()
