"""The straight way of a plain report or hold: from the parser's callbacks to the store and back to the socket.

A task, a cycle of ASGI messages, routing and middleware cost more than the command that they carry. A request that is
plain in every respect does without them, in our own server only; every other one, and every one of another ASGI
server, goes the long way through the application, and nobody can tell the two apart by the answer, the log or the
metrics. So whatever comes to decide over it on the long way must be asked here too, or make a request not plain.
Source: architecture.md, The write path, fast.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from time import perf_counter
from typing import ClassVar, Literal, NamedTuple, Protocol

import structlog
from starlette.responses import Response
from structlog.contextvars import bound_contextvars
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from capacity.board.access import Permission
from capacity.errors import StoreUnavailable
from capacity.services.asking import Asking
from capacity.vocabulary.slugs import is_territory
from capacity.web.access import Guard, secret_of
from capacity.web.defences import HTTPS_LINES, PLAIN_LINES, is_https
from capacity.web.observing import Observing, sane_id
from capacity.web.origins import OneOrigin
from capacity.web.problems import answer, refusal
from capacity.web.proxies import Proxies, forwarded_https
from capacity.wire.problems import INTERNAL, STOPPING

MOST_PLAIN_BYTES = 1_024
"""A single report or hold is shorter; what is longer is a batch, and worth its way."""
HEADS_REMEMBERED = 512
"""Clients repeat themselves, and taking a head apart costs more than to find it again."""
_JSON = frozenset({b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"})
_UNCOMMON = frozenset({b"expect", b"transfer-encoding", b"content-encoding", b"upgrade"})

log = structlog.get_logger(__name__)


class Connection(Protocol):
    """What a plain request needs of the connection that it came by."""

    transport: asyncio.Transport
    client: tuple[str, int] | None
    scheme: Literal["http", "https"] | None

    @property
    def default_headers(self) -> list[tuple[bytes, bytes]]:
        """What the server adds to every answer; another list whenever that changes."""

    def done(self, plain: "PlainRequest") -> None:
        """The answer was written."""

    def take_back(self, plain: "PlainRequest") -> None:
        """The application has to answer this one."""


Begin = Callable[[str, bytes, Permission, Callable[[Asking], None]], bool]
"""Asks the store about a body for a territory; False when that is nothing for the straight way after all.

