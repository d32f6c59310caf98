"""The memory of processes while something is measured: the most that each had, seen twice a second."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import psutil

EVERY_SECONDS = 0.5
MB = 1e6


def resident_mb(process: psutil.Process) -> float:
    """Of a process and of those that it started, in MB; pages that they share count once for each."""
    with suppress(psutil.Error):
        return sum(one.memory_info().rss for one in (process, *process.children(recursive=True))) / MB
    return 0.0


class Peaks(dict[str, float]):
    """The most of each process so far, by name, in MB."""

    def look(self, processes: Mapping[str, psutil.Process]) -> None:
        for name, process in processes.items():
            self[name] = max(self.get(name, 0.0), resident_mb(process))


@contextmanager
def watched(processes: Mapping[str, psutil.Process]) -> Iterator[Peaks]:
    """The peaks while the block lasts."""
    peaks, done = Peaks(), threading.Event()

    def look() -> None:
        while not done.wait(EVERY_SECONDS):
            peaks.look(processes)

    peaks.look(processes)
    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield peaks
    finally:
        done.set()
        watching.join()
        peaks.look(processes)
