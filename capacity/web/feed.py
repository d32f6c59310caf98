"""`GET board` and the feed: two doors to the same picture. Source: law 8; wire.md, The feed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect

from capacity.board.access import Caller
from capacity.board.picture import Position
from capacity.board.visibility import View, view_of
from capacity.errors import CapacityError, NotSignedIn
from capacity.services.broadcasting import Hub
from capacity.services.budgets import FeedBudget
from capacity.services.channel import Channel
from capacity.services.frames import TEXT
from capacity.services.readers import Reader
from capacity.services.window import Window
from capacity.web.access import Guard
from capacity.web.etags import FOR_WHO_ASKED, is_known
from capacity.web.lane import EXTENSION, LINGER_SECONDS, TOO_BIG, LaneProtocol
from capacity.web.operations import parse_query, territory_of
from capacity.web.packing import packed
from capacity.web.problems import refusal
from capacity.wire.board import BoardQuery

MOST_CLIENT_BYTES = 4096
POLICY = 1008


def position_of(query: BoardQuery) -> Position | None:
    """Where a reader says it is; None, for a complete board, without `since` or without `epoch`."""
    return None if query.since is None or not query.epoch else Position(query.epoch, query.since)


async def board(hub: Hub, territory: str, view: View, position: Position | None, request: Request) -> Response:
    """The board as a reader of this view at `position` needs it: 200, or 304 when the client has this very answer.

    The tag is weak: the same rows may be told at another `server_time`.

    Raises:
        UnknownTerritory, StoreUnavailable
        NotSignedIn, LedgerUnavailable: as `Channel.window`.
    """
    channel = await hub.channel(territory)
    await channel.reach(position)
    window = await channel.window(view)
    catchup, message = window.board(position)
    since = "all" if catchup.since is None else catchup.since
    tag = f'W/"{catchup.epoch}-{since}-{catchup.seq}"'
    headers = {"etag": tag, **FOR_WHO_ASKED}
    if is_known(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return packed(request, message.text, headers)


async def feed(hub: Hub, guard: Guard, budget: FeedBudget, websocket: WebSocket) -> None:
    """One reader, from its first catch-up to its end. A refusal answers the upgrade with its problem.

    Who may read is asked before the upgrade is accepted; a reader whose credential ends is closed with 1008.
    """
    try:
        territory = territory_of(websocket)
        await hub.waves.turn()
        permitted = await guard.check(websocket.scope)
        position = position_of(parse_query(BoardQuery, websocket))
        channel = await hub.channel(territory)
        await channel.reach(position)
        view = view_of(permitted)
        await channel.window(view)
        budget.enter(permitted.caller.credential)
    except CapacityError as exc:
        await _refuse(websocket, exc)
        return
    door = _Door(guard, budget, permitted.caller)
    try:
        await _stay(websocket, door, channel, view, position)
    finally:
        if not door.is_kept:
            door.shut()


async def _stay(websocket: WebSocket, door: "_Door", channel: Channel, view: View, position: Position | None) -> None:
    try:
        await websocket.accept()
    except (WebSocketDisconnect, OSError):  # left during the handshake; the server says which in its own words
        return
    extension = websocket.scope.get("extensions", {}).get(EXTENSION)
    try:
        window = channel.window_now(view)  # what is protected may have changed since the door was asked
    except NotSignedIn:
        await websocket.close(POLICY)
        return
    place = _Place(window, view, position)
    if extension is None:
        plain = _PlainLane(websocket, place)
        door.open(plain.close)
        await plain.run()
    elif not extension["lane"].is_closing:  # else it was lost during the handshake
        _Seat(extension["lane"], door, place)


class _Door:
    """Where one reader is counted while it is in, and from where it is shown out."""

    __slots__ = ("_budget", "_caller", "_close", "_guard", "is_kept")

    def __init__(self, guard: Guard, budget: FeedBudget, caller: Caller) -> None:
        self._guard = guard
        self._budget = budget
        self._caller = caller
        self._close: Callable[[int, str], None] | None = None
        self.is_kept = False
        """A seat shuts it, and not the endpoint."""

    def open(self, close: Callable[[int, str], None]) -> None:
        """Show the reader out by `close` when its credential ends."""
        self._close = close
        self._guard.enter(self._caller, self._show_out)

    def shut(self) -> None:
        """The reader has left. Shut once: it is counted once."""
        self._guard.exit(self._show_out)
        self._budget.exit(self._caller.credential)

    def _show_out(self) -> None:
        if self._close is not None:
            self._close(POLICY, "this access has ended")


async def _refuse(websocket: WebSocket, exc: CapacityError) -> None:
    """Answer the upgrade with the problem; a server that cannot says 403 by itself."""
    if "websocket.http.response" in websocket.scope.get("extensions", {}):
        await websocket.send_denial_response(refusal(exc))
    else:
        await websocket.close()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a reader looks from: its window, its own view and how far it is."""

    window: Window
    view: View
    position: Position | None


