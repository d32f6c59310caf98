"""Where the live store is: one server, a primary that Sentinels watch, or a cluster; and how an address says so.

`redis://host:6379/0`, `rediss://…` and `unix:///path` are one server; `redis+sentinel://host:26379,host:26379/name` is
the primary that the Sentinels know by this name, `redis+cluster://host:6379,host:6379` are any nodes of a cluster.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from redis.asyncio.connection import SSLConnection, parse_url

FORMS = (
    "it is redis://HOST:PORT/0, rediss:// or unix:// for one server, redis+sentinel://HOST:PORT,HOST:PORT/NAME for one "
    "that Sentinels watch, or redis+cluster://HOST:PORT,HOST:PORT (rediss+… where they speak TLS)"
)

Node = tuple[str, int]
"""A host and a port."""


class Kind(StrEnum):
    """How the live store is run."""

    SERVER = "server"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


USUAL_PORT = {Kind.SENTINEL: 26379, Kind.CLUSTER: 6379}


@dataclass(frozen=True, slots=True)
class LiveAddress:
    """An address as it was given. It may hold passwords, so nothing prints it."""

    kind: Kind
    nodes: tuple[Node, ...]
    """The Sentinels, or the nodes of the cluster to ask first; none for one server."""
    name: str = ""
    """What the Sentinels call the primary."""
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Of a connection to a server, as redis-py knows them."""
    sentinel_options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Of a connection to a Sentinel: `sentinel_username` and `sentinel_password` of the address, TLS as its scheme."""

    @property
    def by_tls(self) -> bool:
        """Whether the servers are spoken to by TLS."""
        return self.options.get("connection_class") is SSLConnection


def live_address(url: str) -> LiveAddress:
    """The address that a URL says.

    Raises:
        ValueError: with the forms that there are; the sentence does not repeat the URL.
    """
    scheme = url.partition("://")[0]
    transport, _, kind = scheme.partition("+")
    if not kind:
        try:
            return LiveAddress(Kind.SERVER, (), options=dict(parse_url(url)))
        except ValueError as problem:
            raise ValueError(FORMS) from problem
    if transport not in ("redis", "rediss") or kind not in (Kind.SENTINEL, Kind.CLUSTER):
        raise ValueError(FORMS)
    try:
        return _of_many(url, transport, Kind(kind))
    except ValueError as problem:
        raise ValueError(FORMS) from problem


def _of_many(url: str, transport: str, kind: Kind) -> LiveAddress:
    parts = urlsplit(url)
    known, _, hosts = parts.netloc.rpartition("@")
    nodes = tuple(_node(host, USUAL_PORT[kind]) for host in hosts.split(","))
    name, _, db = parts.path.strip("/").partition("/")
    if kind is Kind.CLUSTER:
        name, db = "", name
    if (kind is Kind.SENTINEL) != bool(name) or (db and not db.isdigit()) or (kind is Kind.CLUSTER and int(db or 0)):
        raise ValueError(FORMS)
    at = f"{known}@" if known else ""
    options = dict(parse_url(f"{transport}://{at}localhost/{db}?{parts.query}"))
    options.pop("host")
    own = {key.removeprefix("sentinel_"): options.pop(key) for key in list(options) if key.startswith("sentinel_")}
    tls = {key: value for key, value in options.items() if key.startswith("ssl_")}
    return LiveAddress(kind, nodes, name, options, {**own, **tls, **({"ssl": True} if transport == "rediss" else {})})


def _node(text: str, usual_port: int) -> Node:
    found = urlsplit(f"//{text}")
    if not found.hostname:
        raise ValueError(FORMS)
    return found.hostname, found.port or usual_port
