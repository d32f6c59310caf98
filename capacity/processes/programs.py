"""A program that we start as our child: what to run, as whom, where its words go, how it ends."""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from capacity.errors import StartFailed

PR_SET_PDEATHSIG = 1
LOG_BYTES_KEPT = 10_000_000
LONGEST_TAIL_BYTES = 8_192
FATAL_WORDS = ("FATAL", "PANIC", "Fatal", "No space left", "error while loading")


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the machine that a program runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Program:
    """One program of the house. `stop_signal` asks it to end well.

    Its output goes to `log`; to where ours goes, when that is None.
    """

    name: str
    argv: tuple[str, ...]
    log: Path | None
    env: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, for a caller without an event loop."""
        with self._log_opened() as log, self._start_problems_said():
            return subprocess.Popen(self.argv, stdout=log, **self._arguments())

    async def start_async(self) -> asyncio.subprocess.Process:
        with self._log_opened() as log, self._start_problems_said():
            return await asyncio.create_subprocess_exec(*self.argv, stdout=log, **self._arguments())

    def _arguments(self) -> dict[str, Any]:
        """How the child is set apart from us.

        It gets a process group of its own, so that Ctrl-C in the terminal reaches only us and we stop
        all in order; on Linux it also gets its stop signal when we die without a word. It starts at the
        root, since its account may not be able to read the folder that we stand in.
        """
        arguments: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stderr": None if self.log is None else subprocess.STDOUT,
            "cwd": "/",
            "env": {**os.environ, **self.env},
            "start_new_session": True,
            "preexec_fn": die_with_parent(self.stop_signal),
        }
        if self.account is not None:
            arguments |= {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
        return arguments

    def _log_opened(self) -> AbstractContextManager[BinaryIO | None]:
        """The log opened for appending; one that has grown too long is put aside, once."""
        if self.log is None:
            return nullcontext()
        try:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            if self.log.exists() and self.log.stat().st_size > LOG_BYTES_KEPT:
                self.log.replace(self.log.with_suffix(".old.log"))
            return self.log.open("ab", buffering=0)
        except OSError as problem:
            raise StartFailed(f"The log {self.log} cannot be written: {problem.strerror}.") from problem

    @contextmanager
    def _start_problems_said(self) -> Iterator[None]:
        try:
            yield
        except (OSError, subprocess.SubprocessError) as problem:
            raise StartFailed(f"{self.argv[0]} cannot be started: {problem}.") from problem

    def log_end(self) -> int:
        """Where the log ends now; what a later start says comes after it."""
        return self.log.stat().st_size if self.log is not None and self.log.exists() else 0

    def last_words(self, after: int) -> str:
        """The last line said after a point of the log, or the last fatal one where there is any."""
        lines = [line.strip() for line in _tail(self.log, after).splitlines() if line.strip()]
        return self.fatal_words(after) or (lines or ["it said nothing"])[-1]

    def fatal_words(self, after: int) -> str | None:
        """The last line after a point of the log that says why the program could not go on."""
        lines = [line.strip() for line in _tail(self.log, after).splitlines()]
        return next((line for line in reversed(lines) if any(word in line for word in FATAL_WORDS)), None)


def die_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """A function for the child, between fork and exec, that ties its life to ours where Linux allows.

    It runs after the change of account, which would undo it.
    """
    if sys.platform != "linux":
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:  # we died before the call
            os._exit(1)

    return tie


def _tail(path: Path | None, after: int) -> str:
    if path is None:
        return ""
    try:
        with path.open("rb") as log:
            log.seek(max(after, path.stat().st_size - LONGEST_TAIL_BYTES))
            return log.read().decode(errors="replace")
    except OSError:
        return ""
