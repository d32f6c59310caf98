"""The way of the hot path around the framework: routing, middleware and exception groups cost more than a report.

The route stays where it is, for its other methods, for the document, and for whoever serves it without this.
Source: architecture.md, The write path.
"""

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from capacity.errors import CapacityError
from capacity.web.problems import refusal
from capacity.web.straight import Straight


class Ahead:
    """ASGI application that hands the POSTs to one route straight to `hot`, and everything else to `app`.

    `straight` is for a server that can do without ASGI for the plainest of them; another one need not know of it.
    """

    def __init__(self, route: Route, hot: ASGIApp, app: Starlette, straight: Straight | None = None) -> None:
        self.straight = straight
        self._route = route
        self._hot = hot
        self._app = app

    @property
    def routes(self) -> list[BaseRoute]:
        """All addresses, the one that goes ahead among them."""
        return self._app.routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the address, then pass on."""
        if scope["type"] == "http" and scope["method"] == "POST":
            found = self._route.path_regex.match(scope["path"])
            if found is not None:
                scope["path_params"], scope["route"] = found.groupdict(), self._route
                await self._hot(scope, receive, send)
                return
        await self._app(scope, receive, send)


class Telling:
    """ASGI middleware that answers an endpoint's refusals with their problems, as the framework's handlers do."""

    def __init__(self, endpoint: ASGIApp) -> None:
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and tell what is refused."""
        try:
            await self._endpoint(scope, receive, send)
        except CapacityError as problem:
            await refusal(problem)(scope, receive, send)
