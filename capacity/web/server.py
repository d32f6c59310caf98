"""How uvicorn serves the application: the limits that hold before a request reaches it.

uvicorn's parser takes headers without end and waits for them without end. Here a request's head has a size and a
deadline, and what cannot be parsed is told as a problem like everything else.
"""

import asyncio
import math
from pathlib import Path
from typing import cast

from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn._types import ASGI3Application, HTTPScope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from capacity.web.bodies import WHOLE
from capacity.web.connections import Connections
from capacity.web.feed import MOST_CLIENT_BYTES
from capacity.web.lane import PING_SECONDS, PONG_SECONDS, LaneProtocol
from capacity.web.refused import refused
from capacity.web.straight import PlainRequest, Straight
from capacity.web.turning_away import TurnedAway, TurningAway
from capacity.wire.problems import (
    ADDRESS_TOO_LONG,
    BAD_REQUEST,
    HEADERS_TOO_LARGE,
    TOO_MANY_CONNECTIONS,
    TOO_SLOW,
    ProblemType,
)

MOST_HEAD_BYTES = 32 * 1024
MOST_ADDRESS_BYTES = 8 * 1024
HEAD_SECONDS = 10.0
BODY_SECONDS = 30.0
MOST_PLAIN_PIECE_BYTES = 4 * 1024
"""A plain request comes whole in one piece, head and body; its head is remembered, so it must be small."""
KEEP_ALIVE_SECONDS = 30
BACKLOG = 2_048


class GuardedConfig(Config):
    """uvicorn's settings, who counts the connections, and who sends away what is too much: every protocol has these."""

    connections: Connections
    turning_away: TurningAway | None


def server_config(
    app: ASGIApp,
    *,
    grace_seconds: float,
    tls: tuple[Path, Path] | None = None,
    connections: Connections | None = None,
    turning_away: TurningAway | None = None,
) -> Config:
    """The settings of uvicorn for our application; the caller opens the socket and the stores.

    `tls` are the files of a certificate (with those that vouch for it) and of its key.
    """
    certificate, key = tls or (None, None)
    config = GuardedConfig(
        app,
        http=GuardedHttp,
        ws=LaneProtocol,
        ws_max_size=MOST_CLIENT_BYTES,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PONG_SECONDS,
        loop="uvloop",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=math.ceil(grace_seconds),
    )
    config.connections = Connections() if connections is None else connections
    config.turning_away = turning_away
    return config


