"""Runs one engine for as long as a block lasts, without supervision: for tests, tools and benchmarks."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from capacity.errors import StartFailed
from capacity.processes.programs import Program

START_SECONDS = 60
STOP_SECONDS = 5
GLANCE_SECONDS = 0.02


class Engine(Protocol):
    """A server that we can start on a data folder."""

    @property
    def name(self) -> str: ...
    @property
    def data(self) -> Path: ...
    def prepare(self) -> None: ...
    def program(self) -> Program: ...
    def is_ready(self) -> bool: ...


@contextmanager
def running(engine: Engine) -> Iterator[subprocess.Popen[bytes]]:
    """The engine, ready; it is stopped when the block ends, unless that has happened already."""
    engine.prepare()
    program = engine.program()
    said_before = program.log_end()
    process = program.start()
    try:
        wait_until_ready(engine, process, lambda: program.last_words(said_before))
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(program.stop_signal)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until_ready(engine: Engine, process: subprocess.Popen[bytes], last_words: Callable[[], str]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not engine.is_ready():
        if process.poll() is not None:
            raise StartFailed(f"{engine.name} stopped while it started: {last_words()}")
        if time.monotonic() > deadline:
            raise StartFailed(f"{engine.name} was not ready within {START_SECONDS} s: {last_words()}")
        time.sleep(GLANCE_SECONDS)
