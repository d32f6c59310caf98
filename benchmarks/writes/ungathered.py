"""`capacity serve` with one change: each call makes its own round trip on a connection of redis-py's pool.

What the route would be had nobody gathered the calls of a turn. A measure, not a switch: the product has no such mode.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from capacity.processes.serve import run
from capacity.processes.settings import read_settings
from capacity.store.gathering import Argument
from capacity.store.live import DEADLINE_SECONDS, Asked, LiveStore


def _ask(store: LiveStore, function: str, keys: Sequence[str], args: Sequence[Argument]) -> Asked:
    command: tuple[Argument, ...] = ("FCALL", function, len(keys), *keys, *args)
    return Asked(command, asyncio.ensure_future(_round_trip(store, command)))


async def _round_trip(store: LiveStore, command: tuple[Argument, ...]) -> Any:
    client = store._client  # noqa: SLF001  # the product lends nobody its pool; we measure what it would be like
    async with asyncio.timeout(DEADLINE_SECONDS):  # as the product's other calls have it
        return await client.execute_command(*command)


if __name__ == "__main__":
    LiveStore.ask = _ask
    run(read_settings())
