"""The live store: where an update lands and where "now" is decided, by functions that run inside Redis or Valkey."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Container, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

from redis.exceptions import MovedError, ResponseError

from capacity.board.changes import Board, Entry, RowChange
from capacity.errors import CapacityError, ReplicaAway, StoreNotDurable, StoreUnavailable, UnknownTerritory
from capacity.store import functions
from capacity.store.gathering import Argument, Call
from capacity.store.keys import ALL_METAS, Keys, territory_of
from capacity.store.live_address import live_address
from capacity.store.servers import Servers
from capacity.store.ways import Ways, ways_to

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


class LiveStore(Servers):
    """One process's connections to the live store. Opened with `LiveStore.open`."""

    def __init__(self, ways: Ways, min_replicas: int) -> None:
        super().__init__(ways, min_replicas)
        self.stopped = ""
        """Why nothing may be taken or told from here, in one sentence: it is not the store of our ledger."""
        self.expected: Container[str] = ()
        """The territories of the registry: one of them that is not here is being rebuilt, and not unknown."""

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, min_replicas: int = 0) -> AsyncIterator[Self]:
        """Connections for as long as the context lasts; reaching the store is left to the first call.

        Raises:
            ValueError: the address is of no form that `live_address` knows.
        """
        async with ways_to(live_address(url), min_replicas) as ways:
            yield cls(ways, min_replicas)

    def ask(self, function: str, keys: Sequence[str], args: Sequence[Argument]) -> Asked:
        """Put one function call into the turn's pipeline, without waiting; `answer` waits.

        Raises:
            StoreNotDurable: the server was seen to write nothing to disk; nothing was sent.
            StoreUnavailable: too many calls wait already, this is not our ledger's store, or no server of a cluster has
                these keys now; nothing was sent.
        """
        self._refuse_if_stopped()
        command = fcall(function, keys, args)
        return Asked(command, self._ways.of(command).gathering.call(*command))

    def send(self, call: Call) -> None:
        """Put a call into the turn's pipeline that is told its reply by itself, refusals too. Raises as `ask`."""
        self._refuse_if_stopped()
        self._ways.of(call.command).gathering.send(call)

    def under_way(self) -> int:
        """How many calls of `ask`, `call` and `send` have no answer yet."""
        try:
            return sum(way.gathering.under_way for way in self._ways.all())
        except StoreUnavailable:
            return 0

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

        A server that has lost its library (an emptied one, a new one of a cluster) is given it again, once; a call
        that came to the wrong node of a cluster is taken to the right one, once.

        Raises:
            InDoubt: no answer came; the command may or may not have run, so resend it with the same id.
            StoreUnavailable: it could not be sent, or the store refused it.
        """
        try:
            return await asked.reply
        except ResponseError as exc:
            if not await self._is_cured(exc):
                raise StoreUnavailable(f"The live store refused the command: {exc}") from exc
        try:
            return await self._ways.of(asked.command).gathering.call(*asked.command)
        except ResponseError as exc:
            raise StoreUnavailable(f"The live store refused the command: {exc}") from exc

    async def call(self, function: str, keys: Sequence[str], args: Sequence[Argument]) -> Any:
        """Ask and wait for the answer. Raises as `answer` does."""
        return await self.answer(self.ask(function, keys, args))

    async def read(self, function: str, keys: Sequence[str], args: Sequence[Argument]) -> Any:
        """A function that only reads: its answer need not wait for any disk."""
        if self.stopped:
            raise StoreUnavailable(self.stopped)
        async with self._reached():
            try:
                return await self._ways.to(keys[0]).client.fcall_ro(function, len(keys), *keys, *args)
            except ResponseError as exc:
                if not await self._is_cured(exc):
                    raise
            return await self._ways.to(keys[0]).client.fcall_ro(function, len(keys), *keys, *args)

    async def _is_cured(self, refusal: ResponseError) -> bool:
        """Whether the cause of a refusal is out of the world, so that it is worth asking again."""
        if functions.MISSING_FUNCTION in str(refusal):
            await self._prepare_again()
        elif isinstance(refusal, MovedError):
            await self._ways.heed(refusal)
        else:
            return False
        return True

    async def _settled(self, key: str, *command: Argument) -> Any:
        """The reply to a read, once the replicas have on disk all that it can have shown.

        Who showed or recorded more would know numbers that a failover gives to other commands. The read and the proof
        are one pipeline: on two connections they could be of two servers, the one that was the primary and the one
        that is.

        Raises:
            ReplicaAway: they did not confirm it in time.
            StoreUnavailable
        """
        way = self._ways.to(key)
        proof = way.gathering.proof
        async with self._reached(), way.client.pipeline(transaction=False) as line:
            for each in (command, *proof.commands):
                line.execute_command(*each)
            reply, *_, last = await line.execute()
        if not proof.holds(last):
            raise ReplicaAway("The live store's replicas do not confirm what it shows.")
        return reply

    async def rows_since(self, territory: str, since: int) -> Board:
        """The rows stamped after `since`, tombstones too, oldest stamp first. Law 8.

        Where replicas are waited for, only what they have too.

        Raises:
            UnknownTerritory, StoreUnavailable
        """
        keys = Keys.of(territory)
        asked = ("rows_since_v1", (keys.meta, keys.rows, keys.stamps), (since,))
        reply = await self.read(*asked)
        if self.min_replicas and reply and int(reply[1]) != since:
            reply = await self._settled(keys.meta, *fcall(*asked, "FCALL_RO"))
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
        meta = Keys.of(territory).meta
        async with self._reached():
            epoch, seq = await self._ways.to(meta).client.hmget(meta, ["epoch", "seq"])
        return (epoch.decode(), int(seq)) if isinstance(epoch, bytes) and isinstance(seq, bytes) else None

    async def standing(self, territory: str) -> LiveStanding | None:
        """Where a territory stands; None when it is not open. Raises StoreUnavailable."""
        keys = Keys.of(territory)
        async with self._reached(), self._ways.to(keys.meta).client.pipeline(transaction=True) as instant:
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
        async with self._reached(DROP_SECONDS):
            client = self._ways.to(tag).client
            all_keys = [key async for key in client.scan_iter(f"{tag}*", count=2_000)]
            found = [key for key in all_keys if key.decode().removeprefix(tag).startswith(OF_THE_BOARD)]
            for start in range(0, len(found), ENTRIES_A_READ):
                await client.unlink(*found[start : start + ENTRIES_A_READ])

    async def territories(self) -> list[str]:
        """The territories that are open here, by a walk over all keys: for who cannot ask the registry.

        Raises:
            StoreUnavailable
        """
        async with self._reached():
            return [
                territory_of(key.decode())
                for way in self._ways.all()
                async for key in way.client.scan_iter(ALL_METAS, count=1_000)
            ]

    async def is_whole(self, territory: str) -> bool:
        """Whether the territory is open and all pools of the registry were brought to it. Raises StoreUnavailable."""
        meta = Keys.of(territory).meta
        async with self._reached():
            epoch, is_partial = await self._ways.to(meta).client.hmget(meta, ["epoch", "is_partial"])
        return epoch is not None and is_partial is None

    async def opened_after(self, territory: str) -> int:
        """The number after which this epoch of a territory began. Raises StoreUnavailable."""
        meta = Keys.of(territory).meta
        async with self._reached():
            return int(await self._ways.to(meta).client.hget(meta, "opened_after") or 0)

    async def follow(self, territory: str, after_seq: int, *, block_ms: int = 1_000) -> AsyncGenerator[list[Entry]]:
        """The entries after a number, as each read returns them; an empty list when `block_ms` passed without any.

        Entries may start later than `after_seq` + 1 when the stream was trimmed in between: the caller looks. Where
        replicas are waited for, an entry comes once they have it.

        Raises:
            StoreUnavailable: the store cannot be reached; start anew at the position reached.
        """
        stream = Keys.of(territory).stream
        while True:
            async with self._reached():
                replies = await self._ways.to(stream).client.xread({stream: f"{after_seq}-0"}, ENTRIES_A_READ, block_ms)
            found = _entries_of(replies)
            if found and self.min_replicas:
                found = await self._settled(stream, "XRANGE", stream, f"({after_seq}-0", "+", "COUNT", ENTRIES_A_READ)
            entries = [_entry(*item) for item in found]
            if entries:
                after_seq = entries[-1].seq
            yield entries

    async def entries(self, territory: str, after_seq: int, limit: int) -> list[Entry]:
        """At most `limit` entries after a number, oldest first. Raises StoreUnavailable."""
        stream = Keys.of(territory).stream
        async with self._reached():
            found: Any = await self._ways.to(stream).client.xrange(stream, f"({after_seq}-0", "+", limit)
        return [_entry(*item) for item in found]

    async def trim(self, territory: str, through_seq: int) -> None:
        """Drop the stream's entries up to and with a number. Only the recorder calls this. Law 6."""
        stream = Keys.of(territory).stream
        async with self._reached():
            await self._ways.to(stream).client.xtrim(stream, minid=f"{through_seq + 1}-0", approximate=True)


def fcall(function: str, keys: Sequence[str], args: Sequence[Argument], command: str = "FCALL") -> tuple[Argument, ...]:
    """A function call as a command."""
    return (command, function, len(keys), *keys, *args)


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
