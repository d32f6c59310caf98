"""Hashing of passwords by Argon2id, in a thread of its own and a queue with an end: the event loop never waits for it.

One hash at a time in a process, at a lower priority: a storm of wrong passwords takes what the reports leave.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from capacity.errors import TooBusy

MOST_WAITING = 16
"""At some 50 ms each nobody waits longer than a second; more are asked to come back."""
NICENESS = 10
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's first choice of parameters: 19 MiB, two passes. One lane, or a hash would take more than one core."""
DUMMY = "$argon2id$v=19$m=19456,t=2,p=1$U0vvH7Dr9FNJfDg3M1ZV7w$bCAZydKTMQ42odwW7XfAN0SenKw6FnVepNjcKMOZzM0"
"""No password is known to have this hash: whoever is unknown costs the same time as everybody else."""
Done = TypeVar("Done")


class Hashing:
    """Makes and checks hashes. Every method raises TooBusy when the queue is full."""

    def __init__(self, hasher: PasswordHasher = HASHER, most_waiting: int = MOST_WAITING) -> None:
        self._hasher = hasher
        self._most_waiting = most_waiting
        self._waiting = 0
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, "argon2", _be_nice)

    def is_full(self) -> bool:
        """Whether one more would be refused."""
        return self._waiting >= self._most_waiting

    def refuse_when_full(self) -> None:
        """Raises TooBusy where one more would be refused: asked before anything that costs more than this."""
        if self.is_full():
            raise TooBusy

    async def hash(self, password: str) -> str:
        """A hash to keep, with its own salt and parameters."""
        return await self._queued(self._hasher.hash, password)

    async def verify(self, kept: str | None, password: str) -> bool:
        """Whether a password has a hash. None: there is none, which takes as long to find out."""
        is_right = await self._queued(self._is_right, DUMMY if kept is None else kept, password)
        return is_right and kept is not None

    def _is_right(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _queued(self, work: Callable[..., Done], *args: str) -> Done:
        self.refuse_when_full()
        with self._lock:
            self._waiting += 1
        future = self._thread.submit(work, *args)
        future.add_done_callback(self._has_left)  # also of one that nobody waits for any more
        return await asyncio.wrap_future(future)

    def _has_left(self, _: object) -> None:
        with self._lock:
            self._waiting -= 1


def _be_nice() -> None:
    with suppress(AttributeError, OSError):  # a thread has a priority of its own on Linux only
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
