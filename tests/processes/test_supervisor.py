"""The supervisor keeps programs running and ends them in order, within a time."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from capacity.errors import StartFailed
from capacity.processes.programs import Program
from capacity.processes.supervisor import FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, Supervisor, next_wait

FOREVER = "import signal; print('here', flush=True); signal.pause()"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {FOREVER}"


def program(folder: Path, name: str, code: str) -> Program:
    return Program(name, (sys.executable, "-c", code), folder / f"{name}.log")


def has_spoken(kept: Program, times: int = 1) -> bool:
    return kept.log.exists() and kept.log.read_text().count("here") >= times


async def until(claim):
    async with asyncio.timeout(10):
        while not claim():
            await asyncio.sleep(0.01)


async def test_a_program_that_dies_is_started_again(tmp_path: Path):
    said: list[str] = []
    child = program(tmp_path, "child", f"import os; print(os.getpid(), flush=True); {FOREVER}")
    async with Supervisor(said.append, patience_seconds=2) as supervisor:
        supervisor.open_stage()
        await supervisor.start(child, lambda: has_spoken(child), within_seconds=10)
        os.kill(int(child.log.read_text().split()[0]), signal.SIGKILL)
        await until(lambda: has_spoken(child, times=2))
    assert said == [f"child ended (killed by SIGKILL); it starts again in {FIRST_WAIT_SECONDS:g} s"]


async def test_a_program_that_ends_before_it_is_ready_is_not_tried_again(tmp_path: Path):
    child = program(tmp_path, "child", "print('the disk is full'); raise SystemExit(3)")
    async with Supervisor(print, patience_seconds=2) as supervisor:
        supervisor.open_stage()
        with pytest.raises(StartFailed, match="child stopped while it started: the disk is full"):
            await supervisor.start(child, lambda: False, within_seconds=10)


async def test_the_last_stage_is_ended_first(tmp_path: Path):
    ended = tmp_path / "ended"
    code = (
        "import signal, sys\n"
        f"def end(*_):\n    open({str(ended)!r}, 'a').write(sys.argv[1] + ' '); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); print('here', flush=True)\nwhile True: signal.pause()"
    )
    async with Supervisor(print, patience_seconds=5) as supervisor:
        for name in ("engine", "child"):
            supervisor.open_stage()
            child = Program(name, (sys.executable, "-c", code, name), tmp_path / f"{name}.log")
            await supervisor.start(child, lambda child=child: has_spoken(child), within_seconds=10)
    assert ended.read_text().split() == ["child", "engine"]


async def test_a_program_that_does_not_listen_is_killed_in_time(tmp_path: Path):
    child = program(tmp_path, "child", DEAF)
    async with Supervisor(print, patience_seconds=0.2) as supervisor:
        supervisor.open_stage()
        await supervisor.start(child, lambda: has_spoken(child), within_seconds=10)
        began = time.monotonic()
    assert time.monotonic() - began < 2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent's")
async def test_no_child_outlives_a_parent_that_was_killed(tmp_path: Path):
    log = tmp_path / "child.log"
    parent = (
        "import pathlib, sys, time\n"
        "from capacity.processes.programs import Program\n"
        f"child = Program('child', (sys.executable, '-c', {FOREVER!r}), pathlib.Path({str(log)!r}))\n"
        "print(child.start().pid, flush=True)\ntime.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        await until(lambda: log.exists() and "here" in log.read_text())
        process.kill()
    await until(lambda: not is_alive(pid))


def is_alive(pid: int) -> bool:
    """A zombie, which nobody reaps in some containers, is dead."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def test_the_wait_grows_and_starts_anew_after_a_steady_run():
    waits = [0.0]
    for _ in range(8):
        waits.append(next_wait(waits[-1], lived_seconds=0.1))
    assert waits[1:4] == [FIRST_WAIT_SECONDS, 2 * FIRST_WAIT_SECONDS, 4 * FIRST_WAIT_SECONDS]
    assert waits[-1] == LONGEST_WAIT_SECONDS
    assert next_wait(LONGEST_WAIT_SECONDS, lived_seconds=60) == FIRST_WAIT_SECONDS
