"""Ends a server that outlived the `up` which started it."""

import contextlib
import os
import signal

import psutil

from capacity.errors import StartFailed

PATIENCE_SECONDS = 10


def stop_leftover(pid: int, program: str, stop_signal: signal.Signals) -> None:
    """Stop the process if it still is that program; a number since given to another is left alone.

    Only for a holder of the data folder's lock: nobody else may be using the server then.
    """
    try:
        process = psutil.Process(pid)
        if program not in process.name():
            return
    except (psutil.NoSuchProcess, ValueError):
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, stop_signal)
    try:
        process.wait(PATIENCE_SECONDS)
    except psutil.TimeoutExpired as problem:
        raise StartFailed(
            f"{program} (pid {pid}) from an earlier run still uses this data and does not end."
        ) from problem
