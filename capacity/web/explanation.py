"""Why this number? The explanation of a pool's row over HTTP."""

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from capacity.board.access import Action
from capacity.board.visibility import view_of
from capacity.services.explaining import Explaining
from capacity.web.access import permission_of
from capacity.web.operations import operation, pool_of, territory_of
from capacity.wire import problems
from capacity.wire.explanation import Explanation


class ExplanationRoutes:
    """What `Explaining` answers, over HTTP."""

    def __init__(self, explaining: Explaining) -> None:
        self._explaining = explaining

    def routes(self) -> list[Route]:
        """The addresses."""
        return [Route("/v1/territories/{territory}/pools/{pool}/explanation", self.explanation, methods=["GET"])]

    @operation(
        "board",
        {200: Explanation},
        problems.UNKNOWN_TERRITORY,
        problems.UNKNOWN_POOL,
        problems.POOL_GONE,
        problems.STORE_UNAVAILABLE,
        problems.LEDGER_UNAVAILABLE,
        action=Action.EXPLAIN,
    )
    async def explanation(self, request: Request) -> Response:
        """Why a pool's row shows what it shows.

        Capacity, what is added and out of service, the latest count and the movements since, each active hold: all of
        one instant, so that it adds up to the row exactly.
        """
        territory = territory_of(request)
        view = view_of(permission_of(request.scope))
        found = await self._explaining.explanation(territory, pool_of(request), view)
        return Response(to_json(found), headers={"cache-control": "no-store"}, media_type="application/json")
