"""One connection to the live store that sends all calls of an event-loop turn as one pipeline.

Measured (architecture.md, "The write path, fast"): the round trip's bookkeeping is the cost of a call, not the call.
Under `appendfsync always` the calls of a turn also share one fsync, and one word from the replicas (`keeping.py`).
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from hiredis import pack_command
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ReadOnlyError, RedisError, ResponseError

from capacity.errors import InDoubt, ReplicaAway, StoreUnavailable
from capacity.store.keeping import MARK, Proof

MOST_WAITING = 4_096
"""Calls that wait for the next pipeline: more are refused at once, so that a store that hangs fills no memory."""

log = logging.getLogger(__name__)

Argument = str | int | float | bytes


class Call(Protocol):
    """A command on its way. It is told one of the three, once, in the turn in which its pipeline came back.

    Whoever is told must not raise: it would be a fault of ours, which the log has, and nobody would be answered.
    """

    @property
    def command(self) -> tuple[Argument, ...]:
        """What is sent."""

    def deliver(self, reply: Any) -> None:
        """The store's reply."""

    def refuse(self, refusal: ResponseError) -> None:
        """The store refused this command."""

    def fail(self, failure: StoreUnavailable) -> None:
        """The connection failed, or we stop, before the reply came: InDoubt where the command may have run."""


@dataclass(frozen=True, slots=True)
class _Awaited:
    """A call that somebody waits for."""

    command: tuple[Argument, ...]
    answer: "asyncio.Future[Any]"

    def deliver(self, reply: Any) -> None:
        if not self.answer.done():
            self.answer.set_result(reply)

    def refuse(self, refusal: ResponseError) -> None:
        if not self.answer.done():
            self.answer.set_exception(refusal)

    def fail(self, failure: StoreUnavailable) -> None:
        if not self.answer.done():
            self.answer.set_exception(failure)
            self.answer.exception()  # a caller that has given up already must not leave a warning behind


class GatheringConnection:
    """Calls made while the last pipeline was under way go out together as the next; each gets its own answer."""

    def __init__(
        self,
        connect: Callable[[], AbstractConnection],
        *,
        deadline_seconds: float,
        replicas: int = 0,
        mark: str = MARK,
        doubt: Callable[[], None] = lambda: None,
    ) -> None:
        """`replicas` must have on disk what was done before anybody is told so; `doubt` hears of each failure."""
        self._connect = connect
        self._deadline_seconds = deadline_seconds
        self._replicas = replicas
        self._doubt = doubt
        self._connection: AbstractConnection | None = None
        self._is_proven = False
        """Whether the replicas have confirmed anything on this connection: before that, nothing is sent on it."""
        self._is_sent = False
        self._waiting: list[Call] = []
        self._sent: list[Call] = []
        self._wake = asyncio.Event()
        self.mark = mark
        self.waits_for_disk = True
        """Whether each pipeline ends by waiting for the server's disk: where it does not fsync before it answers."""

    @property
    def proof(self) -> Proof:
        """What a pipeline ends with."""
        return Proof(self.mark, self._replicas, self.waits_for_disk, self._deadline_seconds)

    def call(self, *command: Argument) -> "asyncio.Future[Any]":
        """Queue one command for the next pipeline; the future answers with its reply.

        Raises:
            StoreUnavailable: too many wait already; nothing was sent.

        Raises (from the future):
            InDoubt: the command was sent and may have run; the same one again, by its id, tells.
            StoreUnavailable: it was not sent.
            ResponseError: the store refused this command.
        """
        answer = asyncio.get_running_loop().create_future()
        self.send(_Awaited(command, answer))
        return answer

    def send(self, call: Call) -> None:
        """Queue one command whose caller is told by itself, without a future and the turn that it takes.

        Raises:
            StoreUnavailable: too many wait already; nothing was sent.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise StoreUnavailable("Too many wait for the live store; nothing was taken.")
        self._waiting.append(call)
        self._wake.set()

    @property
    def under_way(self) -> int:
        """How many calls have no answer yet: those that wait, and those of the pipeline that was sent."""
        return len(self._waiting) + len(self._sent)

    async def run(self) -> None:
        """Send and receive until cancelled. A lost connection fails what it carried; the next call makes a new one."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                calls = self._sent = self._waiting
                self._waiting = []
                self._is_sent = False
                try:
                    async with asyncio.timeout(self._deadline_seconds):
                        await self._exchange(calls)
                except (RedisError, OSError, StoreUnavailable) as exc:
                    self._fail(calls, exc)
                    await self._drop()
                    self._doubt()
                self._sent = []
        finally:
            self._fail(self._sent, None)
            self._is_sent = False
            self._fail(self._waiting, None)
            await self._drop()

    async def _exchange(self, calls: list[Call]) -> None:
        connection = self._connection or await self._connected()
        commands = [call.command for call in calls]
        proof = self.proof  # it may change meanwhile, and each reply belongs to one command
        if self._replicas and not self._is_proven:
            await self._send(connection, list(proof.commands))
            if not proof.holds(await self._last_of(connection, len(proof.commands))):
                raise ReplicaAway
            self._is_proven = True
        self._is_sent = True
        await self._send(connection, [*commands, *proof.commands])
        replies = await self._replies(connection, len(calls))
        if proof.commands and not proof.holds(await self._last_of(connection, len(proof.commands))):
            raise TimeoutError("what was done did not reach all its disks in time")
        for call, reply in zip(calls, replies, strict=True):
            try:
                if isinstance(reply, ResponseError):
                    call.refuse(reply)
                else:
                    call.deliver(reply)
            except Exception:
                log.exception("a caller broke on its reply; the others get theirs")
        if any(isinstance(reply, ReadOnlyError) for reply in replies):  # it was the primary, and is no more
            await self._drop()

    async def _connected(self) -> AbstractConnection:
        connection = self._connect()
        await connection.connect()  # type: ignore[no-untyped-call]  # redis has no types here
        self._connection = connection
        return connection

    @staticmethod
    async def _send(connection: AbstractConnection, commands: list[tuple[Argument, ...]]) -> None:
        packed = b"".join(pack_command(command) for command in commands)  # type: ignore[arg-type]  # its stub is wrong
        await connection.send_packed_command(packed, check_health=False)

    @staticmethod
    async def _replies(connection: AbstractConnection, number: int) -> list[Any]:
        """What came back, in order; a refusal as a value, so that the others still get theirs."""
        replies: list[Any] = []
        while len(replies) < number:
            try:
                replies.append(await connection.read_response())
            except ResponseError as refusal:
                replies.append(refusal)
        return replies

    @staticmethod
    async def _last_of(connection: AbstractConnection, number: int) -> Any:
        """The last of so many replies. A refusal is raised: nothing is proven then."""
        reply = None
        for _ in range(number):
            reply = await connection.read_response()
        return reply

    def _fail(self, calls: list[Call], cause: BaseException | None) -> None:
        for call in calls:
            if isinstance(cause, StoreUnavailable):
                failure = type(cause)()
            else:
                failure = InDoubt() if self._is_sent else StoreUnavailable()
            failure.__cause__ = cause
            call.fail(failure)

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._is_proven = False
            self.waits_for_disk = True  # the next one may be to another server, until its settings were seen
            await connection.disconnect(nowait=True)
