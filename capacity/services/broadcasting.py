"""Broadcasting: each territory's stream becomes a picture in memory, and its news goes to the feed's readers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import copy_context
from typing import Self

import structlog

from capacity.board.picture import Picture
from capacity.errors import StoreUnavailable
from capacity.services.channel import Channel, Pace
from capacity.services.directory import Directories
from capacity.services.readers import Counters
from capacity.services.waves import Waves
from capacity.store.live import LiveStore

CANCEL_AGAIN_SECONDS = 0.1


class Hub:
    """The channels of one process, each opened by its first reader. Opened with `Hub.open`."""

    def __init__(
        self, store: LiveStore, pace: Pace, group: asyncio.TaskGroup, directories: Directories | None = None
    ) -> None:
        self._directories = directories
        self.counters = Counters()
        self.waves = Waves()
        self._store = store
        self._pace = pace
        self._group = group
        self._tasks: list[asyncio.Task[None]] = []
        self._channels: dict[str, Channel] = {}

    @classmethod
    @asynccontextmanager
    async def open(
        cls, store: LiveStore, pace: Pace | None = None, directories: Directories | None = None
    ) -> AsyncIterator[Self]:
        """A hub whose tasks end with the context, and end the context when one of them fails.

        `directories` tell whose a pool is, for those who may not see everything.
        """
        async with asyncio.TaskGroup() as group:
            hub = cls(store, pace or Pace(), group, directories)
            try:
                yield hub
            finally:
                await _end(hub._tasks)

    async def channel(self, territory: str) -> Channel:
        """The territory's channel, with a picture that is the store's.

        Raises:
            UnknownTerritory: the store does not have it.
            StoreUnavailable: the store cannot be reached: our picture would look live and not be. Law 7.
        """
        channel = self._channels.get(territory) or await self._open(territory)
        if not channel.is_live:
            raise StoreUnavailable
        return channel

    async def _open(self, territory: str) -> Channel:
        picture = Picture.of(await self._store.whole_board(territory))
        if territory in self._channels:  # another reader opened it while we asked
            return self._channels[territory]
        channel = Channel(territory, picture, self._store, self._pace, self.counters, self._directories)
        self._channels[territory] = channel
        # These outlive the request that asked first: what its log lines carry is not theirs.
        own = copy_context()
        own.run(structlog.contextvars.unbind_contextvars, "request_id")
        self._tasks += [
            self._group.create_task(channel.follow(), name=f"follow {territory}", context=own),
            self._group.create_task(channel.keep_pace(), name=f"keep pace for {territory}", context=own),
            self._group.create_task(channel.follow_registry(), name=f"follow the registry of {territory}", context=own),
        ]
        return channel


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel until all have ended: in Python 3.11 `wait_for`, in the client's sends, can swallow a cancellation."""
    going = {task for task in tasks if not task.done()}
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=CANCEL_AGAIN_SECONDS)
