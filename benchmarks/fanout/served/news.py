"""What every Python peer shares: its news come from Redis, as they would with more than one server."""

import os
from collections.abc import AsyncIterator

from redis.asyncio import Redis

CHANNEL = "news"


def deflates() -> bool:
    return os.environ.get("DEFLATE") == "1"


def port() -> int:
    return int(os.environ["PORT"])


async def news() -> AsyncIterator[str]:
    """The texts that are published, as they come."""
    async with Redis(unix_socket_path=os.environ["SOCKET"]) as redis, redis.pubsub() as subscription:
        await subscription.subscribe(CHANNEL)
        async for message in subscription.listen():
            if message["type"] == "message":
                yield message["data"].decode()
