"""The hot path over HTTP: a bare ASGI endpoint, raw JSON in and out. Source: architecture.md, The write path."""

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from capacity.board.access import Action
from capacity.errors import UnknownTerritory
from capacity.services.reporting import Reporting
from capacity.vocabulary.slugs import is_territory
from capacity.web import examples
from capacity.web.access import permission_of
from capacity.web.bodies import read_json
from capacity.web.operations import operation, operation_of
from capacity.wire import problems
from capacity.wire.reports import ReportBatch, ReportResults

ADDRESS = "/v1/territories/{territory}/reports"
_HEADERS = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


class PostReports:
    """Takes a batch without a Request, a Response or a parsed body in between."""

    def __init__(self, reporting: Reporting) -> None:
        self._reporting = reporting

    def routes(self) -> list[Route]:
        """The address."""
        return [Route(ADDRESS, self, methods=["POST"])]

    @operation(
        "reports",
        {200: ReportResults},
        problems.UNKNOWN_TERRITORY,
        problems.INVALID_BODY,
        problems.UNSUPPORTED_MEDIA_TYPE,
        problems.BODY_TOO_LARGE,
        problems.TOO_MANY_REQUESTS,
        problems.STORE_UNAVAILABLE,
        problems.LEDGER_UNAVAILABLE,
        action=Action.REPORT,
        body=ReportBatch,
        example=examples.REPORTS,
    )
    async def post(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Report counts, movements, confirmations, inventories and statuses.

        One result a report, in order; each report stands alone. Every report has an id made by the sender and takes
        effect once: the same id again is answered `duplicate` with the number first given, for 48 hours. Send a batch
        again, as it is, until it is answered.

        Whoever is for some sites only gets a report on a pool of another site back with `/problems/not-allowed`.
        """
        territory = scope["path_params"]["territory"]
        if not is_territory(territory):
            raise UnknownTerritory
        body = await read_json(scope, receive)
        answer = await self._reporting.post(territory, body, permission_of(scope))
        length = (b"content-length", b"%d" % len(answer))
        await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS, length]})
        await send({"type": "http.response.body", "body": answer})

    __call__ = post  # an instance is the endpoint itself
    operation = operation_of(post)
