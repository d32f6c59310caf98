"""The addresses of signing in and out, and of one's own sessions."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from capacity.board.access import Action, Caller, Grant
from capacity.errors import UnknownSession
from capacity.services.admitting import Admission
from capacity.services.auditing import Auditing
from capacity.services.sessions import IDLE
from capacity.services.signing import Signing
from capacity.vocabulary.acts import Act
from capacity.vocabulary.slugs import is_command
from capacity.web import cookies
from capacity.web.access import caller_of, secret_of
from capacity.web.answers import FRESH, json
from capacity.web.bodies import parsed
from capacity.web.clients import address_of, label_of
from capacity.web.operations import operation
from capacity.wire import problems
from capacity.wire.people import (
    GrantAnswer,
    LinkBody,
    SessionAnswer,
    SessionLine,
    SessionsAnswer,
    SignInBody,
)

TAG = "session"
FORGET = {"clear-site-data": '"cache"'}
"""The browser's own copies of what was read. Not its storage: what a tablet has not sent yet is a promise."""
BODY = (problems.INVALID_BODY, problems.UNSUPPORTED_MEDIA_TYPE, problems.BODY_TOO_LARGE)
STORES = (problems.STORE_UNAVAILABLE, problems.LEDGER_UNAVAILABLE)


class SessionRoutes:
    """What `SigningIn` and `Sessions` answer, over HTTP."""

    def __init__(self, signing: Signing, auditing: Auditing) -> None:
        self._auditing = auditing
        self._sessions = signing.sessions
        self._signing_in = signing.signing_in

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/v1/session", self.session, methods=["GET"]),
            Route("/v1/session", self.sign_in, methods=["POST"]),
            Route("/v1/session", self.sign_out, methods=["DELETE"]),
            Route("/v1/session/link", self.sign_in_by_link, methods=["POST"]),
            Route("/v1/session/rotation", self.rotate, methods=["POST"]),
            Route("/v1/sessions", self.sessions, methods=["GET"]),
            Route("/v1/sessions/{session}", self.end_session, methods=["DELETE"]),
        ]

    @operation(TAG, {200: SessionAnswer}, problems.LEDGER_UNAVAILABLE, action=Action.SIGN_IN)
    async def session(self, request: Request) -> Response:
        """Who one is here, and what for.

        `needs` says what a person has to set before the session may do anything else.
        """
        return json(await self._told(caller_of(request.scope).credential))

    @operation(
        TAG,
        {200: SessionAnswer},
        problems.WRONG_CREDENTIALS,
        problems.CODE_NEEDED,
        problems.TOO_MANY_TRIES,
        problems.TOO_BUSY,
        *BODY,
        *STORES,
        action=Action.SIGN_IN,
        body=SignInBody,
        example={"email": "claire@siao.example", "password": "trois tilleuls au bord de l'eau", "code": "492039"},
    )
    async def sign_in(self, request: Request) -> Response:
        """Sign in by e-mail and password, and by a code where there is a second factor.

        The answer sets a cookie. One problem tells of everything that may be wrong. Each wrong try makes the next one
        wait longer, by the account and by the address that it comes from.
        """
        said = await parsed(request, SignInBody)
        who = {"address": address_of(request.scope), "label": label_of(request.headers.get("user-agent", ""))}
        return await self._begun(await self._signing_in.by_password(said.email, said.password, said.code, **who))

    @operation(
        TAG,
        {200: SessionAnswer},
        problems.LINK_USED,
        problems.CODE_NEEDED,
        problems.WRONG_CREDENTIALS,
        problems.TOO_MANY_TRIES,
        *BODY,
        *STORES,
        action=Action.SIGN_IN,
        body=LinkBody,
        example={"secret": "n5Jt5o0p0bB3v0kqk1wq6yYxvYbqfJmFz4o3m2p1l0k"},
    )
    async def sign_in_by_link(self, request: Request) -> Response:
        """Sign in by a link that works once. It stands for the password, not for the second factor."""
        said = await parsed(request, LinkBody)
        who = {"address": address_of(request.scope), "label": label_of(request.headers.get("user-agent", ""))}
        return await self._begun(await self._signing_in.by_link(said.secret, said.code, **who))

    @operation(TAG, {204: None}, problems.LEDGER_UNAVAILABLE, action=Action.SIGN_IN)
    async def sign_out(self, request: Request) -> Response:
        """End what one came in by. Whoever has not signed in loses the cookie of an ended session."""
        caller = caller_of(request.scope)
        await self._auditing.note_everywhere(caller, Act.SIGNED_OUT)
        await self._sessions.leave(caller)
        answer = Response(status_code=204, headers=FRESH | FORGET)
        cookies.take_away(answer)
        return answer

    @operation(TAG, {204: None}, problems.LEDGER_UNAVAILABLE, action=Action.OWN_ACCOUNT)
    async def rotate(self, request: Request) -> Response:
        """Go on by another cookie, for thirty days more. Of two requests at once, one has it."""
        secret = await self._sessions.rotate(caller_of(request.scope), secret_of(request.scope) or "")
        answer = Response(status_code=204, headers=FRESH)
        if secret is not None:
            cookies.give(answer, secret, IDLE)
        return answer

    @operation(TAG, {200: SessionsAnswer}, problems.LEDGER_UNAVAILABLE, action=Action.OWN_ACCOUNT)
    async def sessions(self, request: Request) -> Response:
        """One's own sessions, newest first."""
        caller = caller_of(request.scope)
        lines = [
            SessionLine(**asdict(one), current=one.id == caller.credential) for one in await self._sessions.of(caller)
        ]
        return json(SessionsAnswer(sessions=lines))

    @operation(TAG, {204: None}, problems.UNKNOWN_SESSION, problems.LEDGER_UNAVAILABLE, action=Action.OWN_ACCOUNT)
    async def end_session(self, request: Request) -> Response:
        """End one of one's own sessions, everywhere within two seconds."""
        session: str = request.path_params["session"].lower()
        if not is_command(session):
            raise UnknownSession
        caller = caller_of(request.scope)
        await self._sessions.end(caller, session)
        await self._auditing.note_everywhere(caller, Act.SESSION_ENDED)
        return Response(status_code=204, headers=FRESH)

    async def _begun(self, admission: Admission) -> Response:
        told = await self._told(admission.credential)
        grants = {grant.territory: Grant(grant.role) for grant in told.grants}
        await self._auditing.note_everywhere(Caller("", admission.credential, grants), Act.SIGNED_IN)
        answer = json(told)
        cookies.give(answer, admission.secret, IDLE)
        return answer

    async def _told(self, credential: str) -> SessionAnswer:
        standing = await self._sessions.standing(credential)
        if standing is None:
            return SessionAnswer(signed_in=False, grants=[])
        opened = standing.opened
        return SessionAnswer(
            signed_in=True,
            kind=opened.kind.value,
            id=opened.id,
            label=opened.label,
            email=opened.email,
            needs=[] if standing.need is None else [standing.need.value],
            grants=[
                GrantAnswer(territory=territory, role=grant.role, sites=sorted(grant.sites))
                for territory, grant in sorted(standing.grants.items())
            ],
            expires_at=opened.expires_at,
        )
