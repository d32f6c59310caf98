"""Ways to a cluster: which primary has which slot, asked of its nodes again and again, and at once after a failure."""

import asyncio
import logging
from binascii import crc_hqx
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any, Self

from redis.asyncio import Redis
from redis.exceptions import MovedError, RedisError

from capacity.errors import StoreUnavailable
from capacity.store.cancelling import raise_if_cancelled
from capacity.store.gathering import Argument, GatheringConnection
from capacity.store.live_address import LiveAddress, Node
from capacity.store.ways import DEADLINE_SECONDS, Way, pool_to

SLOTS = 16_384
LOOK_SECONDS = 5.0
SHAPE_SECONDS = 1.0
"""How long a node has to say how it sees the cluster: the others are waited for as long."""
LOOK_AGAIN_SECONDS = 0.2
NOWHERE = "No node of the cluster has this territory now; nothing was taken."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shape:
    """A cluster as one of its nodes sees it. Of two views the one with the greater rank is believed."""

    rank: tuple[bool, int]
    """Whether the node sees a majority, and the epoch of the cluster that it knows."""
    owners: Mapping[tuple[int, int], Node]
    """First and last slot of each range to its primary."""
    nodes: frozenset[Node]

    @property
    def primaries(self) -> set[Node]:
        return set(self.owners.values())


class ClusterWays:
    """A way to each primary of a cluster."""

    def __init__(self, address: LiveAddress, replicas: int) -> None:
        self._address = address
        self._replicas = replicas
        self._slots: list[Way | None] = [None] * SLOTS
        self._ways: dict[Node, Way] = {}
        self._stacks: dict[Node, AsyncExitStack] = {}
        self._clients: dict[Node, Redis] = {}
        self._known: frozenset[Node] = frozenset(address.nodes)
        self._looking = asyncio.Lock()
        self._wake = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def open(cls, address: LiveAddress, replicas: int) -> AsyncIterator[Self]:
        """Ways that follow the cluster as long as the block lasts."""
        ways = cls(address, replicas)
        following = asyncio.create_task(ways._follow(), name="follow the cluster")
        try:
            yield ways
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            for stack in ways._stacks.values():
                await stack.aclose()
            for client in ways._clients.values():
                await client.aclose()

    def to(self, key: str) -> Way:
        """The way to the primary of a key's slot. Raises StoreUnavailable where none has it now."""
        way = self._slots[slot_of(key)]
        if way is None:
            self.doubt()
            raise StoreUnavailable(NOWHERE)
        return way

    def of(self, command: Sequence[Argument]) -> Way:
        """The way for an FCALL, by its first key; any for a command without one. Raises as `to`."""
        if command[0] == "FCALL" and command[2]:
            return self.to(str(command[3]))
        return self.all()[0]

    def all(self) -> Sequence[Way]:
        """A way to each primary. Raises StoreUnavailable while none is known."""
        if not self._ways:
            self.doubt()
            raise StoreUnavailable
        return list(self._ways.values())

    def primaries(self) -> list[Node]:
        """The nodes that take writes."""
        return sorted(self._ways)

    def doubt(self) -> None:
        """Look soon."""
        self._wake.set()

    async def look(self) -> None:
        """Ask all nodes for the cluster's shape, and follow the one who knows best. Raises StoreUnavailable."""
        async with self._looking:
            found = await asyncio.gather(*(self._shape_by(node) for node in {*self._known, *self._address.nodes}))
            shapes = [shape for shape in found if shape is not None]
            if not shapes:
                raise StoreUnavailable
            await self._take(max(shapes, key=lambda shape: shape.rank))

    async def heed(self, moved: MovedError) -> None:
        """Look, and believe of this slot the node that had it: what the others know may be a moment older."""
        await self.look()
        way = self._ways.get((moved.host, moved.port))
        if way is not None:
            self._slots[moved.slot_id] = way

    async def _follow(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self.look()
            except StoreUnavailable:
                log.debug("no node of the cluster answers")
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS if self._ways else LOOK_AGAIN_SECONDS):
                    await self._wake.wait()

    async def _shape_by(self, node: Node) -> Shape | None:
        client = self._clients.get(node)
        if client is None:
            client = Redis.from_pool(pool_to(self._address, *node))
            self._clients[node] = client
        try:
            async with asyncio.timeout(SHAPE_SECONDS), client.pipeline(transaction=False) as line:
                line.execute_command("CLUSTER", "INFO")
                line.execute_command("CLUSTER", "SLOTS")
                info, slots = await line.execute()
        except (RedisError, OSError) as exc:
            raise_if_cancelled(exc)
            return None
        return _shape(node, info, slots)

    async def _take(self, shape: Shape) -> None:
        self._known = shape.nodes
        for node in shape.primaries - self._ways.keys():
            self._ways[node] = await self._open(node, _mark_on(shape, node))
            log.info("the cluster's node %s:%d takes writes", *node)
        slots: list[Way | None] = [None] * SLOTS
        for (first, last), node in shape.owners.items():
            slots[first : last + 1] = [self._ways[node]] * (last + 1 - first)
        self._slots = slots
        for node in self._ways.keys() - shape.primaries:
            del self._ways[node]
            await self._stacks.pop(node).aclose()
        for node, way in self._ways.items():
            if slots[slot_of(way.gathering.mark)] is not way:
                way.gathering.mark = _mark_on(shape, node)
        for node in self._clients.keys() - shape.nodes - {*self._address.nodes}:
            await self._clients.pop(node).aclose()

    async def _open(self, node: Node, mark: str) -> Way:
        pool, stack = pool_to(self._address, *node), AsyncExitStack()
        gathering = GatheringConnection(
            pool.make_connection,
            deadline_seconds=DEADLINE_SECONDS,
            replicas=self._replicas,
            mark=mark,
            doubt=self.doubt,
        )
        self._stacks[node] = stack
        return await stack.enter_async_context(Way.open(pool, gathering))


def slot_of(key: str) -> int:
    """The slot of a key: by its first hash tag, where it has one that is not empty."""
    start = key.find("{")
    end = key.find("}", start + 1)
    tag = key[start + 1 : end] if start >= 0 and end > start + 1 else key
    return crc_hqx(tag.encode(), 0) % SLOTS


def _mark_on(shape: Shape, node: Node) -> str:
    """The key of a mark that lies on a node: one with few slots takes some thousand tries, once."""
    ranges = [slots for slots, owner in shape.owners.items() if owner == node]
    keys = (f"{{settled-{number}}}:mark" for number in count())
    return next(key for key in keys if any(first <= slot_of(key) <= last for first, last in ranges))


def _shape(asked: Node, info: Any, slots: Any) -> Shape:
    """`CLUSTER INFO` and `CLUSTER SLOTS` of a node. A node that gives no host of its own means the one we asked."""
    facts = info if isinstance(info, dict) else _facts(info)
    owners: dict[tuple[int, int], Node] = {}
    nodes = {asked}
    for first, last, *servers in slots:
        found = [(_text(host) or asked[0], int(port)) for host, port, *_ in servers]
        owners[int(first), int(last)] = found[0]
        nodes |= set(found)
    rank = (facts.get("cluster_state") == "ok", int(facts.get("cluster_current_epoch", 0)))
    return Shape(rank, owners, frozenset(nodes))


def _facts(info: bytes | str) -> dict[str, str]:
    return dict(line.split(":", 1) for line in _text(info).splitlines() if ":" in line)


def _text(said: bytes | str | None) -> str:
    return said.decode() if isinstance(said, bytes) else said or ""