class _Seat:
    """A reader on a lane. Nothing runs for it: it is written to, and told what becomes of its connection."""

    __slots__ = ("_door", "_heard_bytes", "_reader", "_window")

    def __init__(self, lane: LaneProtocol, door: _Door, place: _Place) -> None:
        self._door = door
        self._window = place.window
        self._heard_bytes = 0
        self._reader = Reader(lane.window_bits, lane.write, lane.close, lane.buffered_bytes)
        door.is_kept = True
        door.open(lane.close)
        lane.keep(self)
        self._window.join(self._reader, place.position, place.view)

    def pause(self) -> None:
        """Its connection no longer drains."""
        self._window.pause(self._reader)

    def resume(self) -> None:
        """Its connection has drained."""
        self._window.resume(self._reader)

    def hear(self, said_bytes: int) -> None:
        """What a client says is not read, and more than 4 KiB of it is too much."""
        self._heard_bytes += 1 + said_bytes  # nor may the empty ones go on for ever
        if self._heard_bytes > MOST_CLIENT_BYTES:
            self._reader.close(TOO_BIG, "nothing is read here")

    def end(self) -> None:
        """It has left."""
        self._window.leave(self._reader)
        self._door.shut()


class _PlainLane:
    """The same feed on any other ASGI server: one message under way at a time, and a pause until it is taken."""

    def __init__(self, websocket: WebSocket, place: _Place) -> None:
        self._websocket = websocket
        self._place = place
        self._window = place.window
        self._reader = Reader(TEXT, self._write, self.close, lambda: len(self._text))
        self._text = b""
        self._is_wanted = asyncio.Event()
        self._goodbye: tuple[int, str] | None = None
        self._ends = asyncio.Event()

    async def run(self) -> None:
        """Hear and send until the reader leaves or is sent away."""
        works = (self._send(), _hear(self._websocket, self._reader), self._ends.wait())
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            self._window.join(self._reader, self._place.position, self._place.view)
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._window.leave(self._reader)
            for task in tasks:
                task.cancel()
        for task in done:
            task.result()
        if self._goodbye is not None:
            with suppress(WebSocketDisconnect, TimeoutError):
                async with asyncio.timeout(LINGER_SECONDS):
                    await self._websocket.close(*self._goodbye)

    def _write(self, text: bytes) -> None:
        self._text = text
        self._is_wanted.set()
        self._window.pause(self._reader)

    def close(self, code: int, reason: str) -> None:
        """Send the reader away."""
        self._goodbye = (code, reason)
        self._ends.set()

    async def _send(self) -> None:
        with suppress(WebSocketDisconnect):
            while await self._is_wanted.wait():
                self._is_wanted.clear()
                await self._websocket.send_text(self._text.decode())
                self._window.resume(self._reader)


async def _hear(websocket: WebSocket, reader: Reader) -> None:
    """Wait for the end. What a client says is not read, and more than 4 KiB of it is too much."""
    heard_bytes = 0
    while (message := await websocket.receive())["type"] == "websocket.receive":
        heard_bytes += 1 + _size(message)  # nor may the empty ones go on for ever
        if heard_bytes > MOST_CLIENT_BYTES:
            reader.close(TOO_BIG, "nothing is read here")


def _size(message: Message) -> int:
    text: str | None = message.get("text")
    return len(message.get("bytes") or b"" if text is None else text.encode())
