"""The copies of what the live store has: replicas with their settings, and the Sentinels that would promote one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Connection, ConnectionPool, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from capacity.store.cluster import ClusterWays
from capacity.store.live_address import Kind, LiveAddress
from capacity.store.replication import Replica, primary_of
from capacity.store.ways import DEADLINE_SECONDS, sentinels_of

LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Copy:
    """A replica as its primary sees it, and what it says of its disk itself: None where it cannot be asked."""

    seen: Replica
    appendonly: str | None
    appendfsync: str | None


@dataclass(frozen=True, slots=True)
class Copies:
    """The replicas of one server, and whether it takes writes itself."""

    is_primary: bool
    replicas: tuple[Copy, ...]


@dataclass(frozen=True, slots=True)
class Watchers:
    """The Sentinels of an address: how many it names, how many answer, and what is wrong with their quorum, if any."""

    named: int
    answering: int
    flaw: str


@asynccontextmanager
async def plain_clients(address: LiveAddress) -> AsyncIterator[list[Redis]]:
    """redis-py's own client of each server that takes writes, the first of them first. Texts come decoded.

    Raises:
        StoreUnavailable: no node of a cluster answers.
    """
    options: dict[str, Any] = {
        "decode_responses": True, "socket_timeout": DEADLINE_SECONDS, "socket_connect_timeout": DEADLINE_SECONDS,
    }  # fmt: skip
    async with AsyncExitStack() as stack:
        if address.kind is Kind.SENTINEL:
            sentinels = await stack.enter_async_context(sentinels_of(address))
            own = {name: value for name, value in address.options.items() if name != "connection_class"}
            client = sentinels.master_for(address.name, ssl=address.by_tls, **options, **own)
            yield [await stack.enter_async_context(client)]
        elif address.kind is Kind.CLUSTER:
            async with ClusterWays.open(address, 0) as ways:
                await ways.look()
                nodes = ways.primaries()
            yield [
                await stack.enter_async_context(
                    Redis.from_pool(ConnectionPool(**{**options, **address.options, "host": host, "port": port}))
                )
                for host, port in nodes
            ]
        else:
            pool: ConnectionPool = ConnectionPool(**{**options, **address.options})
            yield [await stack.enter_async_context(Redis.from_pool(pool))]


async def copies_of(client: Redis) -> Copies:
    """The replicas of a server. They are asked with the same name and password, and need not answer."""
    seen = primary_of(await client.info("replication"))
    return Copies(seen.is_primary, tuple([await _copy(replica, client) for replica in seen.replicas]))


async def _copy(replica: Replica, client: Redis) -> Copy:
    known = client.connection_pool.connection_kwargs
    names = ("username", "password", "decode_responses")
    options = {name: value for name, value in known.items() if name in names or name.startswith("ssl_")}
    by_tls = issubclass(client.connection_pool.connection_class, SSLConnection)
    pool: ConnectionPool = ConnectionPool(
        connection_class=SSLConnection if by_tls else Connection,
        host=replica.host, port=replica.port, socket_timeout=LOOK_SECONDS, socket_connect_timeout=LOOK_SECONDS,
        retry=Retry(NoBackoff(), 0), **options,
    )  # fmt: skip
    try:
        async with asyncio.timeout(2 * LOOK_SECONDS), Redis.from_pool(pool) as line:
            said = await line.config_get("appendonly", "appendfsync")
            return Copy(replica, said.get("appendonly"), said.get("appendfsync"))
    except (RedisError, OSError):
        return Copy(replica, None, None)


async def watchers_of(address: LiveAddress) -> Watchers | None:
    """How the Sentinels of an address are; None where it names none."""
    if address.kind is not Kind.SENTINEL:
        return None
    flaws: list[str] = []
    answering = 0
    async with sentinels_of(address) as sentinels:
        for sentinel in sentinels.sentinels:
            try:
                await sentinel.ping()
                answering += 1
                await sentinel.execute_command("SENTINEL", "CKQUORUM", address.name)  # type: ignore[no-untyped-call]
            except (RedisError, OSError) as exc:
                if answering:
                    flaws.append(str(exc))
    return Watchers(len(address.nodes), answering, flaws[0] if flaws else "")
