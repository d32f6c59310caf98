"""How far sites keep their word, and where the two sides of a hold disagree, over HTTP."""

from typing import Any

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from capacity.board.access import Action
from capacity.board.clocks import rfc3339
from capacity.board.testimony import Ending, Reliability
from capacity.services.reckoning import NIGHTS, Reckoning
from capacity.web.operations import operation, territory_of
from capacity.wire import problems
from capacity.wire.reliability import Disagreements, ReliabilityOfSites

TAG = "holds"
_FRESH = {"cache-control": "no-store"}


class ReliabilityRoutes:
    """What `Reckoning` answers, over HTTP."""

    def __init__(self, reckoning: Reckoning) -> None:
        self._reckoning = reckoning

    def routes(self) -> list[Route]:
        """The addresses."""
        territory = "/v1/territories/{territory}"
        return [
            Route(territory + "/reliability", self.reliability, methods=["GET"]),
            Route(territory + "/disagreements", self.disagreements, methods=["GET"]),
        ]

    @operation(
        TAG,
        {200: ReliabilityOfSites},
        problems.UNKNOWN_TERRITORY,
        problems.LEDGER_UNAVAILABLE,
        action=Action.READ_REQUESTS,
    )
    async def reliability(self, request: Request) -> Response:
        """How the holds on each site ended over its last 30 nights.

        A site on which no hold ended in that time is not among them.
        """
        sites = [_site(one) for one in await self._reckoning.reliability(territory_of(request))]
        return Response(to_json({"sites": sites}), headers=_FRESH, media_type="application/json")

    @operation(
        TAG, {200: Disagreements}, problems.UNKNOWN_TERRITORY, problems.LEDGER_UNAVAILABLE, action=Action.READ_REQUESTS
    )
    async def disagreements(self, request: Request) -> Response:
        """The holds of the last two nights whose end is told differently by the team, the site or the board."""
        told = [_disagreement(one) for one in await self._reckoning.disagreements(territory_of(request))]
        return Response(to_json({"disagreements": told}), headers=_FRESH, media_type="application/json")


def _site(one: Reliability) -> dict[str, Any]:
    return {
        "site": one.site, "kept": one.kept, "of": one.of, "nights": NIGHTS, "arrived": one.arrived,
        "full_on_arrival": one.full_on_arrival, "refused": one.refused, "no_show": one.no_show, "expired": one.expired,
    }  # fmt: skip


def _disagreement(one: Ending) -> dict[str, Any]:
    return {
        "hold": one.hold,
        "pools": one.pools,
        "site": one.site,
        "ended": {"as": one.ended_as, "at": rfc3339(one.ended_ms)},
        "free": [{"pool": pool, "free": free} for pool, free in one.free.items()],
        "statements": [{"side": said.side, "says": said.says, "at": rfc3339(said.at_ms)} for said in one.statements],
    }