class GuardedHttp(HttpToolsProtocol):
    """One HTTP connection whose heads are bounded in size and time, and whose bodies are in time."""

    config: GuardedConfig
    _head_open = True
    _head_bytes = 0
    _piece_bytes = 0
    _refusal: ProblemType = BAD_REQUEST
    _deadline: asyncio.TimerHandle | None = None
    _body_open = False
    _body_deadline: asyncio.TimerHandle | None = None
    _straight: Straight | None = None
    _plain: PlainRequest | None = None
    """The plain request whose head is whole and whose body is not yet."""
    _turning_away: TurningAway | None = None
    _turned_away: TurnedAway | None = None
    """The same of a request that has to come later."""
    _silent_since: float | None = None
    """Since when nothing is said or awaited here, by the loop's clock; None where something is, or uvicorn looks."""
    _silence: asyncio.TimerHandle | None = None
    _is_handed_over = False
    _running: RequestResponseCycle | None = None
    """The last request that was begun; those that came behind it wait in uvicorn's pipeline."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client that says nothing has to leave; one too many may not even come in."""
        super().connection_made(transport)  # type: ignore[arg-type]  # uvicorn narrows what asyncio widens
        if not self.config.connections.enter(transport, self.client):
            self._refuse(TOO_MANY_CONNECTIONS)
            return
        self._straight = getattr(self.app, "straight", None) if not self.root_path else None
        self._turning_away = self.config.turning_away
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._refuse, TOO_SLOW)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever has left is not waited for."""
        self.config.connections.leave(self.transport)
        if self._running is not None:  # uvicorn tells only the last of those that came together
            self._running.disconnected = True
            self._running.message_event.set()
        self._stop_waiting()
        self._body_open = False
        self._watch_body()
        self._silent_since = None
        if self._silence is not None:
            self._silence.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, and look what is still incomplete after it: a head has a deadline, and so has a body."""
        self._piece_bytes = len(data)
        silent_since, self._silent_since = self._silent_since, None
        super().data_received(data)
        if self._is_handed_over:
            return
        if not self._head_open:
            self._stop_waiting()
        elif not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._refuse(HEADERS_TOO_LARGE)
            elif self._deadline is None:
                self._deadline = self.loop.call_later(HEAD_SECONDS, self._refuse, TOO_SLOW)
        if self._plain is not None and not self.transport.is_closing():
            plain, self._plain = self._plain, None
            self._the_long_way(plain, is_whole=False)
        if self._body_open or self._body_deadline is not None:
            self._watch_body()
        if not self._head_open and not self._body_open and not _is_under_way(self.cycle):
            self._watch_silence(silent_since)  # the rest of a body, or blank lines: nothing that will be answered

    def handle_websocket_upgrade(self) -> None:
        """From here on it is the feed's, which has its own limits.

        Behind a request that has no answer yet nobody could tell the answer from the feed's frames.
        """
        self._body_open = False
        if self.transport.is_closing():  # it was turned away
            return
        if _is_under_way(self.cycle):
            self._refuse(BAD_REQUEST)
            return
        self._is_handed_over = True
        self._stop_waiting()
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._head_open = True
        self._head_bytes = 0
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Headers that come after the body are nobody's, and may have no end."""
        if self._head_open:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """A head is whole; one that came in a single piece is measured here."""
        self._head_open = False
        if len(self.url) > MOST_ADDRESS_BYTES:
            self._refusal = ADDRESS_TOO_LONG
            raise ValueError
        if self._piece_bytes > MOST_HEAD_BYTES and _size(self.headers) > MOST_HEAD_BYTES:
            self._refusal = HEADERS_TOO_LARGE
            raise ValueError
        self._body_open = True
        self._turned_away = self._as_turned_away()
        if self._turned_away is not None:
            self.cycle = cast("RequestResponseCycle", self._turned_away)  # a request under way, as uvicorn knows them
            return
        self._plain = self._as_plain()
        if self._plain is None:
            self._open_scope(self.url, self.headers)
            super().on_headers_complete()
        else:
            self.cycle = self._running = cast("RequestResponseCycle", self._plain)  # under way, as uvicorn knows them

    def on_body(self, body: bytes) -> None:
        """A piece of a body."""
        if self._plain is not None:
            self._plain.body += body
        elif self._turned_away is not None:
            self._turned_away.hear(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The endpoint, which has not run yet where all came in a single piece, may know that it need not wait."""
        self._body_open = False
        if self._turned_away is not None:
            turned_away, self._turned_away = self._turned_away, None
            turned_away.answer()
            return
        if self._plain is None:
            super().on_message_complete()
            self.scope["extensions"] = {WHOLE: {}}
            return
        plain, self._plain = self._plain, None
        if plain.begin():
            self.tasks.add(cast("asyncio.Task[None]", plain))  # waited for and cancelled as uvicorn's tasks are
        else:
            self._the_long_way(plain)

    @property
    def default_headers(self) -> list[tuple[bytes, bytes]]:
        """What every answer says; another list each second."""
        return self.server_state.default_headers

    def done(self, request: PlainRequest | TurnedAway) -> None:
        """A request that uvicorn has no task for was answered."""
        self.tasks.discard(cast("asyncio.Task[None]", request))
        if self.pipeline or self.flow.read_paused or self.transport.is_closing():
            self.on_response_complete()
            return
        self.server_state.total_requests += 1
        self._watch_silence(None)

    def _watch_silence(self, since: float | None) -> None:
        """Nothing is said or awaited on this connection, from now on or since that time of the loop's clock."""
        self._silent_since = self.loop.time() if since is None else since
        if self._silence is None:
            self._silence = self.loop.call_later(self.timeout_keep_alive, self._end_silence)

    def _end_silence(self) -> None:
        """Close a connection that has kept silent since a plain request, as uvicorn does after the others.

        One timer looks again and again: to set one for each report costs more than the rest of this.
        """
        self._silence = None
        if self._silent_since is None:
            return
        left = self._silent_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._silence = self.loop.call_later(left, self._end_silence)
        else:
            self.timeout_keep_alive_handler()

    def take_back(self, plain: PlainRequest) -> None:
        """A plain request that the straight way cannot answer after all."""
        self.tasks.discard(cast("asyncio.Task[None]", plain))
        self._the_long_way(plain)

    def _as_turned_away(self) -> TurnedAway | None:
        """The request whose head is whole, if it has to come later and nothing is in the way of telling so."""
        if (
            self._turning_away is None
            or self._turning_away.is_calm
            or _is_under_way(self.cycle)
            or self.flow.write_paused
        ):
            return None
        parser = self.parser
        return self._turning_away.turned_away(
            self, parser.get_method(), self.url, self.headers,
            is_upgrade=parser.should_upgrade() and self._should_upgrade(),
            keep_alive=parser.should_keep_alive() and parser.get_http_version() == "1.1",
        )  # fmt: skip

    def _as_plain(self) -> PlainRequest | None:
        """The request whose head is whole as a plain request, if it is one and nothing is in its way."""
        if (
            self._straight is None
            or self._head_bytes + self._piece_bytes > MOST_PLAIN_PIECE_BYTES
            or _is_under_way(self.cycle)
            or self.flow.write_paused
            or self.parser.get_method() != b"POST"
            or self.parser.get_http_version() != "1.1"
        ):
            return None
        return self._straight.plain(self, self.url, self.headers, keep_alive=self.parser.should_keep_alive())

    def _open_scope(self, url: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        """What uvicorn does when a head begins; here it is done when it is known that somebody will read it."""
        expect_100_continue = self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expect_100_continue
        self.headers.extend(headers)

    def _the_long_way(self, plain: PlainRequest, *, is_whole: bool = True) -> None:
        """Give the application a request as if it had come to it at once. The parser may be at the next one already."""
        if self.transport.is_closing():
            return
        scope: HTTPScope = {
            "type": "http", "asgi": {"version": self.asgi_version, "spec_version": "2.3"}, "http_version": "1.1",
            "method": "POST", "scheme": self.scheme or "http", "server": self.server, "client": self.client,
            "root_path": self.root_path, "path": self.root_path + plain.url.decode(), "query_string": b"",
            "raw_path": self.root_path.encode() + plain.url, "headers": plain.headers, "state": self.app_state.copy(),
        }  # fmt: skip
        cycle = RequestResponseCycle(
            scope, self.transport, self.flow, self.logger, self.access_logger, self.access_log, self.default_headers,
            asyncio.Event(), expect_100_continue=False, keep_alive=plain.keep_alive,
            on_response=self.on_response_complete,
        )  # fmt: skip
        cycle.body += plain.body
        if is_whole:
            scope["extensions"] = {WHOLE: {}}
            cycle.more_body = False
            cycle.message_event.set()
        if self.cycle is cast("RequestResponseCycle", plain):
            self.cycle, self.scope = cycle, scope
        self._start_asgi_task(cycle, self.app)

    def send_400_response(self, msg: str) -> None:
        """What the parser refused, as a problem."""
        self._refuse(self._refusal, msg)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _refuse(self, kind: ProblemType, detail: str = "") -> None:
        """Tell the problem and hang up; behind a whole request that has no answer yet, hang up after that answer.

        The client would take the refusal for that answer, and what was accepted for refused.
        """
        if self.transport.is_closing():
            return
        awaited = self._last_that_is_whole()
        if awaited is not None:
            awaited.keep_alive = False
            return
        self.transport.write(refused(kind, detail, is_https=self.scheme == "https"))
        self.transport.close()

    def _last_that_is_whole(self) -> RequestResponseCycle | None:
        """The last request that came whole and has no answer yet; one behind it that never will be is forgotten."""
        if self._body_open:
            if not self.pipeline:
                return None
            self.pipeline.popleft()
            self._body_open = False
        last = self.pipeline[0][0] if self.pipeline else self._running
        return last if _is_under_way(last) else None

    def _watch_body(self) -> None:
        """A body that nobody reads, behind an answer that was given already, could drip without end.

        Whoever reads one has a deadline of its own, which is shorter and tells why.
        """
        if self._body_open and self._body_deadline is None:
            self._body_deadline = self.loop.call_later(BODY_SECONDS, self._give_up_body)
        elif not self._body_open and self._body_deadline is not None:
            self._body_deadline.cancel()
            self._body_deadline = None

    def _give_up_body(self) -> None:
        awaited = self._last_that_is_whole()
        if awaited is None:
            self.transport.close()
        else:
            awaited.keep_alive = False

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _is_under_way(cycle: RequestResponseCycle | None) -> bool:
    return cycle is not None and not cycle.response_complete


def _size(headers: list[tuple[bytes, bytes]]) -> int:
    return sum(len(name) + len(value) for name, value in headers)
