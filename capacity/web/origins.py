"""Pages of other sites may not write here, nor read: browsers send them along, with our cookie, without being asked.

A browser names the page's origin with each write and each WebSocket, and the host that it believes to be talking to
with everything: a page that had its own name pointed at this machine ("DNS rebinding") is known by that. Other clients
name no origin, and bring no cookie: a write that comes by our cookie alone and names none is nobody's that we know.
"""

import ipaddress
from collections.abc import Collection, Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from capacity.web.access import COOKIE
from capacity.web.defences import is_https
from capacity.web.problems import answer
from capacity.wire.problems import FOREIGN_HOST, FOREIGN_ORIGIN

HOSTS_REMEMBERED = 256
"""Callers name few hosts, and taking one apart costs more than the rest of this."""
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_OUR_COOKIE = COOKIE.encode()


class OneOrigin:
    """ASGI middleware that refuses what another origin's page sends, and what is addressed to another host.

    `host_names` are those by which a proxy in front is known, or this machine to others; its own are always ours.
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
        origin, host, is_by_cookie = _named(scope["headers"])
        if not self._is_ours(host):
            detail = "This service is not known by that name; CAPACITY_HOST_NAMES lists those by which it is."
            refusal = answer(FOREIGN_HOST, detail)
        elif scope.get("method", "") in _READS or _is_own(
            origin, host, is_by_cookie=is_by_cookie, by_tls=is_https(scope.get("scheme"))
        ):
            await self._app(scope, receive, send)
            return
        elif origin is None:
            refusal = answer(FOREIGN_ORIGIN, "What comes by a cookie must name its origin; nothing was taken.")
        else:
            refusal = answer(FOREIGN_ORIGIN, "The page that sent this belongs to another site; nothing was taken.")
        if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(scope, receive, send)

    def lets_write(self, headers: Iterable[tuple[bytes, bytes]], *, by_tls: bool) -> bool:
        """Whether a write with these headers is passed on."""
        origin, host, is_by_cookie = _named(headers)
        return self._is_ours(host) and _is_own(origin, host, is_by_cookie=is_by_cookie, by_tls=by_tls)

    def _names_us(self, host: str | None) -> bool:
        """Whether a Host names this machine, or nothing at all as in HTTP/1.0."""
        if host is None or host in self._host_names:
            return True
        try:
            name = urlsplit(f"//{host}").hostname or ""
            return name in self._host_names or ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False


def _is_own(origin: str | None, host: str | None, *, is_by_cookie: bool, by_tls: bool) -> bool:
    """Whether a write is our own page's, or no page's at all.

    A page that came unprotected may be anybody's on the way: over TLS it is another site.
    """
    if origin is None:
        return not is_by_cookie
    scheme, netloc = _parts(origin)
    return netloc == host and (scheme == "https" or not by_tls)


def _named(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str | None, str | None, bool]:
    """The origin, the host, and whether a cookie of ours is all that tells who asks."""
    origin = host = None
    has_cookie = has_token = False
    for name, value in headers:
        if name == b"origin":
            origin = _text(value)
        elif name == b"host":
            host = _text(value)
        elif name == b"cookie":
            has_cookie = has_cookie or _OUR_COOKIE in value
        elif name == b"authorization":
            has_token = True
    return origin, host, has_cookie and not has_token


def _text(value: bytes) -> str:
    return value.decode("latin-1").lower()


def _parts(origin: str) -> tuple[str, str | None]:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return "", None
    return parts.scheme, parts.netloc
