"""The one table from what went wrong to the problem that tells it. Source: architecture.md, Errors; RFC 9457."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ExceptionHandler

from capacity import errors
from capacity.wire import problems
from capacity.wire.problems import ProblemType

CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 2

TABLE: Mapping[type[errors.CapacityError], ProblemType] = {
    errors.InvalidBody: problems.INVALID_BODY,
    errors.InvalidQuery: problems.INVALID_QUERY,
    errors.NotJson: problems.UNSUPPORTED_MEDIA_TYPE,
    errors.BodyTooLarge: problems.BODY_TOO_LARGE,
    errors.BodyTooSlow: problems.TOO_SLOW,
    errors.RangeTooLong: problems.INVALID_QUERY,
    errors.UnknownTerritory: problems.UNKNOWN_TERRITORY,
    errors.UnknownSite: problems.UNKNOWN_SITE,
    errors.UnknownPool: problems.UNKNOWN_POOL,
    errors.PoolGone: problems.POOL_GONE,
    errors.NotSignedIn: problems.NOT_SIGNED_IN,
    errors.NotAllowed: problems.NOT_ALLOWED,
    errors.WrongCredentials: problems.WRONG_CREDENTIALS,
    errors.CodeNeeded: problems.CODE_NEEDED,
    errors.LinkUsed: problems.LINK_USED,
    errors.TooManyTries: problems.TOO_MANY_TRIES,
    errors.TooBusy: problems.TOO_BUSY,
    errors.WeakPassword: problems.WEAK_PASSWORD,
    errors.WrongPassword: problems.WRONG_PASSWORD,
    errors.WrongCode: problems.WRONG_CODE,
    errors.TotpActive: problems.TOTP_ACTIVE,
    errors.SecondFactorNeeded: problems.SECOND_FACTOR_NEEDED,
    errors.UnknownSession: problems.UNKNOWN_SESSION,
    errors.UnknownPerson: problems.UNKNOWN_PERSON,
    errors.LastAdmin: problems.LAST_ADMIN,
    errors.UnknownProvider: problems.UNKNOWN_PROVIDER,
    errors.TooManyRequests: problems.TOO_MANY_REQUESTS,
    errors.UnknownCode: problems.UNKNOWN_CODE,
    errors.UnknownDevice: problems.UNKNOWN_DEVICE,
    errors.PoolTaken: problems.POOL_TAKEN,
    errors.StoreUnavailable: problems.STORE_UNAVAILABLE,
    errors.InDoubt: problems.STORE_UNAVAILABLE,
    errors.ReplicaAway: problems.STORE_UNAVAILABLE,
    errors.StoreNotDurable: problems.STORE_UNAVAILABLE,
    errors.LedgerUnavailable: problems.LEDGER_UNAVAILABLE,
}
"""An error that is not here is a fault of ours: 500, and the log has it."""

_HTTP = {404: problems.NOT_FOUND, 405: problems.METHOD_NOT_ALLOWED}
_HANG_UP = {problems.BODY_TOO_LARGE, problems.TOO_SLOW}


def answer(kind: ProblemType, detail: str, headers: Mapping[str, str] | None = None, **members: Any) -> Response:
    """A problem as a response; `members` are extension members such as `errors`."""
    more = {"cache-control": "no-store", **(headers or {})}
    if kind.status == 503:
        more["retry-after"] = str(RETRY_SECONDS)
    if kind is problems.NOT_SIGNED_IN:
        more["www-authenticate"] = "Bearer"
    if kind in _HANG_UP:  # the rest of the body may still be under way, and nobody will read it
        more["connection"] = "close"
    body = json.dumps(kind.body(detail, **members), ensure_ascii=False, separators=(",", ":"))
    return Response(body.encode(errors="replace"), kind.status, more, CONTENT_TYPE)


def handlers(routes: Iterable[BaseRoute]) -> dict[Any, ExceptionHandler]:
    """What turns each error into its answer; the routes are asked what they allow."""
    known = [route for route in routes if isinstance(route, Route)]

    async def http(request: Request, exc: Exception) -> Response:
        kind = _HTTP.get(getattr(exc, "status_code", 500), problems.BAD_REQUEST)
        if kind is not problems.METHOD_NOT_ALLOWED:
            return answer(kind, "There is nothing at this address.")
        allowed = sorted({method for route in known if _matches(route, request) for method in route.methods or ()})
        return answer(kind, f"Allowed here: {', '.join(allowed)}.", {"allow": ", ".join(allowed)})

    return {HTTPException: http, **dict.fromkeys(TABLE, _refuse)}


def refusal(exc: Exception) -> Response:
    """The answer to an error of the table, also where no exception handler answers: the upgrade of a socket."""
    kind = next(TABLE[ancestor] for ancestor in type(exc).__mro__ if ancestor in TABLE)
    found, retry_seconds = getattr(exc, "errors", None), getattr(exc, "retry_seconds", None)
    headers = None if retry_seconds is None else {"retry-after": str(retry_seconds)}
    return answer(kind, str(exc), headers) if found is None else answer(kind, str(exc), errors=_plain(found))


async def _refuse(_request: Request, exc: Exception) -> Response:
    return refusal(exc)


def _plain(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Findings without numbers that JSON does not have."""
    return [
        {"loc": [str(part) if isinstance(part, float) and not math.isfinite(part) else part for part in one["loc"]]}
        | {"msg": one["msg"]}
        for one in found
    ]


def _matches(route: Route, request: Request) -> bool:
    return route.matches(request.scope)[0] is not Match.NONE
