"""The function library inside the live store, where several versions of this code may meet: the newest stays.

An older process never puts its functions in the place of newer ones. It calls the newer ones, which keep every
published name of the release before; where one is missing nevertheless, it does not start.
Source: docs/upgrading.md; decision 0026.
"""

from functools import partial
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import ResponseError

from capacity.errors import FunctionsTooNew
from capacity.store import functions

GUARD = "capacity:functions:"
"""Under this and a tag stands the version that was loaded last. Whoever loads watches it, so that of two who load at
once one looks again."""


async def load(client: Redis, guard_key: str) -> None:
    """Load this code's library, unless the server has a newer one that serves as well.

    `guard_key` lies on this server.

    Raises:
        FunctionsTooNew: it has a newer one, and that lacks what this code calls.
        RedisError
    """
    await client.transaction(partial(_replace, guard_key=guard_key), guard_key)
    if await version_of(client) > functions.VERSION:
        missing = functions.names_in(functions.source()) - await _names(client)
        if missing:
            raise FunctionsTooNew(sorted(missing))


async def load_if_older(client: Redis, guard_key: str) -> bool:
    """Load this code's library if the server's is older; answers whether it was. Raises as `load`."""
    if await version_of(client) >= functions.VERSION:
        return False
    await load(client, guard_key)
    return True


async def version_of(client: Redis) -> int:
    """The version of the server's library; 0 where there is none, or one from before they had a number."""
    try:
        return int(await client.fcall_ro("library_v1", 0))
    except ResponseError as exc:
        if functions.MISSING_FUNCTION not in str(exc):
            raise
        return 0


async def _replace(pipeline: Pipeline, *, guard_key: str) -> None:
    """What is to be done if nobody has loaded since we looked; nothing where the server's library is newer."""
    try:
        found: Any = await pipeline.execute_command("FCALL_RO", "library_v1", 0)
        is_newer = int(found) > functions.VERSION
    except ResponseError as exc:
        if functions.MISSING_FUNCTION not in str(exc):
            raise
        is_newer = False
    pipeline.multi()  # type: ignore[no-untyped-call]  # redis has no types here
    if not is_newer:
        pipeline.set(guard_key, functions.VERSION)
        pipeline.function_load(functions.source(), replace=True)


async def _names(client: Redis) -> frozenset[str]:
    """What the server's library publishes."""
    found = await client.function_list(library=functions.LIBRARY, withcode=True)
    return functions.names_in(_code(found))


def _code(found: object) -> str:
    """The source in an answer of FUNCTION LIST, whatever shape the client's protocol gives it."""
    if isinstance(found, dict):
        return "".join(_code(value) for value in found.values())
    if isinstance(found, list):
        return "".join(map(_code, found))
    return found.decode() if isinstance(found, bytes) else str(found)
