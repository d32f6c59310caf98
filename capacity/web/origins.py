"""Pages of other sites may not write here, nor read the feed: browsers send them along without being asked.

A loopback service without accounts is within reach of every page that the same browser shows. A browser names the
page's origin with each write and each WebSocket; other clients name none and are not concerned.
"""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from capacity.web.problems import answer
from capacity.wire.problems import FOREIGN_ORIGIN

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class OneOrigin:
    """ASGI middleware that refuses what another origin's page sends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on or refuse."""
        if scope.get("method", "") in _READS or scope["type"] == "lifespan" or _is_own(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            refusal = answer(FOREIGN_ORIGIN, "The page that sent this belongs to another site; nothing was taken.")
            await refusal(scope, receive, send)


def _is_own(scope: Scope) -> bool:
    origin = host = None
    for name, value in scope["headers"]:
        if name == b"origin":
            origin = value
        elif name == b"host":
            host = value
    if origin is None:
        return True
    try:
        return host is not None and urlsplit(origin.decode()).netloc.lower() == host.decode().lower()
    except ValueError:
        return False
