"""The board over HTTP and its feed: the addresses of `feed.py`. Source: wire.md, One shape and The feed."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from capacity.board.access import Action
from capacity.board.visibility import view_of
from capacity.services.broadcasting import Hub
from capacity.services.budgets import FeedBudget
from capacity.web import feed
from capacity.web.access import Guard, permission_of
from capacity.web.operations import operation, territory_of
from capacity.wire import problems
from capacity.wire.board import BoardMessage, BoardQuery


class BoardRoutes:
    """What the `Hub` shows, over HTTP and WebSocket."""

    def __init__(self, hub: Hub, guard: Guard, budget: FeedBudget) -> None:
        """`guard` and `budget` are the feed's, whose refusals have to answer an upgrade."""
        self._hub = hub
        self._guard = guard
        self._budget = budget

    def routes(self) -> list[BaseRoute]:
        """The addresses."""
        territory = "/v1/territories/{territory}"
        return [
            Route(territory + "/board", self.board, methods=["GET"]),
            WebSocketRoute(territory + "/feed", self.feed),
        ]

    @operation(
        "board",
        {200: BoardMessage, 304: None},
        problems.UNKNOWN_TERRITORY,
        problems.INVALID_QUERY,
        problems.LEDGER_UNAVAILABLE,
        problems.STORE_UNAVAILABLE,
        action=Action.READ_BOARD,
        headers={200: ("ETag",), 304: ("ETag",)},
    )
    async def board(self, request: Request, query: BoardQuery) -> Response:
        """The rows that a reader still needs.

        Without a position, or with that of another epoch, all of them (`complete`). The same address with `/feed`
        instead of `/board` is a WebSocket: a first message like this answer, then one a tick in which something
        changed, and at least every 15 seconds one without rows.
        """
        view = view_of(permission_of(request.scope))
        return await feed.board(self._hub, territory_of(request), view, feed.position_of(query), request)

    async def feed(self, websocket: WebSocket) -> None:
        """The rows as they change."""
        await feed.feed(self._hub, self._guard, self._budget, websocket)
