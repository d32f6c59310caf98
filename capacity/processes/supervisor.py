"""Keeps the programs of one `up` running, and ends them in order.

Ours rather than honcho's: honcho stops everything when one program ends, and we want it started again
after a growing wait; we end in stages within a given time; and each program is tied to our life.
"""

import asyncio
import contextlib
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from capacity.errors import StartFailed
from capacity.processes.programs import Program

FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 10.0
STEADY_SECONDS = 30.0
GLANCE_SECONDS = 0.02
LITTLE_ROOM_BYTES = 1_000_000

Ready = Callable[[], bool]
Say = Callable[[str], None]


def next_wait(last_wait: float, lived_seconds: float) -> float:
    """How long to wait before a program that ended is started again: twice as long, unless it ran steadily."""
    if lived_seconds >= STEADY_SECONDS or last_wait == 0:
        return FIRST_WAIT_SECONDS
    return min(2 * last_wait, LONGEST_WAIT_SECONDS)


@dataclass(slots=True)
class Kept:
    """One program that is kept running. `prepare` runs before every start but the first.

    `said_before` is where its log ended when it was started.
    """

    program: Program
    prepare: Callable[[], None]
    process: asyncio.subprocess.Process
    said_before: int
    keeper: asyncio.Task[None] | None = None

    @property
    def has_ended(self) -> bool:
        return self.process.returncode is not None

    def why(self, status: int) -> str:
        """Why it ended, by its own fatal words where it has had any; a full disk swallows them."""
        log = self.program.log
        if log is not None and shutil.disk_usage(log.parent).free < LITTLE_ROOM_BYTES:
            return "there is no room left on its disk"
        if status < 0:
            return f"killed by {signal.Signals(-status).name}"
        return self.program.fatal_words(self.said_before) or f"exit {status}"

    def send(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)


@dataclass(slots=True)
class Supervisor:
    """A context: on leaving it every program is ended, the last stage that was started first.

    `patience_seconds` is what each stage has for ending well, before it is killed.
    """

    say: Say
    patience_seconds: float
    _stages: list[list[Kept]] = field(default_factory=list)
    _is_stopping: bool = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_problem: object) -> None:
        self._is_stopping = True
        for stage in reversed(self._stages):
            await self._stop(stage)

    def open_stage(self) -> None:
        """What is started from now on is ended before what was started until now."""
        self._stages.append([])

    async def start(
        self,
        program: Program,
        is_ready: Ready = lambda: True,
        *,
        within_seconds: float,
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        """Start a program in the open stage, wait until it is ready, and keep it running from then on.

        Raises:
            StartFailed: it ended before, or was not ready in time; its own last words say why.
        """
        said_before = program.log_end()
        kept = Kept(program, prepare, await program.start_async(), said_before)
        self._stages[-1].append(kept)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                if await _is_up(kept, is_ready):
                    kept.keeper = asyncio.create_task(self._keep(kept), name=f"keep {program.name}")
                    return
        what = "stopped while it started" if kept.has_ended else f"was not ready within {within_seconds:g} s"
        raise StartFailed(f"{program.name} {what}: {program.last_words(said_before)}")

    def kill(self) -> None:
        """End everything at once, for someone who asks twice."""
        self._is_stopping = True
        for kept in (kept for stage in self._stages for kept in stage):
            kept.send(signal.SIGKILL)

    async def _keep(self, kept: Kept) -> None:
        wait, clock = 0.0, asyncio.get_running_loop().time
        while True:
            started_at = clock()
            status = await kept.process.wait()
            if self._is_stopping:
                return
            wait = next_wait(wait, clock() - started_at)
            self.say(f"{kept.program.name} ended ({kept.why(status)}); it starts again in {wait:g} s")
            await asyncio.sleep(wait)
            try:
                await asyncio.to_thread(kept.prepare)
                kept.said_before = kept.program.log_end()
                kept.process = await kept.program.start_async()
            except (StartFailed, OSError) as problem:  # the process is still the ended one: wait longer, try again
                self.say(f"{kept.program.name} could not be started again: {problem}")

    async def _stop(self, stage: list[Kept]) -> None:
        for kept in stage:
            if kept.keeper is not None and kept.has_ended:  # it waits to start it again
                kept.keeper.cancel()
                await asyncio.gather(kept.keeper, return_exceptions=True)
            kept.send(kept.program.stop_signal)
        try:
            async with asyncio.timeout(self.patience_seconds):
                await _ended(stage)
        except TimeoutError:
            for kept in stage:
                kept.send(signal.SIGKILL)
            await _ended(stage)


async def _is_up(kept: Kept, is_ready: Ready) -> bool:
    """True as soon as it is ready, False when it has ended. A program tells neither, so we look."""
    while not kept.has_ended:
        if await asyncio.to_thread(is_ready):
            return True
        await asyncio.sleep(GLANCE_SECONDS)
    return False


async def _ended(stage: list[Kept]) -> None:
    for kept in stage:
        await kept.process.wait()
