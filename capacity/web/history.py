"""What the ledger tells over HTTP: a pool over time, and the numbered commands. Source: wire.md, History."""

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from capacity.board.access import Action
from capacity.board.clocks import Clock, rfc3339, to_ms
from capacity.errors import InvalidQuery
from capacity.services.recalling import Recalling
from capacity.web.operations import operation, pool_of, territory_of
from capacity.wire import problems
from capacity.wire.history import Commands, History, HistoryQuery, LedgerQuery

TAG = "history"
DAY_MS = 86_400_000


class HistoryRoutes:
    """What `Recalling` answers, over HTTP."""

    def __init__(self, recalling: Recalling, clock: Clock) -> None:
        self._recalling = recalling
        self._clock = clock

    def routes(self) -> list[Route]:
        """The addresses."""
        territory = "/v1/territories/{territory}"
        return [
            Route(territory + "/pools/{pool}/history", self.history, methods=["GET"]),
            Route(territory + "/ledger", self.ledger, methods=["GET"]),
        ]

    @operation(
        TAG,
        {200: History},
        problems.UNKNOWN_TERRITORY,
        problems.UNKNOWN_POOL,
        problems.INVALID_QUERY,
        problems.LEDGER_UNAVAILABLE,
        action=Action.READ_HISTORY,
    )
    async def history(self, request: Request, query: HistoryQuery) -> Response:
        """A pool over time, by the moments of observation.

        With a `step`, each point is the moment of that step with the fewest free places: an hour in which the pool was
        full for a minute shows 0. Without, there is a point a change.
        """
        territory, pool_id = territory_of(request), pool_of(request)
        step_ms = None if query.step is None else query.step * 1000
        points = await self._recalling.history(territory, pool_id, *self._span(query), step_ms)
        told = [
            {"at": rfc3339(point.at_ms), "capacity": point.capacity, "occupied": point.occupied}
            | {"held": point.held, "free": point.free}
            for point in points
        ]
        return Response(json.dumps({"points": told}, separators=(",", ":")), media_type="application/json")

    @operation(
        TAG,
        {200: Commands},
        problems.UNKNOWN_TERRITORY,
        problems.INVALID_QUERY,
        problems.LEDGER_UNAVAILABLE,
        action=Action.READ_LEDGER,
    )
    async def ledger(self, request: Request, query: LedgerQuery) -> Response:
        """The numbered commands of a territory, oldest first."""
        commands = await self._recalling.ledger(territory_of(request), query.after, query.limit)
        return Response(f'{{"commands":[{",".join(commands)}]}}', media_type="application/json")

    def _span(self, query: HistoryQuery) -> tuple[int, int]:
        end_ms = self._clock() if query.end is None else to_ms(query.end)
        start_ms = end_ms - DAY_MS if query.start is None else to_ms(query.start)
        if start_ms >= end_ms:
            raise InvalidQuery([{"loc": ["from"], "msg": "it must lie before `to`"}])
        return start_ms, end_ms
