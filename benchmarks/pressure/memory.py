"""The memory of processes while something is measured: what each had first, and at most, seen twice a second."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import psutil

EVERY_SECONDS = 0.5
MB = 1e6


def resident_mb(process: psutil.Process) -> float:
    """Of a process and of those that it started, in MB; of shared pages each has its share, where that may be read."""
    with suppress(psutil.NoSuchProcess):
        return sum(map(_resident, (process, *process.children(recursive=True)))) / MB
    return 0.0


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.AccessDenied, AttributeError):
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


class Memory:
    """What was seen, by name, in MB."""

    def __init__(self, processes: Mapping[str, psutil.Process]) -> None:
        self._processes = processes
        self.first = {name: resident_mb(process) for name, process in processes.items()}
        self.most = dict(self.first)

    def look(self) -> None:
        for name, process in self._processes.items():
            self.most[name] = max(self.most[name], resident_mb(process))


@contextmanager
def watched(processes: Mapping[str, psutil.Process]) -> Iterator[Memory]:
    """Looks while the block lasts."""
    memory, done = Memory(processes), threading.Event()

    def look() -> None:
        while not done.wait(EVERY_SECONDS):
            memory.look()

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield memory
    finally:
        done.set()
        watching.join()
        memory.look()
