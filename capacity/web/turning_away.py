"""Turning away: a request that has to come later is told so from its head, before anything else is done for it.

No scope, no task, no route, no door and no body: what is refused must cost next to nothing, or refusing would not help.
In our own server only, like every limit that holds before a request reaches the application.
"""

import asyncio
import json
from collections.abc import Callable
from functools import lru_cache
from typing import ClassVar, Literal, Protocol

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from capacity.board.access import Caller
from capacity.services.shedding import Shedding
from capacity.web.access import secret_of
from capacity.web.defences import HTTPS_LINES, PLAIN_LINES
from capacity.web.kinds import kind_of
from capacity.web.observing import sane_id
from capacity.wire.problems import OVERLOADED, ProblemType

MOST_HEARD_BYTES = 64 * 1024
"""What of a body is waited for, so that its sender reads the answer; whoever sends more is cut off."""
DETAILS = {
    OVERLOADED: "More is asked of the service than it can do now; nothing was taken. Send it again a little later.",
}
PAGE = """<!doctype html>
<html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Un instant…</title>
<h1>Un instant…</h1>
<p>Le service est très demandé en ce moment. Cette page revient d’elle-même dans quelques secondes.</p>
<p lang="en">The service is very busy. This page will come back by itself in a few seconds.</p>
<p>Sans abri cette nuit ? Appelez le <a href="tel:115">115</a>, gratuit, jour et nuit.</p>
</html>
"""

Headers = list[tuple[bytes, bytes]]


class Connection(Protocol):
    """What is needed of the connection that a request came by."""

    transport: asyncio.Transport
    scheme: Literal["http", "https"] | None

    @property
    def default_headers(self) -> Headers:
        """What the server adds to every answer."""

    def done(self, request: "TurnedAway") -> None:
        """The answer was written."""


class TurningAway:
    """Looks at heads; shared by all connections."""

    def __init__(self, shedding: Shedding, recognise: Callable[[str | None], Caller | None]) -> None:
        """`recognise` tells from memory who brings a secret, and never waits: `Doorkeeper.recognise`."""
        self._shedding = shedding
        self._recognise = recognise

    @property
    def is_calm(self) -> bool:
        """Nobody is turned away now."""
        return self._shedding.is_calm

    def turned_away(
        self, connection: Connection, method: bytes, url: bytes, headers: Headers, *, is_upgrade: bool, keep_alive: bool
    ) -> "TurnedAway | None":
        """A request that has to come later, whose answer has yet to be written; None when it is to be served."""
        said = dict(headers)
        has_board, is_waiting = b"if-none-match" in said, b"expect" in said
        kind = kind_of(method, url, is_known=self._knows(headers), has_board=has_board, is_upgrade=is_upgrade)
        problem = None if kind is None else self._shedding.refusal(kind)
        if kind is None or problem is None:
            return None
        is_page = method == b"GET" and b"text/html" in said.get(b"accept", b"")
        told = _page if is_page else _problem
        head, body = told(problem, self._shedding.retry_seconds(kind))
        turned = TurnedAway(
            connection,
            problem.status,
            b"%bx-request-id: %b" % (head, sane_id(said.get(b"x-request-id", b""))),
            b"" if method == b"HEAD" else body,
            keep_alive=keep_alive and not is_upgrade and not is_waiting,
        )
        if is_waiting:  # it sends its body when it is asked to, and it will not be
            turned.answer()
        return turned

    def _knows(self, headers: Headers) -> bool:
        secret = secret_of({"headers": headers})
        return secret is not None and self._recognise(secret) is not None


class TurnedAway:
    """One request that is not served. uvicorn sees in it the cycle of a request."""

    __slots__ = (
        "_body", "_connection", "_head", "_heard_bytes", "_status", "disconnected", "keep_alive", "response_complete",
    )  # fmt: skip

    message_event: ClassVar = asyncio.Event()  # nobody waits for it
    more_body: ClassVar = False

    def __init__(self, connection: Connection, status: int, head: bytes, body: bytes, *, keep_alive: bool) -> None:
        self._connection = connection
        self._status = status
        self._head = head
        self._body = body
        self._heard_bytes = 0
        self.keep_alive = keep_alive
        self.disconnected = False
        self.response_complete = False

    def hear(self, piece: bytes) -> None:
        """Drop a piece of its body."""
        self._heard_bytes += len(piece)
        if self._heard_bytes > MOST_HEARD_BYTES:
            self.keep_alive = False
            self.answer()

    def answer(self) -> None:
        """Tell it to come later, once."""
        if self.response_complete:
            return
        self.response_complete = True
        connection = self._connection
        transport = connection.transport
        if not transport.is_closing():
            given = b"".join(b"%b: %b\r\n" % line for line in connection.default_headers)
            defences = HTTPS_LINES if connection.scheme == "https" else PLAIN_LINES
            end = b"\r\n\r\n" if self.keep_alive else b"\r\nconnection: close\r\n\r\n"
            transport.write(b"".join((STATUS_LINE[self._status], given, self._head, defences, end, self._body)))
            if not self.keep_alive:
                transport.close()
        connection.done(self)


@lru_cache(maxsize=128)
def _problem(kind: ProblemType, retry_seconds: int) -> tuple[bytes, bytes]:
    """The lines and the body that tell a program."""
    body = json.dumps(kind.body(DETAILS.get(kind, f"{kind.title}; try again in a moment."))).encode()
    return _lines(b"application/problem+json", retry_seconds, body), body


@lru_cache(maxsize=128)
def _page(_kind: ProblemType, retry_seconds: int) -> tuple[bytes, bytes]:
    """The same for somebody who opened a page, which comes back by itself."""
    body = PAGE.encode()
    return _lines(b"text/html; charset=utf-8", retry_seconds, body) + b"refresh: %d\r\n" % retry_seconds, body


def _lines(content_type: bytes, retry_seconds: int, body: bytes) -> bytes:
    return b"content-type: %b\r\ncache-control: no-store\r\nretry-after: %d\r\ncontent-length: %d\r\n" % (
        content_type, retry_seconds, len(body)
    )  # fmt: skip
