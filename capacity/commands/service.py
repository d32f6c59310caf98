"""A running service as the commands see it: its HTTP API, asked again while it is away for a moment."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2

from capacity.board.clocks import Clock, rfc3339, system_clock, to_ms
from capacity.errors import ServiceRefused, ServiceUnreachable

DEADLINE_SECONDS = 30.0
TRIES = 6
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 10.0
NOT_NOW = (httpx2.codes.SERVICE_UNAVAILABLE, httpx2.codes.TOO_MANY_REQUESTS)
LOOPBACK = ("127.0.0.1", "localhost", "::1")

Report = dict[str, Any]
"""A report in the shape of the wire."""
Result = dict[str, Any]
"""What became of one report, in the shape of the wire."""
Command = dict[str, Any]
"""A numbered command of the ledger, in the shape of the wire."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A yes or a no of the service, in the shape of the wire."""

    status: int
    body: dict[str, Any]

    @property
    def is_yes(self) -> bool:
        """Whether it was taken; else the body is a problem."""
        return httpx2.codes.is_success(self.status)


class Service:
    """One territory of a running service. Every method raises ServiceUnreachable and ServiceRefused."""

    def __init__(self, http: httpx2.AsyncClient, url: str, *, clock: Clock, wait: Callable[[float], Any]) -> None:
        self._http = http
        self._url = url
        self._clock = clock
        self._wait = wait
        self._has_answered = False

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, territory: str, *, token: str | None = None, clock: Clock = system_clock
    ) -> AsyncIterator["Service"]:
        """Connections for as long as the context lasts. A proxy has no part in what stays on this machine.

        `token` is the bearer token to sign in with; without one we are the public.
        """
        base = f"{url.rstrip('/')}/v1/territories/{quote(territory, safe='')}"
        trusts_proxies = urlsplit(url).hostname not in LOOPBACK
        try:
            http = httpx2.AsyncClient(
                base_url=base, timeout=DEADLINE_SECONDS, trust_env=trusts_proxies, headers=signed_in(token)
            )
        except (httpx2.InvalidURL, ValueError) as exc:
            raise ServiceUnreachable(f"{url} is no address: {exc}") from exc
        async with http:
            yield cls(http, url, clock=clock, wait=asyncio.sleep)

    async def board(self) -> dict[str, Any]:
        """The whole board."""
        return await self._json("GET", "/board")

    async def pools(self) -> set[str]:
        """The pools on the board; none where there is no such territory."""
        try:
            rows = (await self.board())["rows"]
        except ServiceRefused as exc:
            if exc.status == httpx2.codes.NOT_FOUND:
                return set()
            raise
        return {row["pool"] for row in rows if not row.get("gone")}

    async def sites(self) -> list[dict[str, Any]]:
        """The sites with their pools."""
        return list((await self._json("GET", "/sites"))["sites"])

    async def history(self, pool: str, from_ms: int, until_ms: int) -> list[dict[str, Any]]:
        """A pool's points, one a change, from one moment up to another."""
        query = {"from": rfc3339(from_ms), "to": rfc3339(until_ms)}
        path = f"/pools/{quote(pool, safe='')}/history"
        return list((await self._json("GET", path, params=query))["points"])

    async def ledger(self, after_seq: int, limit: int = 1_000) -> list[Command]:
        """The numbered commands after a number, oldest first."""
        query = {"after": after_seq, "limit": limit}
        return list((await self._json("GET", "/ledger", params=query))["commands"])

    async def report(self, reports: Sequence[Report], sent_at_ms: int | None = None) -> list[Result]:
        """Post one batch. Ids take effect once, so a batch whose answer was lost is sent again as it is.

        `sent_at_ms` is the sender's own clock; without it the moments stand as they are. Law 3.
        """
        body: dict[str, Any] = {} if sent_at_ms is None else {"sent_at": rfc3339(sent_at_ms)}
        return list((await self._json("POST", "/reports", json={**body, "reports": list(reports)}))["results"])

    async def ask(self, method: str, path: str, **request: Any) -> Answer:
        """What the service says, be it yes or no: a problem with a name is an answer too.

        Asked again while it is away, so a command must carry its id.
        """
        answer = await self._ask(method, path, **request)
        if answer.is_success or "problem+json" in answer.headers.get("content-type", ""):
            return Answer(answer.status_code, answer.json())
        raise ServiceRefused(f"{self._url} answered {answer.status_code}: {_detail(answer)}", answer.status_code)

    async def holds(self) -> list[dict[str, Any]]:
        """The active holds, soonest end first."""
        return list((await self._json("GET", "/holds"))["holds"])

    async def clock_ahead_ms(self) -> int:
        """By how much the service's clock is ahead of ours, at least: the answer has travelled since it was read."""
        server_ms = ms_of((await self.board())["server_time"])
        return server_ms - self._clock()

    async def _json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        answer = await self._ask(method, path, **request)
        if answer.is_success:
            return dict(answer.json())
        raise ServiceRefused(f"{self._url} answered {answer.status_code}: {_detail(answer)}", answer.status_code)

    async def _ask(self, method: str, path: str, **request: Any) -> httpx2.Response:
        wait_seconds = FIRST_WAIT_SECONDS
        for tries_left in reversed(range(TRIES)):
            try:
                answer = await self._http.request(method, path, **request)
            except httpx2.TransportError as exc:
                if not tries_left or not self._has_answered:  # who never answered is not away for a moment
                    raise ServiceUnreachable(f"{self._url} does not answer.") from exc
            else:
                self._has_answered = True
                if answer.status_code not in NOT_NOW or not tries_left:
                    return answer
                wait_seconds = max(wait_seconds, _retry_after_seconds(answer))
            await self._wait(min(wait_seconds, LONGEST_WAIT_SECONDS))
            wait_seconds *= 2
        raise AssertionError("the last try returns or raises")


def signed_in(token: str | None) -> dict[str, str]:
    """The header that signs in with a bearer token, if there is one."""
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def ms_of(moment: str) -> int:
    """An RFC 3339 moment of the service in milliseconds since 1970."""
    return to_ms(datetime.fromisoformat(moment))


def _retry_after_seconds(answer: httpx2.Response) -> float:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0


def _detail(answer: httpx2.Response) -> str:
    try:
        problem = answer.json()
        return str(problem.get("detail") or problem["title"])
    except (ValueError, KeyError, AttributeError):
        return answer.reason_phrase
