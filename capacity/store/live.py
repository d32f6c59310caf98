"""The live store: where an update lands and where "now" is decided, by functions that run inside Redis or Valkey."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Container, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError, ResponseError

from capacity.board.changes import Board, Entry, RowChange
from capacity.errors import CapacityError, EngineTooOld, StoreNotDurable, StoreUnavailable, UnknownTerritory
from capacity.store import functions
from capacity.store.cancelling import raise_if_cancelled
from capacity.store.gathering import Argument, Call, GatheringConnection
from capacity.store.keys import ALL_METAS, Keys, territory_of

OLDEST_REDIS = (7, 2)
DEADLINE_SECONDS = 5.0
DROP_SECONDS = 60.0
ENTRIES_A_READ = 1_000
GETTING_BACK = "The live store is getting this territory's pools back; nothing was taken."


@dataclass(frozen=True, slots=True)
class Asked:
    """A function call on its way: the command, to be asked again if need be, and the reply to come."""

    command: tuple[Argument, ...]
    reply: "asyncio.Future[Any]"


@dataclass(frozen=True, slots=True)
class LiveStanding:
    """A territory's epoch and latest number, and the number that the epoch began after.

    `first` is the first number that the stream still holds, None while it is empty.
    """

    epoch: str
    seq: int
    opened_after: int
    is_partial: bool
    first: int | None


OF_THE_BOARD = (
    "rows", "stamps", "stream", "holds", "codes", "contingents",
    "pool:", "movements:", "hold:", "promises:", "answer:", "request:", "requests:", "searched:",
)  # fmt: skip
"""What of a territory a rebuild makes anew, by the beginning of its name; who signs in or pairs is none of it."""


class AnyName:
    """All names there can be."""

    def __contains__(self, name: object) -> bool:
        return True


class LiveStore:
    """One process's connections to the live store. Opened with `LiveStore.open`."""

    def __init__(self, url: str) -> None:
        # The deadlines are ours, one a call or a pipeline. redis-py's own would cost a task to send and a timer a
        # reply, and its `wait_for` can swallow a cancellation in Python 3.11.
        self._pool = ConnectionPool.from_url(
            url, socket_connect_timeout=DEADLINE_SECONDS, socket_timeout=None, max_connections=1_024
        )
        self._client: Redis = Redis(connection_pool=self._pool)
        self._gathering = GatheringConnection(self._pool.make_connection, deadline_seconds=DEADLINE_SECONDS)
        self._is_durable = True
        self.stopped = ""
        """Why nothing may be taken or told from here, in one sentence: it is not the store of our ledger."""
        self.expected: Container[str] = ()
        """The territories of the registry: one of them that is not here is being rebuilt, and not unknown."""

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Self]:
        """Connections for as long as the context lasts; reaching the store is left to the first call."""
        store = cls(url)
        gathering = asyncio.create_task(store._gathering.run(), name="gather calls to the live store")
        try:
            yield store
        finally:
            gathering.cancel()
            await asyncio.gather(gathering, return_exceptions=True)
            await store._client.aclose()
            await store._pool.disconnect()

    async def prepare(self) -> None:
        """Check the server's version and its promise to keep what it accepts, and load the function library.

        Raises:
            EngineTooOld: the server is older than Redis 7.2.
            StoreNotDurable: the server writes nothing to disk.
            StoreUnavailable: the server cannot be reached.
        """
        async with _reached():
            about = await self._client.info("server")
            _refuse_an_old_engine(about)
            await self.check_durability()
            await self._client.function_load(functions.source(), replace=True)

    async def check_durability(self) -> str:
        """How the server keeps what it accepts: `fsync always`, or by our waiting for its disk. Law 6.

        Raises:
            StoreNotDurable: it writes nothing to disk, so that no success could be kept.
            StoreUnavailable: the server cannot be reached.
        """
        settings = await self.settings("appendonly", "appendfsync")
        self._is_durable = settings.get("appendonly") != "no"
        if not self._is_durable:
            raise StoreNotDurable
        self._gathering.waits_for_disk = settings.get("appendfsync") != "always"
        return "waits for the disk" if self._gathering.waits_for_disk else "fsync always"

    def ask(self, function: str, keys: Sequence[str], args: Sequence[Argument]) -> Asked:
        """Put one function call into the turn's pipeline, without waiting; `answer` waits.

        Raises:
            StoreNotDurable: the server was seen to write nothing to disk; nothing was sent.
            StoreUnavailable: too many calls wait already, or this is not our ledger's store; nothing was sent.
        """
        self._refuse_if_stopped()
        command = fcall(function, keys, args)
        return Asked(command, self._gathering.call(*command))

    def send(self, call: Call) -> None:
        """Put a call into the turn's pipeline that is told its reply by itself, refusals too. Raises as `ask`."""
        self._refuse_if_stopped()
        self._gathering.send(call)

    def under_way(self) -> int:
        """How many calls of `ask`, `call` and `send` have no answer yet."""
        return self._gathering.under_way

    def _refuse_if_stopped(self) -> None:
        if not self._is_durable:
            raise StoreNotDurable
        if self.stopped:
            raise StoreUnavailable(self.stopped)

    def unopened(self, territory: str) -> CapacityError:
        """What is wrong where a territory is not open here: lost for a moment, or unknown."""
        return StoreUnavailable(GETTING_BACK) if territory in self.expected else UnknownTerritory()

    async def answer(self, asked: Asked) -> Any:
        """The reply to a call that was asked.

        A server that has lost its library (a failover, an emptied one) is given it again, once.

        Raises:
            StoreUnavailable: no answer came; the command may or may not have run, so resend it with the same id.
        """
        try:
            return await asked.reply
        except ResponseError as exc:
            if functions.MISSING_FUNCTION not in str(exc):
                raise StoreUnavailable(f"The live store refused the command: {exc}") from exc
        await self.prepare()
        try:
            return await self._gathering.call(*asked.command)
        except ResponseError as exc:
            raise StoreUnavailable(f"The live store refused the command: {exc}") from exc

    async def call(self, function: str, keys: Sequence[str], args: Sequence[Argument]) -> Any:
        """Ask and wait for the answer. Raises StoreUnavailable as `answer` does."""
        return await self.answer(self.ask(function, keys, args))

    async def read(self, function: str, keys: Sequence[str], args: Sequence[Argument]) -> Any:
        """A function that only reads: its answer need not wait for any disk."""
        if self.stopped:
            raise StoreUnavailable(self.stopped)
        async with _reached():
            try:
                return await self._client.fcall_ro(function, len(keys), *keys, *args)
            except ResponseError as exc:
                if functions.MISSING_FUNCTION not in str(exc):
                    raise
            await self.prepare()
            return await self._client.fcall_ro(function, len(keys), *keys, *args)

    async def rows_since(self, territory: str, since: int) -> Board:
        """The rows stamped after `since`, tombstones too, oldest stamp first. Law 8.

        Raises:
            UnknownTerritory, StoreUnavailable
        """
        keys = Keys.of(territory)
        reply = await self.read("rows_since_v1", (keys.meta, keys.rows, keys.stamps), (since,))
        if not reply:
            raise self.unopened(territory)
        epoch, seq, *flat = reply
        rows = [RowChange.of(int(stamp), row) for stamp, row in zip(flat[::2], flat[1::2], strict=True)]
        return Board(epoch.decode(), int(seq), rows)

    async def whole_board(self, territory: str) -> Board:
        """All rows of a territory, tombstones too. Raises as `rows_since`."""
        return await self.rows_since(territory, 0)

    async def position(self, territory: str) -> tuple[str, int] | None:
        """A territory's epoch and latest number; None when it was never opened. Raises StoreUnavailable."""
        async with _reached():
            epoch, seq = await self._client.hmget(Keys.of(territory).meta, ["epoch", "seq"])
        return (epoch.decode(), int(seq)) if isinstance(epoch, bytes) and isinstance(seq, bytes) else None

    async def standing(self, territory: str) -> LiveStanding | None:
        """Where a territory stands; None when it is not open. Raises StoreUnavailable."""
        keys = Keys.of(territory)
        async with _reached(), self._client.pipeline(transaction=True) as instant:
            instant.hmget(keys.meta, ["epoch", "seq", "opened_after", "is_partial"])
            instant.xrange(keys.stream, count=1)
            (epoch, seq, opened_after, is_partial), first = await instant.execute()
        if not isinstance(epoch, bytes) or not isinstance(seq, bytes):
            return None
        first_seq = int(first[0][0].split(b"-")[0]) if first else None
        return LiveStanding(epoch.decode(), int(seq), int(opened_after or 0), is_partial is not None, first_seq)

    async def drop(self, territory: str) -> None:
        """Take away what is left of a territory that is closed for its rebuild. Raises StoreUnavailable."""
        tag = "{" + territory + "}:"
        async with _reached(DROP_SECONDS):
            all_keys = [key async for key in self._client.scan_iter(f"{tag}*", count=2_000)]
            found = [key for key in all_keys if key.decode().removeprefix(tag).startswith(OF_THE_BOARD)]
            for start in range(0, len(found), ENTRIES_A_READ):
                await self._client.unlink(*found[start : start + ENTRIES_A_READ])

    async def territories(self) -> list[str]:
        """The territories that are open here, by a walk over all keys: for who cannot ask the registry.

        Raises:
            StoreUnavailable
        """
        async with _reached():
            return [territory_of(key.decode()) async for key in self._client.scan_iter(ALL_METAS, count=1_000)]

    async def is_whole(self, territory: str) -> bool:
        """Whether the territory is open and all pools of the registry were brought to it. Raises StoreUnavailable."""
        async with _reached():
            epoch, is_partial = await self._client.hmget(Keys.of(territory).meta, ["epoch", "is_partial"])
        return epoch is not None and is_partial is None

    async def opened_after(self, territory: str) -> int:
        """The number after which this epoch of a territory began. Raises StoreUnavailable."""
        async with _reached():
            return int(await self._client.hget(Keys.of(territory).meta, "opened_after") or 0)

    async def follow(self, territory: str, after_seq: int, *, block_ms: int = 1_000) -> AsyncGenerator[list[Entry]]:
        """The entries after a number, as each read returns them; an empty list when `block_ms` passed without any.

        Entries may start later than `after_seq` + 1 when the stream was trimmed in between: the caller looks.

        Raises:
            StoreUnavailable: the store cannot be reached; start anew at the position reached.
        """
        stream = Keys.of(territory).stream
        while True:
            async with _reached():
                replies = await self._client.xread({stream: f"{after_seq}-0"}, ENTRIES_A_READ, block_ms)
            entries = [_entry(*item) for item in _entries_of(replies)]
            if entries:
                after_seq = entries[-1].seq
            yield entries

    async def entries(self, territory: str, after_seq: int, limit: int) -> list[Entry]:
        """At most `limit` entries after a number, oldest first. Raises StoreUnavailable."""
        async with _reached():
            found: Any = await self._client.xrange(Keys.of(territory).stream, f"({after_seq}-0", "+", limit)
        return [_entry(*item) for item in found]

    async def trim(self, territory: str, through_seq: int) -> None:
        """Drop the stream's entries up to and with a number. Only the recorder calls this. Law 6."""
        async with _reached():
            await self._client.xtrim(Keys.of(territory).stream, minid=f"{through_seq + 1}-0", approximate=True)

    async def ping(self) -> None:
        """Raises StoreUnavailable unless the store answers."""
        async with _reached():
            await self._client.ping()

    async def settings(self, *names: str) -> dict[str, str]:
        """Settings of the server such as `appendfsync`; none where it keeps them to itself. Raises StoreUnavailable."""
        async with _reached():
            try:
                found = await self._client.config_get(*names)
            except ResponseError:
                return {}
            return {str(name): str(value) for name, value in found.items()}


