"""The addresses of holds and contingents. Source: wire.md, Holds."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TypeVar

from pydantic import BaseModel
from pydantic_core import from_json, to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from capacity.board.access import Action
from capacity.errors import InvalidQuery
from capacity.services.auditing import Auditing
from capacity.services.holding import Holding
from capacity.services.promising import Promising
from capacity.store.holds import Verdict
from capacity.vocabulary.acts import Act
from capacity.vocabulary.slugs import is_command, is_site
from capacity.web import examples
from capacity.web.access import caller_of, permission_of
from capacity.web.bodies import parsed, read_json, validated
from capacity.web.operations import operation, pool_of, territory_of
from capacity.web.problems import answer
from capacity.wire import problems
from capacity.wire.holds import (
    AcceptanceBody,
    AddressAnswer,
    ArrivalBody,
    ContingentsAnswer,
    ContingentsBody,
    Expiries,
    ExtensionBody,
    HoldAnswer,
    HoldBody,
    Holds,
    ReleaseBody,
    StatementBody,
)
from capacity.wire.parsing import parse_hold
from capacity.wire.problems import ProblemType

TAG = "holds"
ADDRESS = "/v1/territories/{territory}/holds"
TOLD_OF_A_SITE = {"id", "name", "address", "position", "phone", "opening_hours"}
_FRESH = {"cache-control": "no-store"}
_Body = TypeVar("_Body", bound=BaseModel)

DETAILS: Mapping[ProblemType, str] = {
    problems.NO_FREE_PLACE: "Not all of it is free for this channel any more; nothing was held. `rows` tell what is.",
    problems.POOL_CLOSED: "The pool is closed; nothing was held. Look for another one.",
    problems.POOL_DRAINING: "Those inside stay, but nobody new is taken in; nothing was held. Look for another one.",
    problems.POOL_SUSPENDED: "The pool takes nobody for now; nothing was held. Look for another one, or call the site.",
    problems.POOL_GONE: "The pool has left the board for good; nothing was taken. Load the sites again.",
    problems.UNKNOWN_POOL: "There is no such pool on the board of this territory; nothing was taken.",
    problems.UNKNOWN_HOLD: "There is no such hold, or it ended more than 48 hours ago.",
    problems.HOLD_ACTIVE: "The hold is still active: end it by arrival or release instead.",
    problems.HOLD_TOO_LONG: "It would end more than 240 minutes from now; nothing was changed.",
    problems.MORE_THAN_HELD: "More places are named than the hold has; report the others as a movement.",
    problems.NOT_ACCEPTED: "The site has not accepted this household yet: do not go there, wait or call the 115.",
    problems.ADDRESS_GIVEN: "The address was given before, and is given once. Call the 115.",
    problems.ID_TAKEN: "This id was given to another command before; make a new one.",
}
_BY_SLUG = {kind.slug: kind for kind in DETAILS}

_WRITES = (
    problems.UNKNOWN_TERRITORY,
    problems.ID_TAKEN,
    problems.INVALID_BODY,
    problems.UNSUPPORTED_MEDIA_TYPE,
    problems.BODY_TOO_LARGE,
    problems.STORE_UNAVAILABLE,
)


class HoldRoutes:
    """What `Holding` answers, over HTTP."""

    def __init__(self, holding: Holding, promising: Promising, auditing: Auditing) -> None:
        """What a caller may do about holds goes through `promising`; contingents need no more than the door."""
        self._auditing = auditing
        self._holding = holding
        self._promising = promising

    def routes(self) -> list[Route]:
        """The addresses."""
        holds = ADDRESS
        return [
            Route(holds, self.holds, methods=["GET"]),
            Route(holds, self.create_hold, methods=["POST"]),
            Route(holds + "/{hold}", self.hold, methods=["GET"]),
            Route(holds + "/{hold}/arrival", self.arrive, methods=["POST"]),
            Route(holds + "/{hold}/release", self.release, methods=["POST"]),
            Route(holds + "/{hold}/extension", self.extend, methods=["POST"]),
            Route(holds + "/{hold}/acceptance", self.accept, methods=["POST"]),
            Route(holds + "/{hold}/address", self.address, methods=["POST"]),
            Route(holds + "/{hold}/statement", self.testify, methods=["POST"]),
            Route("/v1/territories/{territory}/expiries", self.expiries, methods=["GET"]),
            Route("/v1/territories/{territory}/pools/{pool}/contingents", self.contingents, methods=["PUT"]),
        ]

    @operation(
        TAG,
        {200: Holds},
        problems.UNKNOWN_TERRITORY,
        problems.UNKNOWN_SITE,
        problems.STORE_UNAVAILABLE,
        problems.LEDGER_UNAVAILABLE,
        action=Action.SEE_HOLDS,
    )
    async def holds(self, request: Request) -> Response:
        """The active holds of a territory, or with `?site=` of one site, soonest end first."""
        site = request.query_params.get("site")
        if site is not None and not is_site(site):
            raise InvalidQuery([{"loc": ["site"], "msg": "it names no site"}])
        found = await self._promising.active(territory_of(request), site, permission_of(request.scope))
        return _json(b'{"holds":[%b]}' % b",".join(found))

    @operation(
        TAG,
        {200: Expiries},
        problems.UNKNOWN_TERRITORY,
        problems.STORE_UNAVAILABLE,
        problems.LEDGER_UNAVAILABLE,
        action=Action.SEE_EXPIRIES,
    )
    async def expiries(self, request: Request) -> Response:
        """Which held places come back next and when, for a screen on a wall: no code, no party, no protected site."""
        found = await self._promising.expiries(territory_of(request))
        return _json(to_json({"expiries": found}))

    @operation(
        TAG,
        {200: HoldAnswer},
        problems.UNKNOWN_TERRITORY,
        problems.UNKNOWN_HOLD,
        problems.STORE_UNAVAILABLE,
        action=Action.SEE_HOLDS,
    )
    async def hold(self, request: Request) -> Response:
        """One hold with its pools' rows, also one that has ended, for 48 hours."""
        found = await self._promising.hold(territory_of(request), _hold_of(request), permission_of(request.scope))
        if found is None:
            return answer(problems.UNKNOWN_HOLD, DETAILS[problems.UNKNOWN_HOLD])
        return _json(_whole(found.hold, found.rows))

    @operation(
        TAG,
        {200: HoldAnswer, 201: HoldAnswer},
        problems.NO_FREE_PLACE,
        problems.POOL_CLOSED,
        problems.POOL_DRAINING,
        problems.POOL_SUSPENDED,
        problems.POOL_GONE,
        problems.UNKNOWN_POOL,
        problems.LEDGER_UNAVAILABLE,
        *_WRITES,
        action=Action.HOLD,
        body=HoldBody,
        example=examples.HOLD,
        headers={201: ("Location",)},
    )
    async def create_hold(self, request: Request) -> Response:
        """Hold places for a household: every line, or nothing.

        The id is the sender's: the same one again is answered 200 with the same hold as it is now. The code is said
        at the door. The hold ends by itself after its minutes.
        """
        body = await read_json(request.scope, request.receive)
        asked = parse_hold(body) or validated(body, HoldBody)
        verdict = await self._promising.create(territory_of(request), asked, permission_of(request.scope))
        if verdict.outcome == "done":
            return _json(_whole(verdict.hold, verdict.rows), 201, {"location": f"{request.url.path}/{asked.id}"})
        return _told(verdict)

    @operation(
        TAG,
        {200: HoldAnswer},
        problems.UNKNOWN_HOLD,
        problems.HOLD_ENDED,
        problems.MORE_THAN_HELD,
        *_WRITES,
        action=Action.END_HOLD,
        body=ArrivalBody,
        example=examples.ARRIVAL,
    )
    async def arrive(self, request: Request) -> Response:
        """Those who were awaited are here: what was held for them is occupied, and what they do not need is free."""
        body = await parsed(request, ArrivalBody)
        return _told(await self._promising.arrive(*_addressed(request), body, permission_of(request.scope)))

    @operation(
        TAG,
        {200: HoldAnswer},
        problems.UNKNOWN_HOLD,
        problems.HOLD_ENDED,
        *_WRITES,
        action=Action.END_HOLD,
        body=ReleaseBody,
        example=examples.RELEASE,
    )
    async def release(self, request: Request) -> Response:
        """Give the places back before the end, and say why."""
        return await self._act(request, ReleaseBody, self._holding.release)

    @operation(
        TAG,
        {200: HoldAnswer},
        problems.UNKNOWN_HOLD,
        problems.HOLD_ENDED,
        problems.HOLD_TOO_LONG,
        *_WRITES,
        action=Action.END_HOLD,
        body=ExtensionBody,
        example=examples.EXTENSION,
    )
    async def extend(self, request: Request) -> Response:
        """Let the hold end so many minutes later, at most 240 minutes from now."""
        return await self._act(request, ExtensionBody, self._holding.extend)

    @operation(
        TAG,
        {200: HoldAnswer},
        problems.UNKNOWN_HOLD,
        problems.HOLD_ACTIVE,
        *_WRITES,
        action=Action.END_HOLD,
        body=StatementBody,
        example=examples.STATEMENT,
    )
    async def testify(self, request: Request) -> Response:
        """Say what became of a hold that has ended; where the two sides differ, operators see it."""
        body = await parsed(request, StatementBody)
        return _told(await self._promising.testify(*_addressed(request), body, permission_of(request.scope)))

    @operation(
        TAG,
        {200: HoldAnswer},
        problems.UNKNOWN_HOLD,
        problems.HOLD_ENDED,
        *_WRITES,
        action=Action.ACCEPT_HOLD,
        body=AcceptanceBody,
        example=examples.ACCEPTANCE,
    )
    async def accept(self, request: Request) -> Response:
        """Take in the household that a team has announced at a protected site; the team may then ask where it is.

        To refuse it is a release with the reason `refused`.
        """
        answered = await self._act(request, AcceptanceBody, self._accept)
        if answered.status_code == 200:
            territory, hold_id = _addressed(request)
            await self._auditing.note(caller_of(request.scope), territory, Act.HOLD_ACCEPTED, hold_id)
        return answered

    @operation(
        TAG,
        {200: AddressAnswer},
        problems.UNKNOWN_HOLD,
        problems.HOLD_ENDED,
        problems.NOT_ACCEPTED,
        problems.ADDRESS_GIVEN,
        problems.LEDGER_UNAVAILABLE,
        *_WRITES,
        action=Action.ASK_ADDRESS,
        body=AcceptanceBody,
        example=examples.ACCEPTANCE,
    )
    async def address(self, request: Request) -> Response:
        """Where the household may go: told to the team that holds, once the site has accepted it, and once only.

        The same id again is answered the same while the hold is active, for an answer that was lost on the way. Do not
        keep it beyond the hold's end.
        """
        body = await parsed(request, AcceptanceBody)
        territory, hold_id = _addressed(request)
        told = await self._promising.address(territory, hold_id, body.id, permission_of(request.scope))
        if told.verdict.outcome == "refused":
            return _told(told.verdict)
        for site in told.sites:  # before it is told
            await self._auditing.note(caller_of(request.scope), territory, Act.ADDRESS_GIVEN, site.id)
        sites = [site.model_dump(mode="json", include=TOLD_OF_A_SITE) for site in told.sites]
        return _json(to_json({"site": sites[0] if sites else None, "sites": sites}))

    async def _accept(self, territory: str, hold_id: str, body: AcceptanceBody) -> Verdict:
        return await self._holding.accept(territory, hold_id, body.id)

    @operation(
        TAG,
        {200: ContingentsAnswer},
        problems.UNKNOWN_TERRITORY,
        problems.UNKNOWN_POOL,
        problems.POOL_GONE,
        problems.INVALID_BODY,
        problems.UNSUPPORTED_MEDIA_TYPE,
        problems.BODY_TOO_LARGE,
        problems.STORE_UNAVAILABLE,
        action=Action.KEEP_CONTINGENTS,
        body=ContingentsBody,
        example=examples.CONTINGENTS,
    )
    async def contingents(self, request: Request) -> Response:
        """Keep places of a pool for channels until an hour; after it they are everybody's by themselves."""
        kept = await self._holding.keep(territory_of(request), pool_of(request), await parsed(request, ContingentsBody))
        if isinstance(kept, str):
            return answer(_BY_SLUG[kept], DETAILS[_BY_SLUG[kept]])
        contingents = to_json(from_json(kept.row)["contingents"])
        return _json(b'{"contingents":%b,"row":%b}' % (contingents, kept.row))

    async def _act(
        self, request: Request, model: type[_Body], verb: Callable[[str, str, _Body], Awaitable[Verdict]]
    ) -> Response:
        asked = await parsed(request, model)
        territory, hold_id = _addressed(request)
        permitted = permission_of(request.scope)
        act = partial(verb, territory, hold_id, asked)
        return _told(await self._promising.act(territory, hold_id, permitted, act))