The permission may be for some sites only: then it is asked for those of the body.
"""


class Way:
    """The POSTs to one address that may go straight, and the success that answers them."""

    def __init__(self, address: str, begin: Begin, guard: Guard, status: int = 200) -> None:
        """`address` is the template of the route, with the territory in it."""
        self.address = address
        self.begin = begin
        self.guard = guard
        self.status = status
        before, _, behind = address.partition("{territory}")
        self._pattern = re.compile(re.escape(before).encode() + rb"([a-z0-9-]+)" + re.escape(behind).encode())
        self._default_headers: list[tuple[bytes, bytes]] | None = None
        self._opening = b""

    def territory(self, url: bytes) -> str | None:
        """The territory that this address names; None when it is another one, or written in an uncommon way."""
        found = self._pattern.fullmatch(url)
        name = "" if found is None else found[1].decode()
        return name if is_territory(name) else None

    def head(self, default_headers: list[tuple[bytes, bytes]]) -> bytes:
        """A success up to its length."""
        if default_headers is not self._default_headers:
            self._default_headers = default_headers
            lines = [*default_headers, (b"content-type", b"application/json"), (b"cache-control", b"no-store")]
            said = b"".join(b"%b: %b\r\n" % line for line in lines)
            self._opening = STATUS_LINE[self.status] + said + b"content-length: "
        return self._opening


class _Judged(NamedTuple):
    way: Way
    territory: str
    request_id: bytes
    secret: str | None
    defences: bytes


class Straight:
    """Knows a plain request by its head; shared by all connections."""

    def __init__(self, ways: Sequence[Way], observing: Observing, one_origin: OneOrigin, proxies: Proxies) -> None:
        self.observing = observing
        self._proxies = proxies
        self._ways = ways
        self._one_origin = one_origin
        self._judged = lru_cache(maxsize=HEADS_REMEMBERED)(self._judge)

    def plain(
        self, connection: Connection, url: bytes, headers: list[tuple[bytes, bytes]], *, keep_alive: bool
    ) -> "PlainRequest | None":
        """A POST as a plain request whose body has yet to come; None when it is anything else."""
        is_believed = bool(self._proxies) and self._proxies.trusts(connection.client)
        judged = self._judged(url, connection.scheme, is_believed, *headers)
        if judged is None:
            return None
        way, territory, said_id, secret, defences = judged
        permitted = way.guard.recognises(secret, territory)  # each time anew: what a secret opens can end
        if permitted is None:
            return None
        return PlainRequest(
            connection, self.observing, way, territory, permitted, url, headers, sane_id(said_id), defences, keep_alive
        )

    def _judge(
        self, url: bytes, scheme: str | None, is_believed: bool, *headers: tuple[bytes, bytes]
    ) -> _Judged | None:
        """Whose request this is and what of it counts, if the head is plain. Depends on nothing else.

        `is_believed` is one that a trusted proxy passed on.
        """
        said, found = dict(headers), self._way_to(url)
        forwarded = forwarded_https(headers) if is_believed else None
        by_tls = is_https(scheme) if forwarded is None else forwarded
        if (
            found is None
            or len(said) != len(headers)
            or said.get(b"content-type", b"application/json") not in _JSON
            or not _UNCOMMON.isdisjoint(said)
            or int(said.get(b"content-length", MOST_PLAIN_BYTES + 1)) > MOST_PLAIN_BYTES
            or not self._one_origin.lets_write(headers, by_tls=by_tls)
        ):
            return None
        defences = HTTPS_LINES if by_tls else PLAIN_LINES
        return _Judged(*found, said.get(b"x-request-id", b""), secret_of({"headers": headers}), defences)

    def _way_to(self, url: bytes) -> tuple[Way, str] | None:
        return next(((way, name) for way in self._ways if (name := way.territory(url)) is not None), None)


class PlainRequest:
    """One request on the straight way. uvicorn sees in it the cycle of a request and a task, both still open."""

    __slots__ = (
        "_connection", "_defences", "_observing", "_permitted", "_request_id", "_started", "_territory", "_way",
        "body", "disconnected", "headers", "keep_alive", "response_complete", "url",
    )  # fmt: skip

    message_event: ClassVar = asyncio.Event()  # nobody waits for it
    more_body: ClassVar = False

    def __init__(
        self,
        connection: Connection,
        observing: Observing,
        way: Way,
        territory: str,
        permitted: Permission,
        url: bytes,
        headers: list[tuple[bytes, bytes]],
        request_id: bytes,
        defences: bytes,
        keep_alive: bool,
    ) -> None:
        self._connection = connection
        self._observing = observing
        self._way = way
        self._territory = territory
        self._permitted = permitted
        self._request_id = request_id
        self._defences = defences
        self._started = perf_counter()
        self.url = url
        self.headers = headers
        self.body = b""
        self.keep_alive = keep_alive
        self.disconnected = False
        self.response_complete = False

    def begin(self) -> bool:
        """Ask the store, now that the body is whole; False when that is nothing for the straight way after all."""
        return self._way.begin(self._territory, self.body, self._permitted, self._answered)

    def cancel(self, msg: str | None = None) -> bool:
        """The server stops, and its grace for open requests is over. Says later so: uvicorn is counting its tasks."""
        del msg
        asyncio.get_running_loop().call_soon(self._refuse, answer(STOPPING, "It could not be finished; send it again."))
        return True

    def _answered(self, asking: Asking) -> None:
        if self.response_complete:
            return
        if asking.is_refused:
            self._connection.take_back(self)
            return
        request_id = self._request_id
        try:
            with _bound(request_id) if asking.is_noted else nullcontext():  # the log must say whose remark it is
                body = asking.answer()
        except StoreUnavailable as problem:
            self._refuse(refusal(problem))
        except Exception:
            with _bound(request_id):
                log.exception("a request failed", route=self._way.address)
            self._refuse(answer(INTERNAL, "It is in our log under the request's id."))
        else:
            if body is None:
                self._connection.take_back(self)
                return
            head = b"%b%d" % (self._way.head(self._connection.default_headers), len(body))
            if asking.created:
                head += b"\r\nlocation: %b/%b" % (self.url, asking.created.encode())
            self._write(self._way.status, head, body)

    def _refuse(self, problem: Response) -> None:
        if self.response_complete:
            return
        lines = [*self._connection.default_headers, *problem.raw_headers]
        head = STATUS_LINE[problem.status_code] + b"\r\n".join(b"%b: %b" % line for line in lines)
        self._write(problem.status_code, head, bytes(problem.body))

    def _write(self, status: int, head: bytes, body: bytes) -> None:
        self.response_complete = True
        transport = self._connection.transport
        if not transport.is_closing():
            transport.write(
                b"%b\r\nx-request-id: %b%b%b%b"
                % (head, self._request_id, self._defences, _END if self.keep_alive else _LAST_END, body)
            )
            if not self.keep_alive:
                transport.close()
        self._observing.tell(self._request_id, "POST", self._way.address, status, perf_counter() - self._started)
        self._connection.done(self)


def _bound(request_id: bytes) -> AbstractContextManager[None]:
    return bound_contextvars(request_id=request_id.decode())


_END = b"\r\n\r\n"
_LAST_END = b"\r\nconnection: close\r\n\r\n"
