"""`capacity serve` with one change: each call makes its own round trip on a connection of redis-py's pool.

What the route would be had nobody gathered the calls of a turn; all else is as in the product, the straight way of a
plain report too. A measure, not a switch: the product has no such mode.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.exceptions import RedisError, ResponseError

from capacity.errors import StoreUnavailable
from capacity.processes.serve import run
from capacity.processes.settings import read_settings
from capacity.store.gathering import Argument, Call
from capacity.store.live import DEADLINE_SECONDS, Asked, LiveStore, fcall


def _ask(store: LiveStore, function: str, keys: Sequence[str], args: Sequence[Argument]) -> Asked:
    command = fcall(function, keys, args)
    return Asked(command, asyncio.ensure_future(_round_trip(store, command)))


def _send(store: LiveStore, call: Call) -> None:
    tasks = store.__dict__.setdefault("_under_way", set())
    tasks.add(task := asyncio.ensure_future(_tell(store, call)))
    task.add_done_callback(tasks.discard)


async def _tell(store: LiveStore, call: Call) -> None:
    try:
        reply = await _round_trip(store, call.command)
    except ResponseError as refusal:
        call.refuse(refusal)
    except (RedisError, OSError) as exc:
        failure = StoreUnavailable()
        failure.__cause__ = exc
        call.fail(failure)
    else:
        call.deliver(reply)


async def _round_trip(store: LiveStore, command: tuple[Argument, ...]) -> Any:
    client = store._ways.of(command).client  # noqa: SLF001  # the product lends nobody its pool; we measure what it would be like
    async with asyncio.timeout(DEADLINE_SECONDS):  # as the product's other calls have it
        return await client.execute_command(*command)


if __name__ == "__main__":
    LiveStore.ask = _ask
    LiveStore.send = _send
    run(read_settings())
