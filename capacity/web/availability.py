"""The search for free places over HTTP: the raw query in, one answer out."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from capacity.board.access import Action
from capacity.board.clocks import Clock
from capacity.board.visibility import view_of
from capacity.errors import InvalidQuery
from capacity.services.auditing import Auditing
from capacity.services.finding import Finding
from capacity.services.promising import channel_of
from capacity.vocabulary.words import Visibility
from capacity.web.access import permission_of
from capacity.web.operations import operation, territory_of
from capacity.web.packing import packed
from capacity.wire import problems
from capacity.wire.availability import Availability, AvailabilityQuery, tell

_HEADERS = {"cache-control": "no-store"}


class AvailabilityRoutes:
    """What `Finding` answers, over HTTP."""

    def __init__(self, finding: Finding, auditing: Auditing, clock: Clock) -> None:
        self._finding = finding
        self._auditing = auditing
        self._clock = clock

    def routes(self) -> list[Route]:
        """The address."""
        return [Route("/v1/territories/{territory}/availability", self.availability, methods=["GET"])]

    @operation(
        "holds",
        {200: Availability},
        problems.UNKNOWN_TERRITORY,
        problems.INVALID_QUERY,
        problems.LEDGER_UNAVAILABLE,
        problems.STORE_UNAVAILABLE,
        action=Action.SEARCH,
    )
    async def availability(self, request: Request, query: AvailabilityQuery) -> Response:
        """Where a household can go now, best first.

        An option is one site for the whole household: one pool, else several pools of that site, never places of two
        sites. Its `lines` can be held as they are. What nobody has reported on for long is never plainly free: it comes
        last, to be confirmed by phone. `first_because` says what puts the first option before the second.
        """
        territory, question = territory_of(request), query.question
        if not question.household.persons:
            raise InvalidQuery([{"loc": ["women"], "msg": "at least one person: women, men or children"}])
        permitted = permission_of(request.scope)
        channel = channel_of(permitted, question.channel, is_named="channel" in query.model_fields_set)
        view = view_of(permitted)
        findings = await self._finding.find(territory, replace(question, channel=channel), view)
        if view.is_whole:
            shown = (option.place.shelter for option in findings.options)
            protected = {one.site_id for one in shown if one.visibility is Visibility.PROTECTED}
            await self._auditing.note_read(permitted.caller, territory, protected)
        return packed(request, tell(findings, self._clock()), _HEADERS)
