"""The addresses of households' requests and of what became of them (DNP)."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from pydantic_core import to_json
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from capacity.board.access import Action
from capacity.board.nights import Night
from capacity.board.requests import Request, Summary
from capacity.services.requesting import Requesting, Told
from capacity.services.tallying import Tallying
from capacity.vocabulary.slugs import is_command
from capacity.vocabulary.words import UnmetReason
from capacity.web import examples
from capacity.web.bodies import parsed
from capacity.web.operations import operation, territory_of
from capacity.web.problems import answer
from capacity.wire import problems
from capacity.wire.problems import ProblemType
from capacity.wire.requests import (
    ClosedRequest,
    NightRequests,
    OpenedRequest,
    OutcomeBody,
    RequestBody,
    RequestsQuery,
)

TAG = "requests"
_FRESH = {"cache-control": "no-store"}

DETAILS: Mapping[ProblemType, str] = {
    problems.UNKNOWN_REQUEST: "There is no such request, or it was opened more than 48 hours ago.",
    problems.UNKNOWN_HOLD: "There is no such hold, or it ended more than 48 hours ago; the request stays as it is.",
    problems.REQUEST_CLOSED: "Somebody has said before what became of it; `request` tells what.",
    problems.ID_TAKEN: "This id was given to another command before; make a new one.",
}
_BY_SLUG = {kind.slug: kind for kind in DETAILS}
_SHOWN = tuple(field.name for field in fields(Request) if field.name != "night")

_WRITES = (
    problems.UNKNOWN_TERRITORY,
    problems.ID_TAKEN,
    problems.INVALID_BODY,
    problems.UNSUPPORTED_MEDIA_TYPE,
    problems.BODY_TOO_LARGE,
    problems.STORE_UNAVAILABLE,
)


class RequestRoutes:
    """What `Requesting` and `Tallying` answer, over HTTP."""

    def __init__(self, requesting: Requesting, tallying: Tallying) -> None:
        self._requesting = requesting
        self._tallying = tallying

    def routes(self) -> list[Route]:
        """The addresses."""
        requests = "/v1/territories/{territory}/requests"
        return [
            Route(requests, self.requests, methods=["GET"]),
            Route(requests, self.open_request, methods=["POST"]),
            Route(requests + "/{request}/outcome", self.close_request, methods=["POST"]),
        ]

    @operation(
        TAG,
        {200: NightRequests},
        problems.UNKNOWN_TERRITORY,
        problems.INVALID_QUERY,
        problems.STORE_UNAVAILABLE,
        problems.LEDGER_UNAVAILABLE,
        action=Action.READ_REQUESTS,
    )
    async def requests(self, request: HttpRequest, query: RequestsQuery) -> Response:
        """The requests of a night, newest first, and what the night adds up to.

        A night goes from noon to noon and bears the name of the day on which it begins. Requests, households and
        persons are counted apart, since one household may call many times. The last two nights are told while the
        ledger is away.
        """
        night = self._tallying.tonight() if query.night is None else Night(query.night)
        book = await self._tallying.of_night(territory_of(request), night)
        newest = [_told(one) for one in book.newest(query.limit)]
        return _json({"night": str(night), "requests": newest, "summary": _counted(book.summary())})

    @operation(
        TAG,
        {200: OpenedRequest, 201: OpenedRequest},
        *_WRITES,
        action=Action.RECORD_REQUEST,
        body=RequestBody,
        example=examples.REQUEST,
    )
    async def open_request(self, request: HttpRequest) -> Response:
        """Record that a household asks for a place.

        `contact` is the code that it was told at an earlier call of this night; without one it is a new household, and
        the answer has a code for the operator to tell it. The code is kept nowhere. The same id again is answered 200
        with the same request as it is now.
        """
        territory = territory_of(request)
        told = await self._requesting.open(territory, await parsed(request, RequestBody))
        if told.request is None:
            return _refused(told)
        status = 201 if told.outcome == "done" else 200
        return _json({"request": _told(told.request), "contact": told.contact}, status)

    @operation(
        TAG,
        {200: ClosedRequest},
        problems.UNKNOWN_REQUEST,
        problems.UNKNOWN_HOLD,
        problems.REQUEST_CLOSED,
        *_WRITES,
        action=Action.RECORD_REQUEST,
        body=OutcomeBody,
        example=examples.OUTCOME,
    )
    async def close_request(self, request: HttpRequest) -> Response:
        """Say what became of a request: oriented, with its hold, or unmet, with a reason. The first word stands."""
        territory, asked = territory_of(request), (await parsed(request, OutcomeBody)).root
        told = await self._requesting.close(territory, _request_of(request), asked)
        if told.request is None or told.outcome in _BY_SLUG:
            return _refused(told)
        return _json({"request": _told(told.request)})


def _request_of(request: HttpRequest) -> str:
    """The request of the address; what could be none is one that nobody made."""
    request_id: str = request.path_params["request"].lower()
    return request_id if is_command(request_id) else "none"


def _refused(told: Told) -> Response:
    kind = _BY_SLUG[told.outcome]
    members = {} if told.request is None else {"request": _told(told.request)}
    return answer(kind, DETAILS[kind], **members)


def _told(request: Request) -> dict[str, Any]:
    """A request as the wire shows it; `asdict` would copy it, and take five times as long."""
    return {name: getattr(request, name) for name in _SHOWN}


def _counted(summary: Summary) -> dict[str, Any]:
    """A summary as the wire shows it: every reason, also one that nobody gave."""
    return {**asdict(summary), "unmet": {reason: summary.unmet.get(reason, 0) for reason in UnmetReason}}


def _json(told: dict[str, Any], status: int = 200) -> Response:
    return Response(to_json(told), status, _FRESH, "application/json")
