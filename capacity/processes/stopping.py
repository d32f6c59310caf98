"""How a process is asked to stop: Ctrl-C or SIGTERM set an event, and the process leaves by its own door."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any


def stop_requested() -> asyncio.Event:
    """An event that the first signal sets."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


async def run_until(stop: asyncio.Event, work: Coroutine[Any, Any, None], name: str) -> None:
    """Do the work until it ends, fails (raised here) or the event is set, which cancels it."""
    working = asyncio.create_task(work, name=name)
    stopping = asyncio.create_task(stop.wait(), name=f"stop {name}")
    try:
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
    finally:
        working.cancel()
        stopping.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)
