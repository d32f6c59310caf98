"""What watches every request: an id, one line in the log, one observation, and an answer whatever happens."""

import re
import sys
from asyncio import CancelledError, get_running_loop
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from logging import INFO, getLogger
from random import getrandbits
from time import perf_counter, time_ns

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from capacity.web.defences import defended, is_https
from capacity.web.problems import answer
from capacity.wire.problems import INTERNAL, STOPPING

UNMATCHED = "unmatched"
_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_SWITCHING = 101
_FORBIDDEN = 403

Observe = Callable[[str, str, int, float], None]
"""Told the method, the route's template, the status and the seconds of each request."""

log = structlog.get_logger(__name__)
_level = getLogger("capacity.access")


class Observing:
    """ASGI middleware; the outermost of ours.

    The log has the template of the route and nothing that a client chose: no address, no query, no header but its
    own request id.
    """

    def __init__(self, app: ASGIApp, observe: Observe) -> None:
        self._app = app
        self._observe = observe
        self._log = sys.stderr.buffer
        self._lines: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, then say what became of it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id = id_of(scope["headers"])
        status = 0
        started = perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if not status:
                status = _status(message)
                if "headers" in message:
                    headers = [*message["headers"], (b"x-request-id", request_id)]
                    message["headers"] = defended(headers, is_https=is_https(scope.get("scheme")))
            await send(message)

        structlog.contextvars.bind_contextvars(request_id=request_id.decode())
        try:
            await self._app(scope, receive, sending)
        except CancelledError:  # the server stops, and its grace for open requests is over
            if not status and scope["type"] == "http":
                await answer(STOPPING, "It could not be finished; send it again.")(scope, receive, sending)
            raise
        except Exception:
            log.exception("a request failed", route=_template(scope))
            if status or scope["type"] != "http":
                raise
            await answer(INTERNAL, "It is in our log under the request's id.")(scope, receive, sending)
        finally:
            method, route, seconds = scope.get("method", "WEBSOCKET"), _template(scope), perf_counter() - started
            if scope["type"] == "http":
                self._observe(method, route, status, seconds)
            self._log_request(request_id, method, route, status, seconds)

    def tell(self, request_id: bytes, method: str, route: str, status: int, seconds: float) -> None:
        """What became of an HTTP request that did not come this way; `route` is its template."""
        self._observe(method, route, status, seconds)
        self._log_request(request_id, method, route, status, seconds)

    def _log_request(self, request_id: bytes, method: str, route: str, status: int, seconds: float) -> None:
        if _level.isEnabledFor(INFO):
            with suppress(OSError):  # a full disk under the log is no reason to fail a request that was answered
                self._keep(_line(request_id, method, route, status, seconds))

    def _keep(self, line: bytes) -> None:
        """Write the lines of one turn of the event loop at once, at its end."""
        if not self._lines:
            get_running_loop().call_soon(self._write)
        self._lines.append(line)

    def _write(self) -> None:
        lines, self._lines = self._lines, []
        self._log.write(b"".join(lines))
        self._log.flush()


def id_of(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A request's id: the caller's own where it is sane, else a new one."""
    for name, value in headers:
        if name == b"x-request-id":
            return sane_id(value)
    return sane_id(b"")


def sane_id(said: bytes) -> bytes:
    """What a caller calls its request, or a new id where that is nothing or not sane."""
    if said and _SANE_ID.fullmatch(said):
        return bytes(said)
    return b"%016x" % getrandbits(64)  # it tells requests apart and protects nothing


def _template(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", UNMATCHED)


def _status(message: Message) -> int:
    """What an ASGI message says of the outcome: a WebSocket counts as 101 once accepted, 403 when refused."""
    if message["type"] == "websocket.accept":
        return _SWITCHING
    return int(message.get("status", _FORBIDDEN))


def _line(request_id: bytes, method: str, route: str, status: int, seconds: float) -> bytes:
    """What structlog would write, without its processors: this happens for every request.

    The id is sane, and methods and templates are words of closed lists that need no escaping.
    """
    second, ms = divmod(time_ns() // 1_000_000, 1000)
    return (
        b'{"event":"request","request_id":"%b","method":"%b","route":"%b","status":%d,"ms":%.3f,"level":"info",'
        b'"timestamp":"%b.%03d+00:00"}\n'
        % (request_id, method.encode(), route.encode(), status, seconds * 1000, _to_the_second(second), ms)
    )


@lru_cache(maxsize=2)
def _to_the_second(second: int) -> bytes:
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}".encode()
