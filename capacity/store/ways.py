"""Ways to the servers that take writes: one to a server or to the primary that Sentinels know, several to a cluster."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Protocol

from redis.asyncio import Connection, ConnectionPool, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import MovedError

from capacity.store.gathering import Argument, GatheringConnection
from capacity.store.keeping import MARK
from capacity.store.live_address import Kind, LiveAddress

DEADLINE_SECONDS = 5.0
CONNECT_SECONDS = 2.5
"""Where there is another server to go to: a machine that is gone is not waited for long, a SYN that was lost is."""
SENTINEL_SECONDS = 0.5
MOST_CONNECTIONS = 1_024


class Way:
    """Connections to one server: a pool for what is read, and the one that gathers calls."""

    def __init__(self, pool: ConnectionPool, gathering: GatheringConnection) -> None:
        self._pool = pool
        self.client: Redis = Redis(connection_pool=pool)
        self.gathering = gathering

    @classmethod
    @asynccontextmanager
    async def open(cls, pool: ConnectionPool, gathering: GatheringConnection) -> "AsyncIterator[Way]":
        """A way as long as the block lasts; reaching the server is left to the first call."""
        way = cls(pool, gathering)
        running = asyncio.create_task(gathering.run(), name="gather calls to the live store")
        try:
            yield way
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await way.client.aclose()
            await pool.disconnect()


class Ways(Protocol):
    """Which way a key is."""

    def to(self, key: str) -> Way:
        """The way to the server of a key. Raises StoreUnavailable where none has it now."""

    def of(self, command: Sequence[Argument]) -> Way:
        """The way for an FCALL, by its first key. Raises as `to`."""

    def all(self) -> Sequence[Way]:
        """A way to each server that takes writes. Raises StoreUnavailable where none is known."""

    def doubt(self) -> None:
        """A server did not answer as one that takes writes: look soon."""

    async def look(self) -> None:
        """Find out which server has what, now. Raises StoreUnavailable."""

    async def heed(self, moved: MovedError) -> None:
        """A server said who has a slot instead of itself. Raises StoreUnavailable."""


class OneWay:
    """All keys are on one server. Sentinels are asked by each new connection."""

    def __init__(self, way: Way) -> None:
        self._way = way

    def to(self, _key: str) -> Way:
        """The only one."""
        return self._way

    def of(self, _command: Sequence[Argument]) -> Way:
        """The only one."""
        return self._way

    def all(self) -> Sequence[Way]:
        """The only one."""
        return (self._way,)

    def doubt(self) -> None:
        """A connection that failed is made anew by itself."""

    async def look(self) -> None:
        """There is nothing to find out."""

    async def heed(self, moved: MovedError) -> None:
        """The address names one node of a cluster: what others have is out of reach."""


@asynccontextmanager
async def ways_to(address: LiveAddress, replicas: int) -> AsyncIterator[Ways]:
    """The ways to an address. `replicas` must have on disk what is done on any of them."""
    if address.kind is Kind.CLUSTER:
        from capacity.store.cluster import ClusterWays

        async with ClusterWays.open(address, replicas) as ways:
            yield ways
        return
    async with AsyncExitStack() as stack:
        pool = pool_by_sentinels(address, stack) if address.kind is Kind.SENTINEL else _pool(address)
        gathering = GatheringConnection(
            pool.make_connection, deadline_seconds=DEADLINE_SECONDS, replicas=replicas, mark=MARK
        )
        yield OneWay(await stack.enter_async_context(Way.open(pool, gathering)))


def _pool(address: LiveAddress) -> ConnectionPool:
    # The deadlines are ours, one a call or a pipeline. redis-py's own would cost a task to send and a timer a
    # reply, and its `wait_for` can swallow a cancellation in Python 3.11.
    return ConnectionPool(
        max_connections=MOST_CONNECTIONS,
        **{"socket_connect_timeout": DEADLINE_SECONDS, "socket_timeout": None, **address.options},
    )


def pool_to(address: LiveAddress, host: str, port: int) -> ConnectionPool:
    """Connections to one node among several."""
    options: dict[str, Any] = {"socket_connect_timeout": CONNECT_SECONDS, "socket_timeout": None, **address.options}
    options.setdefault("connection_class", SSLConnection if address.by_tls else Connection)
    return ConnectionPool(max_connections=MOST_CONNECTIONS, **{**options, "host": host, "port": port})


def sentinels_of(address: LiveAddress) -> Sentinel:
    """The Sentinels of an address, each of which has half a second to answer; the caller closes them."""
    return Sentinel(  # type: ignore[no-untyped-call]  # redis has no types here
        list(address.nodes),
        sentinel_kwargs={
            "socket_connect_timeout": SENTINEL_SECONDS,
            "socket_timeout": SENTINEL_SECONDS,
            "retry": Retry(NoBackoff(), 0),  # the next one is asked instead
            **address.sentinel_options,
        },
    )


def pool_by_sentinels(address: LiveAddress, stack: AsyncExitStack) -> SentinelConnectionPool:
    """Connections to the primary that the Sentinels name; each asks them anew."""
    sentinels = sentinels_of(address)
    stack.push_async_callback(sentinels.aclose)
    options = {name: value for name, value in address.options.items() if name != "connection_class"}
    return SentinelConnectionPool(  # type: ignore[no-untyped-call]  # redis has no types here
        address.name,
        sentinels,
        ssl=address.by_tls,
        check_connection=True,
        max_connections=MOST_CONNECTIONS,
        **{"socket_connect_timeout": CONNECT_SECONDS, "socket_timeout": None, **options},
    )
