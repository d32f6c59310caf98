"""One territory's channel: its picture, kept current with the live store, and the pace at which readers hear.

One task follows the store, another keeps the pace: it writes what changed since its last message as one message
(a tick), or a heartbeat when nothing did. News that comes while a tick is written waits for the next one and is
merged there, so the ticks grow with the load by themselves.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from random import random
from time import monotonic

import structlog

from capacity.board.changes import Board, Entry
from capacity.board.clocks import Clock, system_clock
from capacity.board.picture import Catchup, Picture, Position
from capacity.board.visibility import WHOLE, View
from capacity.errors import LedgerUnavailable, NotSignedIn, StoreUnavailable, UnknownTerritory
from capacity.services.directory import Directories, Directory
from capacity.services.frames import Message
from capacity.services.lens import Lens
from capacity.services.readers import Counters, Crowd, Reader
from capacity.services.window import Window
from capacity.store.live import LiveStore

LEAST_REST_SECONDS = 0.001
"""A tick that was written within this is followed by none."""
STORE_SILENCE_SECONDS = 3.0
"""The store answers each follower every second, news or not; silent for longer, it is as good as lost."""
RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0)
REGISTRY_LOOK_SECONDS = 1.0
"""How often it is looked whether the registry was edited; it is asked every two seconds at most."""
UNPLACED_RETRY_SECONDS = 0.1

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """The feed's times, with its clocks: `clock` tells the server's time, `monotonic` seconds for waits.

    `chance` gives a number from 0 to below 1.
    """

    tick_seconds: float = 0.020
    """A tick that took long to write is followed by as long a rest, in which news gathers, but by no longer one."""
    heartbeat_seconds: float = 5.0
    stall_seconds: float = 60.0
    clock: Clock = system_clock
    monotonic: Callable[[], float] = monotonic
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep)
    chance: Callable[[], float] = random


class Channel:
    """One territory: its picture, kept current with the live store, and a window for each kind of viewer."""

    def __init__(
        self,
        territory: str,
        picture: Picture,
        store: LiveStore,
        pace: Pace,
        counters: Counters,
        directories: Directories | None = None,
    ) -> None:
        """Without `directories` there is only the window that shows everything."""
        self.territory = territory
        self._picture = picture
        self._store = store
        self._pace = pace
        self._counters = counters
        self._directories = directories
        self._directory: Directory | None = None
        self.whole = self._window(WHOLE, None)
        self._windows: dict[View, Window] = {WHOLE: self.whole}
        self._news = asyncio.Event()
        self._doubt = asyncio.Event()
        self._news_since: float | None = None
        self._is_connected = True
        self._heard_at = pace.monotonic()

    # What readers ask

    @property
    def is_live(self) -> bool:
        """The picture is what the store holds; False from the moment the store is lost or silent. Law 7."""
        return self._is_connected and self._pace.monotonic() - self._heard_at <= STORE_SILENCE_SECONDS

    async def reach(self, position: Position | None) -> None:
        """Catch up with the store first, when a reader knows more than we do.

        A reader that comes from another server may hold a number that is still on its way to us: sending it
        our older rows would take it back. When even the store does not have that number, its writes were
        lost, and the reader gets a complete board.

        Raises:
            UnknownTerritory, StoreUnavailable
        """
        if position and position.epoch.startswith(self._picture.epoch) and position.seq > self._picture.seq:
            await self._agree()

    async def window(self, view: View) -> Window:
        """The window by which a view is served, all of whose rows are placed as far as the registry can tell.

        Raises:
            UnknownTerritory
            NotSignedIn: it is the public's, and this territory does not let the public read.
            LedgerUnavailable: whose the pools are was never known here, and cannot be asked.
        """
        if view.is_whole:
            return self.whole
        if self._directories is None:
            raise LedgerUnavailable("Who may see what is not known here.")
        found = self._window_of(view, await self._directories.of(self.territory))
        if found.has_unplaced():
            self._directories.doubt(self.territory)
            found = self._window_of(view, await self._directories.of(self.territory))
        return found

    def window_now(self, view: View) -> Window:
        """The same after `window` was asked once, without waiting. Raises NotSignedIn."""
        if view.is_whole:
            return self.whole
        if self._directory is None:
            raise NotSignedIn("Who may see what is not known here yet.")
        return self._window_of(view, self._directory)

    def _window_of(self, view: View, directory: Directory) -> Window:
        self._look_through(directory)
        if view.is_whole:
            return self.whole
        narrow = directory.narrowed(view)
        lens = directory.lens(narrow)
        if lens.is_shut:
            raise NotSignedIn("Sign in first.")
        if narrow not in self._windows:
            self._windows[narrow] = self._window(narrow, lens)
        return self._windows[narrow]

    def _window(self, view: View, lens: Lens | None) -> Window:
        crowd = Crowd(self._counters, self._pace.monotonic)
        return Window(self._picture, view, lens, clock=self._pace.clock, chance=self._pace.chance, crowd=crowd)

    # The window that shows everything

    def rows_since(self, position: Position | None) -> Catchup:
        """What a reader at `position` still needs, by all rows. Never awaits."""
        return self.whole.rows_since(position)

    def board(self, position: Position | None) -> tuple[Catchup, Message]:
        """The same, and as the bytes of a message. Never awaits."""
        return self.whole.board(position)

    def join(self, reader: Reader, position: Position | None) -> None:
        """Send the reader what it still needs of everything, and make it one of the readers."""
        self.whole.join(reader, position)

    def leave(self, reader: Reader) -> None:
        """Write to it no more."""
        self.whole.leave(reader)

    def pause(self, reader: Reader) -> None:
        """The reader's connection no longer drains."""
        self.whole.pause(reader)

    def resume(self, reader: Reader) -> None:
        """The reader's connection has drained."""
        self.whole.resume(reader)

    # Keeping the pace

    async def keep_pace(self) -> None:
        """Write ticks and heartbeats, and close who stopped reading, for as long as the process lives."""
        while True:
            try:
                async with asyncio.timeout(self._pace.heartbeat_seconds):
                    await self._news.wait()
            except TimeoutError:
                if self.is_live:
                    await self.tick()
            else:
                started = self._pace.monotonic()
                await self.tick()
                took = self._pace.monotonic() - started
                if took >= LEAST_REST_SECONDS:
                    await self._pace.sleep(min(took, self._pace.tick_seconds))
            self.close_stalled()

    async def tick(self) -> None:
        """Write the rows that changed since the last message; with none of them it is a heartbeat."""
        self._news.clear()
        news_since, self._news_since = self._news_since, None
        for window in list(self._windows.values()):
            if window is self.whole or window.has_readers:
                await window.tick()
                if window.is_waiting:
                    self._doubt.set()
        if news_since is not None:
            self._counters.observe_tick_lag(self._pace.monotonic() - news_since)

    def close_stalled(self) -> None:
        """Close the readers that stopped reading."""
        for window in self._windows.values():
            window.close_stalled(self._pace.stall_seconds)

    # Following the registry

    async def follow_registry(self) -> None:
        """Keep what each view shows current with the registry, for as long as the process lives.

        Who sees everything waits for none of it; the others wait for a row until it is known whose it is.
        """
        if self._directories is None:
            return
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(REGISTRY_LOOK_SECONDS):
                    await self._doubt.wait()
            if len(self._windows) == 1:
                continue
            if self._doubt.is_set():
                self._doubt.clear()
                self._directories.doubt(self.territory)
            try:
                self._look_through(await self._directories.of(self.territory))
            except (LedgerUnavailable, UnknownTerritory) as exc:
                log.debug("what each view shows stays as it was", territory=self.territory, cause=str(exc))
            if any(window.is_waiting for window in self._windows.values()):
                await self._pace.sleep(UNPLACED_RETRY_SECONDS)
                self._doubt.set()

    def _look_through(self, directory: Directory) -> None:
        if directory is self._directory:
            return
        self._directory = directory
        for window in self._windows.values():
            if window.look_through(directory):
                self._news.set()

    # Following the store

    async def follow(self) -> None:
        """Keep the picture current, through every loss of the store, for as long as the process lives."""
        failures = 0
        while True:
            try:
                await self._agree()
                failures = 0
                await self._read()
            except (StoreUnavailable, UnknownTerritory) as exc:
                if self._is_connected:
                    log.warning("the feed lost the live store", territory=self.territory, cause=str(exc))
                self._is_connected = False
                await self._pace.sleep(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
                failures += 1

    async def _read(self) -> None:
        """Take what the stream brings, until it shows a gap or it is time to compare with the store again."""
        picture = self._picture
        agreed_at = self._pace.monotonic()
        async with aclosing(self._store.follow(self.territory, picture.seq)) as reads:
            async for entries in reads:
                if self._picture is not picture or not self._take(entries):
                    return
                if self._heard_at - agreed_at >= self._pace.heartbeat_seconds:
                    return

    def _take(self, entries: list[Entry]) -> bool:
        """Put what one read returned into the picture; False when the stream was trimmed behind us."""
        self._heard_at = self._pace.monotonic()
        for number, entry in enumerate(entries):
            if entry.seq > self._picture.seq + 1:
                self._moved(entries[:number])
                return False
            self._picture.put(entry.seq, entry.rows)
        self._moved(entries)
        return True

    async def _agree(self) -> None:
        """Ask the store for what we lack, as any reader does; another epoch or lost writes make a new picture.

        The store is asked again and again, also while the stream is silent: that the picture is the store's
        is known, never supposed. Source: laws 7 and 8.
        """
        picture, asked = self._picture, self._picture.seq
        board = await self._store.rows_since(self.territory, asked)
        if board.epoch != picture.epoch or board.seq < asked:
            board = await self._store.whole_board(self.territory)
            if self._picture is picture:
                self._replace(Picture.of(board))
        elif self._picture is picture and board.seq > picture.seq:
            picture.put(board.seq, board.rows)
            self._moved([board])
        self._heard_at = self._pace.monotonic()
        if not self._is_connected:
            log.info("the feed found the live store again", territory=self.territory)
            self._is_connected = True
            self._news.set()  # an early heartbeat: the screens need not wait for the next

    def _replace(self, picture: Picture) -> None:
        self._picture = picture
        for window in self._windows.values():
            window.replace(picture)
        self._rows_moved()

    def _moved(self, brought: Iterable[Entry | Board]) -> None:
        """The picture has taken these; numbers without rows change no catch-up and can wait for the next tick."""
        if any(one.rows for one in brought):
            self._rows_moved()

    def _rows_moved(self) -> None:
        for window in self._windows.values():
            window.moved()
        if self._news_since is None:
            self._news_since = self._pace.monotonic()
        self._news.set()
