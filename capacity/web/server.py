"""How uvicorn serves the application: the limits that hold before a request reaches it.

uvicorn's parser takes headers without end and waits for them without end. Here a request's head has a size and a
deadline, and what cannot be parsed is told as a problem like everything else.
"""

import asyncio
import json
import math

from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from capacity.web.bodies import WHOLE
from capacity.web.feed import MOST_CLIENT_BYTES
from capacity.web.lane import PING_SECONDS, PONG_SECONDS, LaneProtocol
from capacity.wire.problems import ADDRESS_TOO_LONG, BAD_REQUEST, HEADERS_TOO_LARGE, TOO_SLOW, ProblemType

MOST_HEAD_BYTES = 32 * 1024
MOST_ADDRESS_BYTES = 8 * 1024
HEAD_SECONDS = 10.0
KEEP_ALIVE_SECONDS = 30
BACKLOG = 2_048


def server_config(app: ASGIApp, *, grace_seconds: float) -> Config:
    """The settings of uvicorn for our application; the caller opens the socket and the stores."""
    return Config(
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
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=math.ceil(grace_seconds),
    )


class GuardedHttp(HttpToolsProtocol):
    """One HTTP connection whose heads are bounded in size and time."""

    _head_open = True
    _head_bytes = 0
    _piece_bytes = 0
    _refusal: ProblemType = BAD_REQUEST
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client that says nothing has to leave."""
        super().connection_made(transport)  # type: ignore[arg-type]  # uvicorn narrows what asyncio widens
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._refuse, TOO_SLOW)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever has left is not waited for."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, and look whether a head is still incomplete after it."""
        self._piece_bytes = len(data)
        super().data_received(data)
        if not self._head_open:
            self._stop_waiting()
        elif not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._refuse(HEADERS_TOO_LARGE)
            elif self._deadline is None:
                self._deadline = self.loop.call_later(HEAD_SECONDS, self._refuse, TOO_SLOW)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._head_open = True
        self._head_bytes = 0

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
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The endpoint, which has not run yet where all came in a single piece, may know that it need not wait."""
        super().on_message_complete()
        self.scope["extensions"] = {WHOLE: {}}

    def send_400_response(self, msg: str) -> None:
        """What the parser refused, as a problem."""
        self._refuse(self._refusal, msg)

    def _refuse(self, kind: ProblemType, detail: str = "") -> None:
        if self.transport.is_closing():
            return
        body = json.dumps(kind.body(detail or f"{kind.title}.")).encode()
        head = (
            b"content-type: application/problem+json\r\ncache-control: no-store\r\nconnection: close\r\n"
            b"content-length: %d\r\n\r\n" % len(body)
        )
        self.transport.write(STATUS_LINE[kind.status] + head + body)
        self.transport.close()

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _size(headers: list[tuple[bytes, bytes]]) -> int:
    return sum(len(name) + len(value) for name, value in headers)
