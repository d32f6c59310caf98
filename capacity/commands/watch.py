"""`capacity watch`: the board live in a terminal; in a pipe, one line a changed row."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import uniform
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus, WebSocketException

from capacity.board.clocks import Clock, system_clock
from capacity.commands.mirror import Mirror, Row, rank
from capacity.commands.service import LOOPBACK, Service, ms_of, signed_in
from capacity.commands.token import token_for
from capacity.commands.watch_holds import Promises, holds_table
from capacity.commands.watch_view import Known, Link, View, board_table, link_line, plain_line
from capacity.errors import FileRefused, ServiceRefused, ServiceUnreachable
from capacity.vocabulary.words import Audience, Channel, Unit

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 10.0
REPAINTS_A_SECOND = 4
LINES_AROUND = 4
HOLDS_SHARE = 3
"""The holds get one line in so many at most, and none where that is too few to say anything."""
LEAST_HOLDS = 3
OPEN_SECONDS = 5.0

OnRows = Callable[[list[Row]], None]
"""Told the rows of each message that was taken."""


@dataclass(slots=True)
class Watcher:
    """Follows the feed of a territory, resuming where it was after every loss."""

    url: str
    territory: str
    audience: Audience | None = None
    clock: Clock = system_clock
    on_held: Callable[[], None] = lambda: None
    """Told when what is held of a pool has changed, or may have."""
    mirror: Mirror = field(default_factory=Mirror)
    known: dict[str, Known] = field(default_factory=dict)
    link: Link = field(default_factory=lambda: Link(None))
    token: str | None = None
    _ahead_ms: int = 0

    def now_ms(self) -> int:
        """The server's clock, as its last message told it."""
        return self.clock() + self._ahead_ms

    def rows(self) -> dict[str, Row]:
        """The rows of the audience that is watched."""
        if self.audience is None:
            return self.mirror.rows
        return {pool: row for pool, row in self.mirror.rows.items() if self._is_wanted(pool)}

    async def follow(self, on_rows: OnRows) -> None:
        """Follow until cancelled. Waits longer after each loss, up to a bound, and not as long as others do.

        Raises:
            ServiceUnreachable: it did not answer at all, the first time.
            ServiceRefused: there is no such territory.
        """
        wait_seconds = FIRST_WAIT_SECONDS
        while True:
            try:
                await self._load_registry()
                async with connect(self._feed(), **self._options()) as feed:
                    wait_seconds = FIRST_WAIT_SECONDS
                    async for text in feed:
                        if not self._take(json.loads(text), on_rows):
                            break
            except InvalidStatus as exc:
                if exc.response.status_code < 500:
                    raise ServiceRefused(f"{self.url} refused the feed.", exc.response.status_code) from exc
            except ServiceUnreachable:
                if self.link.heard_ms is None:
                    raise
            except (OSError, TimeoutError, WebSocketException):
                pass
            self.link = Link(self.link.heard_ms, self.link.lost_ms or self.now_ms())
            await asyncio.sleep(uniform(0.5, 1.0) * wait_seconds)  # noqa: S311 to spread readers, not a secret
            wait_seconds = min(2 * wait_seconds, LONGEST_WAIT_SECONDS)

    def _take(self, message: dict[str, Any], on_rows: OnRows) -> bool:
        held = {pool: row["held"] for pool, row in self.mirror.rows.items()}
        if not self.mirror.take(message):
            return False
        if any(row.get("held", 0) != held.get(row["pool"], 0) for row in message["rows"]):
            self.on_held()
        server_ms = ms_of(message["server_time"])
        self._ahead_ms = server_ms - self.clock()
        self.link = Link(server_ms)
        on_rows([row for row in message["rows"] if not row.get("gone") and self._is_wanted(row["pool"])])
        return True

    def _is_wanted(self, pool: str) -> bool:
        return self.audience is None or (pool in self.known and self.known[pool].audience is self.audience)

    async def _load_registry(self) -> None:
        async with Service.open(self.url, self.territory, token=self.token) as service:
            sites = await service.sites()
        self.known = {
            pool["id"]: Known(site["name"], Unit(pool["unit"]), Audience(pool["audience"]))
            for site in sites
            for pool in site["pools"]
        }

    def _feed(self) -> str:
        """The address of the feed, from where we are."""
        parts = urlsplit(self.url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        path = f"{parts.path.rstrip('/')}/v1/territories/{quote(self.territory, safe='')}/feed"
        position = self.mirror.position
        query = urlencode({"since": position.seq, "epoch": position.epoch}) if position else ""
        return urlunsplit((scheme, parts.netloc, path, query, ""))

    def _options(self) -> dict[str, Any]:
        proxy = None if urlsplit(self.url).hostname in LOOPBACK else True
        headers = signed_in(self.token)
        return {
            "additional_headers": headers,
            "proxy": proxy,
            "open_timeout": OPEN_SECONDS,
            "close_timeout": 1,
            "max_size": None,
        }


def run(url: str, territory: str, audience: str | None, channel: Channel) -> None:
    """Show the board until Ctrl-C."""
    watcher = Watcher(url, territory, _audience(audience))
    console = Console()
    try:
        asyncio.run(_watch(watcher, console, channel))
    except KeyboardInterrupt:
        return
    except BrokenPipeError:  # `| head` has seen enough
        return


def screen(watcher: Watcher, promises: Promises, channel: Channel, width: int, height: int) -> Group:
    """All that fits a terminal of so many columns and lines: the link, the board, and below it the holds."""
    now_ms, rows = watcher.now_ms(), watcher.rows()
    with_room = sum(rank(row, now_ms)[0] == 0 for row in rows.values())
    holds = [hold for hold in promises.holds if any(line["pool"] in rows for line in hold["lines"])]
    places = f"territoire {watcher.territory} : {with_room} sur {len(rows)} ont de la place"
    title = Text(f"{places}, {len(holds)} orientations  ", "bold")
    shown = min(len(holds), height // HOLDS_SHARE - LINES_AROUND)
    below: list[RenderableType] = []
    if shown >= min(LEAST_HOLDS, max(1, len(holds))):
        names = {pool: known.site_name for pool, known in watcher.known.items()}
        below = ["", holds_table(holds, names, now_ms, shown)]
    most = max(1, height - LINES_AROUND - (shown + 3 if below else 0))
    table = board_table(rows, watcher.known, now_ms, View(most, width, channel))
    return Group(title + link_line(watcher.link, now_ms), table, *below)


async def _watch(watcher: Watcher, console: Console, channel: Channel) -> None:
    async with token_for(watcher.url, watcher.territory, "capacity watch") as watcher.token:
        await (_paint(watcher, console, channel) if console.is_terminal else _print(watcher, channel))


async def _paint(watcher: Watcher, console: Console, channel: Channel) -> None:
    promises = Promises(watcher.url, watcher.territory, token=watcher.token)
    watcher.on_held = promises.changed.set

    def picture() -> Group:
        return screen(watcher, promises, channel, *console.size)

    tasks = {
        asyncio.create_task(watcher.follow(lambda _: None), name="follow the feed"),
        asyncio.create_task(promises.follow(), name="follow the holds"),
    }
    done: set[asyncio.Task[None]] = set()
    try:
        with Live(picture(), console=console, screen=True, auto_refresh=False) as live:
            while not done:
                live.update(picture(), refresh=True)
                done, _ = await asyncio.wait(tasks, timeout=1 / REPAINTS_A_SECOND, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    for task in done:
        task.result()


async def _print(watcher: Watcher, channel: Channel) -> None:
    def told(rows: list[Row]) -> None:
        for row in rows:
            print(plain_line(row, watcher.known, watcher.now_ms(), channel), flush=True)

    await watcher.follow(told)


def _audience(word: str | None) -> Audience | None:
    try:
        return None if word is None else Audience(word)
    except ValueError as exc:
        raise FileRefused(f"{word!r} is no audience: {', '.join(Audience)} are") from exc