def _addressed(request: Request) -> tuple[str, str]:
    return territory_of(request), _hold_of(request)


def _hold_of(request: Request) -> str:
    """The hold of the address; what could be none is one that nobody made."""
    hold: str = request.path_params["hold"].lower()
    return hold if is_command(hold) else "none"


def _told(verdict: Verdict) -> Response:
    """A verdict that is not a creation, as an answer."""
    if verdict.outcome != "refused":
        return _json(_whole(verdict.hold, verdict.rows))
    slug, _, again = verdict.note.partition(" ")
    rows = [from_json(row) for row in verdict.rows]
    if slug == problems.HOLD_ENDED.slug:
        hold = from_json(verdict.hold)
        can_again = again == "again"
        return answer(problems.HOLD_ENDED, _ended(hold, can_again), hold=hold, rows=rows, again=can_again)
    kind = _BY_SLUG[slug]
    members = {"hold": from_json(verdict.hold)} if verdict.hold else {}
    return answer(kind, DETAILS[kind], rows=rows, **members)


def _ended(hold: dict[str, str], can_again: bool) -> str:
    how = {"arrived": "by arrival", "expired": "when its time was over"}.get(hold["state"], "by release")
    further = "The places are free again: hold them anew." if can_again else "The places are no longer free."
    return f"It ended {how} at {hold['ended_at']}. {further}"


def _whole(hold: bytes, rows: list[bytes]) -> bytes:
    return b'{"hold":%b,"rows":[%b]}' % (hold, b",".join(rows))


def _json(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(body, status, {**_FRESH, **(headers or {})}, "application/json")
