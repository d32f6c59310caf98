"""Pages of other sites may not write here, nor read: browsers send them along without being asked.

A loopback service without accounts is within reach of every page that the same browser shows. A browser names the
page's origin with each write and each WebSocket, and the host that it believes to be talking to with everything: a
page that had its own name pointed at this machine ("DNS rebinding") is known by that. Other clients name no origin.
"""

import ipaddress
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from capacity.web.problems import answer
from capacity.wire.problems import FOREIGN_HOST, FOREIGN_ORIGIN

HOSTS_REMEMBERED = 256
"""Callers name few hosts, and taking one apart costs more than the rest of this."""
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class OneOrigin:
    """ASGI middleware that refuses what another origin's page sends, and what is addressed to another host.

    `host_names` are those by which a proxy in front is known; this machine's own are always ours.
    """

    def __init__(self, app: ASGIApp, host_names: Collection[str] = ()) -> None:
        self._app = app
        self._host_names = {"localhost", *(name.lower() for name in host_names)}
        self._is_ours = lru_cache(maxsize=HOSTS_REMEMBERED)(self._names_us)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on or refuse."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        origin, host = _named(scope)
        if not self._is_ours(host):
            detail = "This service is not known by that name; CAPACITY_HOST_NAMES lists those of a proxy in front."
            refusal = answer(FOREIGN_HOST, detail)
        elif origin is None or scope.get("method", "") in _READS or _netloc(origin) == host:
            await self._app(scope, receive, send)
            return
        else:
            refusal = answer(FOREIGN_ORIGIN, "The page that sent this belongs to another site; nothing was taken.")
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(scope, receive, send)

    def lets_write(self, origin: bytes | None, host: bytes | None) -> bool:
        """Whether a write with these two headers is passed on."""
        host_name = None if host is None else _text(host)
        return self._is_ours(host_name) and (origin is None or _netloc(_text(origin)) == host_name)

    def _names_us(self, host: str | None) -> bool:
        """Whether a Host names this machine, or nothing at all as in HTTP/1.0."""
        if host is None or host in self._host_names:
            return True
        try:
            name = urlsplit(f"//{host}").hostname or ""
            return name in self._host_names or ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False


def _named(scope: Scope) -> tuple[str | None, str | None]:
    origin = host = None
    for name, value in scope["headers"]:
        if name == b"origin":
            origin = _text(value)
        elif name == b"host":
            host = _text(value)
    return origin, host


def _text(value: bytes) -> str:
    return value.decode("latin-1").lower()


def _netloc(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None
