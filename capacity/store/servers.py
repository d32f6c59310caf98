"""What is asked of the live store's servers themselves: their version, their promise to keep things, their replicas."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from redis.exceptions import RedisError, ResponseError

from capacity.errors import EngineTooOld, FunctionsTooNew, StoreNotDurable, StoreUnavailable
from capacity.store import library
from capacity.store.cancelling import raise_if_cancelled
from capacity.store.replication import Primary, mode, primary_of
from capacity.store.ways import DEADLINE_SECONDS, Way, Ways

OLDEST_REDIS = (7, 2)
MOST_GUARDS = 100_000
"""So many names are tried for one that lies on a given node, at most; a cluster of a thousand needs some thousand."""


class Servers:
    """The servers that take writes: one, or each primary of a cluster."""

    def __init__(self, ways: Ways, min_replicas: int) -> None:
        self._ways = ways
        self._is_durable = True
        self.min_replicas = min_replicas
        """How many replicas must have on disk what is told as accepted, or shown."""

    async def prepare(self) -> None:
        """Check each server's version and its promise to keep what it accepts, and load the function library.

        Raises:
            EngineTooOld: the server is older than Redis 7.2.
            StoreNotDurable: the server writes nothing to disk.
            StoreUnavailable: the server cannot be reached.
            FunctionsTooNew: it has a newer library that lacks what this code calls.
        """
        await self._ways.look()
        async with self._reached():
            for way in self._ways.all():
                _refuse_an_old_engine(await way.client.info("server"))
            await self.check_durability()
            for way in self._ways.all():
                await library.load(way.client, self._guard_of(way))

    async def keep_functions(self) -> bool:
        """Load the library again where an older one has taken its place; answers whether that was so anywhere.

        Code from before the guard, or a restored server, may bring one. Raises as `prepare`.
        """
        async with self._reached():
            return any([await library.load_if_older(way.client, self._guard_of(way)) for way in self._ways.all()])

    async def _prepare_again(self) -> None:
        """As `prepare`, in the middle of the work: whoever asked is told to come again. Raises StoreUnavailable."""
        try:
            await self.prepare()
        except FunctionsTooNew as exc:
            raise StoreUnavailable(str(exc)) from exc

    def _guard_of(self, way: Way) -> str:
        """A key that lies on this server, and is the same for all who see the same cluster."""
        for number in range(MOST_GUARDS):
            key = f"{library.GUARD}{{{number}}}"
            with suppress(StoreUnavailable):
                if self._ways.to(key) is way:
                    return key
        raise StoreUnavailable

    async def check_durability(self) -> str:
        """How the servers keep what they accept: `fsync always`, or by our waiting for their disk. Law 6.

        Raises:
            StoreNotDurable: one writes nothing to disk, so that no success could be kept.
            StoreUnavailable: one cannot be reached.
        """
        settings = [(way, await self._settings(way, "appendonly", "appendfsync")) for way in self._ways.all()]
        self._is_durable = all(said.get("appendonly") != "no" for _, said in settings)
        if not self._is_durable:
            raise StoreNotDurable
        for way, said in settings:
            way.gathering.waits_for_disk = said.get("appendfsync") != "always"
        return "waits for the disk" if any(way.gathering.waits_for_disk for way, _ in settings) else "fsync always"

    async def primaries(self) -> list[Primary]:
        """The servers that take writes, each with its replicas as it sees them. Raises StoreUnavailable."""
        async with self._reached():
            return [primary_of(await way.client.info("replication")) for way in self._ways.all()]

    async def mode(self) -> str:
        """How what is accepted is kept, in one line. Raises as `check_durability`."""
        return mode(await self.check_durability(), self.min_replicas, await self.primaries())

    async def confirm(self) -> None:
        """Have something confirmed by the disks that a success waits for.

        Raises:
            ReplicaAway: too few replicas confirm it, so nothing is taken at present.
            StoreUnavailable: a server cannot be reached.
        """
        for confirmed in [way.gathering.call("PING") for way in self._ways.all()]:
            await confirmed

    async def ping(self) -> None:
        """Raises StoreUnavailable unless the store answers."""
        async with self._reached():
            for way in self._ways.all():
                await way.client.ping()

    async def _settings(self, way: Way, *names: str) -> dict[str, str]:
        """Settings of a server such as `appendfsync`; none where it keeps them to itself. Raises StoreUnavailable."""
        async with self._reached():
            try:
                found = await way.client.config_get(*names)
            except ResponseError:
                return {}
            return {str(name): str(value) for name, value in found.items()}

    @asynccontextmanager
    async def _reached(self, seconds: float = DEADLINE_SECONDS) -> AsyncIterator[None]:
        """Bounds what is asked of a server in time, and says in our words when it cannot be reached."""
        try:
            async with asyncio.timeout(seconds):
                yield
        except (RedisError, OSError) as exc:
            raise_if_cancelled(exc)
            self._ways.doubt()
            raise StoreUnavailable from exc


def _refuse_an_old_engine(about: dict[str, Any]) -> None:
    if "valkey_version" in about:
        return
    version = str(about.get("redis_version", "0"))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < OLDEST_REDIS:
        raise EngineTooOld("Redis", version, "7.2")
