"""A territory's own addresses: whether everybody may read it, and who did what there. Source: wire.md, Audit."""

from typing import Any

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from capacity.board.access import Action
from capacity.board.clocks import rfc3339, to_ms
from capacity.services.auditing import Auditing
from capacity.services.publishing import Publishing
from capacity.store.audit import AuditLine
from capacity.store.publicity import Publicity
from capacity.web.access import caller_of
from capacity.web.bodies import parsed
from capacity.web.operations import operation, territory_of
from capacity.wire import problems
from capacity.wire.audit import AuditQuery, Events, PublicityBody, TerritoryAnswer

TAG = "territory"


class TerritoryRoutes:
    """What `Publishing` and `Auditing` answer, over HTTP."""

    def __init__(self, publishing: Publishing, auditing: Auditing) -> None:
        self._publishing = publishing
        self._auditing = auditing

    def routes(self) -> list[Route]:
        """The addresses."""
        territory = "/v1/territories/{territory}"
        return [
            Route(territory, self.territory, methods=["GET"]),
            Route(territory + "/publicity", self.set_publicity, methods=["PUT"]),
            Route(territory + "/audit", self.audit, methods=["GET"]),
        ]

    @operation(
        TAG,
        {200: TerritoryAnswer},
        problems.UNKNOWN_TERRITORY,
        problems.LEDGER_UNAVAILABLE,
        action=Action.OPEN_TO_ALL,
    )
    async def territory(self, request: Request) -> Response:
        """A territory, and whether everybody may read the numbers of its public sites."""
        return _json({"territory": _told(await self._publishing.of(territory_of(request)))})

    @operation(
        TAG,
        {200: TerritoryAnswer},
        problems.UNKNOWN_TERRITORY,
        problems.INVALID_BODY,
        problems.UNSUPPORTED_MEDIA_TYPE,
        problems.BODY_TOO_LARGE,
        problems.LEDGER_UNAVAILABLE,
        action=Action.SET_PUBLICITY,
        body=PublicityBody,
        example={"is_public": True},
    )
    async def set_publicity(self, request: Request) -> Response:
        """Let everybody read the numbers of the territory's public sites, or nobody without a credential."""
        territory = territory_of(request)
        body = await parsed(request, PublicityBody)
        is_now = await self._publishing.set(caller_of(request.scope), territory, is_public=body.is_public)
        return _json({"territory": _told(is_now)})

    @operation(
        TAG,
        {200: Events},
        problems.UNKNOWN_TERRITORY,
        problems.INVALID_QUERY,
        problems.LEDGER_UNAVAILABLE,
        action=Action.READ_AUDIT,
    )
    async def audit(self, request: Request, query: AuditQuery) -> Response:
        """Who did what, latest first: by role and device, never by name.

        Lines are kept for as long as `/donnees` says. The next ones are asked for with the last `id` as `before`.
        """
        territory = (await self._publishing.of(territory_of(request))).id
        lines = await self._auditing.page(territory, query.before, query.limit)
        return _json({"events": [_event(line) for line in lines]})


def _told(territory: Publicity) -> dict[str, object]:
    return {"id": territory.id, "name": territory.name, "is_public": territory.is_public}


def _event(line: AuditLine) -> dict[str, object]:
    actor = {"role": line.role, "kind": line.kind, "label": line.label}
    return {
        "id": line.id, "at": rfc3339(to_ms(line.at)), "actor": actor, "action": line.act, "subject": line.subject,
    }  # fmt: skip


def _json(told: Any) -> Response:
    return Response(to_json(told), headers={"cache-control": "no-store"}, media_type="application/json")
