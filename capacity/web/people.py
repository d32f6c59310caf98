"""The addresses of the people of a territory, for its admins."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from capacity.board.access import Action, Grant
from capacity.errors import UnknownPerson
from capacity.services.auditing import Auditing
from capacity.services.inviting import Inviting
from capacity.services.signing import Signing
from capacity.store.members import Member
from capacity.vocabulary.acts import Act
from capacity.vocabulary.slugs import is_command
from capacity.web.access import caller_of
from capacity.web.answers import FRESH, json
from capacity.web.bodies import parsed
from capacity.web.operations import operation, territory_of
from capacity.web.session import BODY
from capacity.wire import problems
from capacity.wire.people import (
    GrantBody,
    InvitationAnswer,
    InvitationBody,
    LinkAnswer,
    PeopleAnswer,
    PersonAnswer,
    PersonLine,
)

TAG = "people"


class PeopleRoutes:
    """What `Inviting` answers, over HTTP."""

    def __init__(self, signing: Signing, auditing: Auditing) -> None:
        self._inviting: Inviting = signing.inviting
        self._auditing = auditing

    def routes(self) -> list[Route]:
        """The addresses."""
        people = "/v1/territories/{territory}/people"
        return [
            Route(people, self.people, methods=["GET"]),
            Route(people, self.invite, methods=["POST"]),
            Route(people + "/{person}", self.change_person, methods=["PUT"]),
            Route(people + "/{person}", self.remove_person, methods=["DELETE"]),
            Route(people + "/{person}/link", self.make_link, methods=["POST"]),
        ]

    @operation(
        TAG,
        {200: PeopleAnswer},
        problems.UNKNOWN_TERRITORY,
        problems.LEDGER_UNAVAILABLE,
        action=Action.MANAGE_PEOPLE,
    )
    async def people(self, request: Request) -> Response:
        """Everybody who is something for a territory, by e-mail."""
        found = await self._inviting.people_of(territory_of(request))
        return json(PeopleAnswer(people=[_line(member) for member in found]))

    @operation(
        TAG,
        {201: InvitationAnswer},
        problems.UNKNOWN_TERRITORY,
        problems.LAST_ADMIN,
        *BODY,
        problems.LEDGER_UNAVAILABLE,
        action=Action.MANAGE_PEOPLE,
        body=InvitationBody,
        example={"email": "claire@siao.example", "role": "staff", "sites": ["halte-hotel-de-ville"]},
    )
    async def invite(self, request: Request) -> Response:
        """Let somebody in, by a link to hand over: it signs in once within seven days, and is told only now.

        One who belongs to a territory where the caller is no admin gets the role without a link: they sign in as
        before.
        """
        said = await parsed(request, InvitationBody)
        member, link = await self._inviting.invite(
            territory_of(request), caller_of(request.scope), said.email, _grant(said)
        )
        await self._note(request, Act.PERSON_ADDED, member.id)
        if link is not None:
            await self._note(request, Act.LINK_MADE, member.id)
        told = InvitationAnswer(
            person=_line(member),
            link=None if link is None else link.address,
            link_expires_at=None if link is None else link.expires_at,
        )
        return json(told, 201)

    @operation(
        TAG,
        {200: PersonAnswer},
        problems.UNKNOWN_TERRITORY,
        problems.UNKNOWN_PERSON,
        problems.LAST_ADMIN,
        *BODY,
        problems.LEDGER_UNAVAILABLE,
        action=Action.MANAGE_PEOPLE,
        body=GrantBody,
        example={"role": "operator", "sites": []},
    )
    async def change_person(self, request: Request) -> Response:
        """Somebody is something else for this territory from now on. A territory keeps at least one admin."""
        territory, said = territory_of(request), await parsed(request, GrantBody)
        member = await self._inviting.change(territory, _person_of(request), _grant(said))
        await self._note(request, Act.PERSON_CHANGED, member.id)
        return json(PersonAnswer(person=_line(member)))

    @operation(
        TAG,
        {204: None},
        problems.UNKNOWN_TERRITORY,
        problems.UNKNOWN_PERSON,
        problems.LAST_ADMIN,
        problems.LEDGER_UNAVAILABLE,
        action=Action.MANAGE_PEOPLE,
    )
    async def remove_person(self, request: Request) -> Response:
        """Somebody is nothing for this territory any more, within two seconds. Who is nothing anywhere is forgotten."""
        person_id = _person_of(request)
        await self._inviting.remove(territory_of(request), person_id)
        await self._note(request, Act.PERSON_REMOVED, person_id)
        return Response(status_code=204, headers=FRESH)

    @operation(
        TAG,
        {201: LinkAnswer},
        problems.UNKNOWN_TERRITORY,
        problems.UNKNOWN_PERSON,
        problems.LEDGER_UNAVAILABLE,
        action=Action.MANAGE_PEOPLE,
    )
    async def make_link(self, request: Request) -> Response:
        """A new link for one who has lost the first one, or the password: once, within a day. It is told only now.

        Those before it end. Not for one who belongs to a territory where the caller is no admin.
        """
        person_id = _person_of(request)
        link = await self._inviting.link(territory_of(request), caller_of(request.scope), person_id)
        await self._note(request, Act.LINK_MADE, person_id)
        return json(LinkAnswer(link=link.address, link_expires_at=link.expires_at), 201)

    async def _note(self, request: Request, act: Act, person_id: str) -> None:
        await self._auditing.note(caller_of(request.scope), territory_of(request), act, person_id)


def _person_of(request: Request) -> str:
    person_id: str = request.path_params["person"].lower()
    if not is_command(person_id):
        raise UnknownPerson
    return person_id


def _grant(said: GrantBody) -> Grant:
    return Grant(said.role, frozenset(said.sites))


def _line(member: Member) -> PersonLine:
    return PersonLine(
        id=member.id,
        email=member.email,
        role=member.role,
        sites=sorted(member.sites),
        created_at=member.created_at,
        last_used_at=member.last_used_at,
        disabled=member.disabled,
        has_password=member.has_password,
        has_totp=member.has_totp,
    )
