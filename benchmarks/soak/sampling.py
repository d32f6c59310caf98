"""The memory of every process of a bed, over time."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import psutil
from redis import Redis

from benchmarks.bed import Bed

KEYS_AT_ONCE = 1_000
SERVE, RECORD, VALKEY, POSTGRES = "serve", "record", "Valkey", "Postgres"


@dataclass(frozen=True, slots=True)
class Sample:
    """Megabytes of each process at an hour of the day that is played, and the number that the board has reached."""

    hour: float
    megabytes: dict[str, float]
    seq: int


def sampler(here: Bed, serve: psutil.Process, record: psutil.Process, territory: str) -> Callable[[float], Sample]:
    """Looks at all of them. Of Postgres, what its processes have to themselves: they share one cache of fixed size."""
    postmaster = psutil.Process(int((here.postgres.folder / "postmaster.pid").read_text().split()[0]))

    def look(hour: float) -> Sample:
        measured = {
            SERVE: serve.memory_info().rss,
            RECORD: record.memory_info().rss,
            VALKEY: int(here.redis.info("memory")["used_memory"]),
            POSTGRES: sum(_own(process) for process in (postmaster, *postmaster.children(recursive=True))),
        }
        seq = int(here.redis.hget(f"{{{territory}}}:meta", "seq") or 0)
        return Sample(hour, {name: size / 1e6 for name, size in measured.items()}, seq)

    return look


def _own(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().uss)
    except psutil.NoSuchProcess:  # a backend that has just ended
        return 0


def growth_percent(samples: Sequence[Sample], name: str, hours: float = 24) -> float:
    """What a day adds to a process, in percent of its size: the slope of all samples after the warm-up."""
    after = warm(samples)
    sizes = [sample.megabytes[name] for sample in after]
    slope, _ = statistics.linear_regression([sample.hour for sample in after], sizes)
    return 100 * slope * hours / statistics.median(sizes)


def warm(samples: Sequence[Sample]) -> list[Sample]:
    """All but the first quarter of the day: until then caches fill, and most things happen for the first time."""
    begins = samples[-1].hour / 4
    return [sample for sample in samples if sample.hour >= begins]


def as_long_as(hours: float, samples: Sequence[Sample]) -> list[Sample]:
    """The same, the last one at that hour: a day that could not be played so fast took longer and is still a day."""
    stretch = hours / samples[-1].hour
    return [replace(sample, hour=sample.hour * stretch) for sample in samples]


@dataclass(frozen=True, slots=True)
class Kind:
    """The keys of the live store with one beginning. `ending` of them leave at a time of their own."""

    keys: int
    ending: int
    kilobytes: float


def kinds(redis: Redis) -> dict[str, Kind]:
    """What the live store holds, by the beginning of its keys' names behind the territory."""
    found: dict[str, list[tuple[int, int]]] = {}
    names = redis.scan_iter(count=KEYS_AT_ONCE)
    while batch := list(islice(names, KEYS_AT_ONCE)):
        pipeline = redis.pipeline(transaction=False)
        for name in batch:
            pipeline.memory_usage(name, samples=0)
            pipeline.ttl(name)
        told = pipeline.execute()
        for name, size, seconds in zip(batch, told[::2], told[1::2], strict=True):
            kind = name.decode().partition("}:")[2].partition(":")[0]
            found.setdefault(kind, []).append((size or 0, seconds))
    return {
        kind: Kind(len(all_), sum(seconds >= 0 for _, seconds in all_), sum(size for size, _ in all_) / 1000)
        for kind, all_ in sorted(found.items())
    }
