"""Whom a request comes from, where proxies stand in front: only those that were declared are believed.

Anybody can write `X-Forwarded-For`. What a declared proxy added stands at its end, so it is read from there, and the
first address that is no proxy of ours is the client.
"""

import ipaddress
from collections.abc import Collection, Iterable
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

ADDRESSES_REMEMBERED = 1_024
_SECURE = {"http": "https", "ws": "wss"}
_PLAIN = {secure: plain for plain, secure in _SECURE.items()}

Address = tuple[str, int]
Headers = Iterable[tuple[bytes, bytes]]


class Proxies:
    """The proxies that are believed."""

    def __init__(self, trusted: Collection[str] = ()) -> None:
        """`trusted` are addresses and networks (CIDR). Raises ValueError for what is neither."""
        self._networks = [ipaddress.ip_network(network, strict=False) for network in trusted]
        self._is_trusted = lru_cache(maxsize=ADDRESSES_REMEMBERED)(self._is_in_a_network)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def trusts(self, client: Address | None) -> bool:
        """Whether a connection comes from one of them."""
        return client is not None and self._is_trusted(client[0])

    def client(self, client: Address, headers: Headers) -> Address:
        """Who stands before the proxies, as a request tells that came from one of them."""
        said = b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1")
        found = client
        for address in reversed(said.split(",")):
            host = _host(address.strip())
            if host is None:  # what was added before is told by whoever wrote this
                break
            found = (host, 0)
            if not self._is_trusted(host):
                break
        return found

    def _is_in_a_network(self, host: str) -> bool:
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None) or address
        return any(mapped in network for network in self._networks)


class BehindProxies:
    """ASGI middleware, outside of everything that asks who the client is or whether it came by TLS."""

    def __init__(self, app: ASGIApp, proxies: Proxies) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on as the client sent it."""
        if scope["type"] != "lifespan" and self._proxies.trusts(scope.get("client")):
            headers = scope["headers"]
            scope["client"] = self._proxies.client(scope["client"], headers)
            forwarded = forwarded_https(headers)
            if forwarded is not None:
                scope["scheme"] = (_SECURE if forwarded else _PLAIN).get(scope["scheme"], scope["scheme"])
        await self._app(scope, receive, send)


def forwarded_https(headers: Headers) -> bool | None:
    """Whether a trusted proxy says that the client came by TLS; None when it does not say."""
    said = [value for name, value in headers if name == b"x-forwarded-proto"]
    scheme = said[-1].rpartition(b",")[2].strip().lower() if said else b""
    return scheme == b"https" if scheme in (b"http", b"https") else None


def _host(address: str) -> str | None:
    """The address of an entry, which may have a port; None when it is none."""
    if address.startswith("["):
        address = address[1:].partition("]")[0]
    elif address.count(":") == 1:
        address = address.partition(":")[0]
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None