def fcall(function: str, keys: Sequence[str], args: Sequence[Argument]) -> tuple[Argument, ...]:
    """A function call as a command."""
    return ("FCALL", function, len(keys), *keys, *args)


@asynccontextmanager
async def _reached(seconds: float = DEADLINE_SECONDS) -> AsyncIterator[None]:
    """Bounds what is asked of the server in time, and says in our words when it cannot be reached."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except (RedisError, OSError) as exc:
        raise_if_cancelled(exc)
        raise StoreUnavailable from exc


def _refuse_an_old_engine(about: dict[str, Any]) -> None:
    if "valkey_version" in about:
        return
    version = str(about.get("redis_version", "0"))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < OLDEST_REDIS:
        raise EngineTooOld("Redis", version, "7.2")


def _entries_of(replies: Any) -> list[Any]:
    """The entries of the one stream asked for, whether the client speaks RESP2 (pairs) or RESP3 (a map)."""
    if not replies:
        return []
    if isinstance(replies, dict):
        (entries,) = replies.values()
        return list(entries[0]) if entries and isinstance(entries[0], list) else list(entries)
    return list(replies[0][1])


def _entry(entry_id: bytes, fields: dict[bytes, bytes]) -> Entry:
    seq = int(entry_id.split(b"-")[0])
    return Entry(
        seq,
        fields[b"command"],
        [RowChange.of(seq, row) for row in fields[b"rows"].splitlines()],
        fields.get(b"kept", b""),
    )
