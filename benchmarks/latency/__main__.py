"""`python -m benchmarks.latency`: POST sent → the message with its number at one reader of the feed.

Each round alternates reports, one at a time, with bare durable FCALLs by redis-py on the same Valkey: the same
function, the same arguments, nothing around it. The recorder runs, as it does in service.
"""

import time
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from uuid import uuid4

from redis import Redis

from benchmarks import bed, figures
from benchmarks.bed import Bed
from benchmarks.figures import Figure, ratios
from benchmarks.latency.reader import Reader
from benchmarks.latency.reporting import report
from benchmarks.load import Line, posts
from capacity.board.clocks import rfc3339, system_clock
from capacity.store.keys import Keys

ROUNDS = 5
REPORTS = 200
LONGEST_PAUSE_SECONDS = 0.02


@dataclass(slots=True)
class Round:
    """Milliseconds of every report of one round."""

    screen: list[float] = field(default_factory=list)
    answer: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


def main() -> None:
    with bed.made() as here:
        server = here.serve()
        here.record()
        pools = bed.fill(server.port, token=here.token)
        path = f"/v1/territories/{bed.TERRITORY}/feed"
        with Reader(server.port, path, here.token) as reader, Line.to(server.port) as line:
            _round(here, reader, line, pools, Random(0))  # warm
            rounds = [_round(here, reader, line, pools, Random(number)) for number in range(ROUNDS)]
    _tell(rounds)


def _round(here: Bed, reader: Reader, line: Line, pools: list[str], random: Random) -> Round:
    found = Round()
    half = len(pools) // 2  # a call that observes now would make a report of the past on its pool come too late
    requests = posts(bed.TERRITORY, pools[:half], token=here.token)
    for _ in range(REPORTS):
        time.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS))  # at no fixed point of any tick
        heard_ms, answered_ms = report(reader, line, next(requests))
        found.screen.append(heard_ms)
        found.answer.append(answered_ms)
        time.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS))
        _call(reader, here.redis, random.choice(pools[half:]), found)
    figures.progress(", ".join(f"{name} {ms:.2f} ms" for name, ms in _medians(found).items()))
    return found


def _call(reader: Reader, redis: Redis, pool: str, found: Round) -> None:
    """The function alone, by the client that everybody has; its message is heard and not timed."""
    keys, report_id, now = Keys.of(bed.TERRITORY), str(uuid4()), system_clock()
    at = rfc3339(now)
    body = (
        f'"id":"{report_id}","type":"count","pool":"{pool}","occupied":20,"observed_at":"{at}","received_at":"{at}"}}'
    )
    command = (
        "report_v1", 7, keys.meta, keys.rows, keys.stamps, keys.stream,
        keys.facts(pool), keys.movements(pool), keys.answer(report_id),
        report_id, "count", pool, now, at, now, "0123456789abcdef", body, 20,
    )  # fmt: skip
    started = time.perf_counter()
    _, seq, *_ = redis.fcall(*command)
    found.bare.append((time.perf_counter() - started) * 1000)
    while reader.hear(blocking=True) < int(seq):
        pass


def _medians(found: Round) -> dict[str, float]:
    return {
        name: Figure("", values).median
        for name, values in (("screen", found.screen), ("answer", found.answer), ("bare FCALL", found.bare))
    }


def _tell(rounds: list[Round]) -> None:
    medians: dict[str, list[float]] = defaultdict(list)
    for found in rounds:
        for name, ms in _medians(found).items():
            medians[name].append(ms)
    print(
        f"{ROUNDS} rounds of {REPORTS} reports one at a time, each followed by a bare FCALL of redis-py. "
        f"{bed.PINNING}. "
        "The recorder runs. The range is that of the rounds' medians."
    )
    everyone = sorted(ms for found in rounds for ms in found.screen)
    figures.tell(
        [
            Figure("POST sent → message at a reader", medians["screen"], "ms", most=8),
            Figure("the same, × a bare durable FCALL", ratios(medians["screen"], medians["bare FCALL"]), most=4),
            Figure("the same, 99 of 100 within", [everyone[int(0.99 * len(everyone))]], "ms"),
            Figure("POST sent → answer, on disk", medians["answer"], "ms"),
            Figure("a bare durable FCALL", medians["bare FCALL"], "ms"),
        ]
    )


if __name__ == "__main__":
    main()
