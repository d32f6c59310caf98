"""One connection to the live store that sends all calls of an event-loop turn as one pipeline.

Measured (architecture.md, "The write path, fast"): the round trip's bookkeeping is the cost of a call, not the call.
Under `appendfsync always` the calls of a turn also share one fsync.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from hiredis import pack_command
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError, ResponseError

from capacity.errors import StoreUnavailable

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

    def fail(self, cause: BaseException | None) -> None:
        """The connection failed, or we stop, before the reply came; the command may or may not have run."""


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

    def fail(self, cause: BaseException | None) -> None:
        if not self.answer.done():
            failure = StoreUnavailable()
            failure.__cause__ = cause
            self.answer.set_exception(failure)
            self.answer.exception()  # a caller that has given up already must not leave a warning behind


class GatheringConnection:
    """Calls made while the last pipeline was under way go out together as the next; each gets its own answer."""

    def __init__(self, connect: Callable[[], AbstractConnection], *, deadline_seconds: float) -> None:
        self._connect = connect
        self._deadline_seconds = deadline_seconds
        self._connection: AbstractConnection | None = None
        self._waiting: list[Call] = []
        self._sent: list[Call] = []
        self._wake = asyncio.Event()
        self.waits_for_disk = True
        """Whether each pipeline ends by waiting for the server's disk: where it does not fsync before it answers."""

    def call(self, *command: Argument) -> "asyncio.Future[Any]":
        """Queue one command for the next pipeline; the future answers with its reply.

        Raises StoreUnavailable as `send`, and from the future:
            StoreUnavailable: the connection failed before the answer came; the command may or may not have run.
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
                try:
                    async with asyncio.timeout(self._deadline_seconds):
                        await self._exchange(calls)
                except (RedisError, OSError, TimeoutError) as exc:
                    for call in calls:
                        call.fail(exc)
                    await self._drop()
                self._sent = []
        finally:
            for call in [*self._sent, *self._waiting]:
                call.fail(None)
            await self._drop()

    async def _exchange(self, calls: list[Call]) -> None:
        if self._connection is None:
            connection = self._connect()
            await connection.connect()  # type: ignore[no-untyped-call]  # redis has no types here
            self._connection = connection
        connection = self._connection
        commands = [call.command for call in calls]
        waits_for_disk = self.waits_for_disk  # it may change meanwhile, and each reply belongs to one command
        if waits_for_disk:
            commands.append(("WAITAOF", 1, 0, round(self._deadline_seconds * 1000)))
        packed = b"".join(pack_command(command) for command in commands)  # type: ignore[arg-type]  # its stub is wrong
        await connection.send_packed_command(packed, check_health=False)
        replies = await self._replies(connection, len(calls))
        if waits_for_disk:
            local, _ = await connection.read_response()
            if local < 1:
                raise TimeoutError("the live store did not reach its disk in time")
        for call, reply in zip(calls, replies, strict=True):
            try:
                if isinstance(reply, ResponseError):
                    call.refuse(reply)
                else:
                    call.deliver(reply)
            except Exception:
                log.exception("a caller broke on its reply; the others get theirs")

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

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)
