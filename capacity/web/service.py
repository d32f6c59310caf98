"""The service's own addresses: does it live, is it ready, what does it measure. Source: wire.md, Service."""

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from capacity.board.access import Action
from capacity.web.metrics import Metrics
from capacity.web.operations import operation
from capacity.web.problems import answer
from capacity.web.readiness import readiness
from capacity.web.vitals import Vitals
from capacity.wire import problems
from capacity.wire.service import Health, Readiness

TAG = "service"
_FRESH = {"cache-control": "no-store"}


class ServiceRoutes:
    """How the process and what it stands on are."""

    def __init__(self, vitals: Vitals, metrics: Metrics) -> None:
        self._vitals = vitals
        self._metrics = metrics

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/healthz", self.healthz, methods=["GET"]),
            Route("/readyz", self.readyz, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
        ]

    @operation(TAG, {200: Health}, action=Action.OPEN_TO_ALL)
    async def healthz(self, _request: Request) -> Response:
        """Whether the process lives. Asks nobody: a database's hiccup must not restart every process."""
        return Response(Health().model_dump_json(), headers=_FRESH, media_type="application/json")

    @operation(TAG, {200: Readiness}, problems.NOT_READY, action=Action.OPEN_TO_ALL)
    async def readyz(self, _request: Request) -> Response:
        """Whether Redis, Postgres and the recorder's lag are in bounds; else 503, and which one is not."""
        found = await readiness(self._vitals.checks())
        if not found.ready:
            wrong = [f"{name}: {check.detail}" for name, check in found.checks.items() if not check.ok]
            return answer(problems.NOT_READY, "; ".join(wrong), checks=found.model_dump()["checks"])
        return Response(found.model_dump_json(), headers=_FRESH, media_type="application/json")

    async def metrics(self, _request: Request) -> Response:
        """The metrics in Prometheus' text format."""
        await self._vitals.tell(self._metrics)
        return Response(self._metrics.text(), headers={**_FRESH, "content-type": CONTENT_TYPE_LATEST})
