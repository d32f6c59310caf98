"""The addresses of one's own password and second factor."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from capacity.board.access import Action
from capacity.services.auditing import Auditing
from capacity.services.signing import Signing
from capacity.vocabulary.acts import Act
from capacity.web.access import caller_of
from capacity.web.answers import FRESH, json
from capacity.web.bodies import parsed
from capacity.web.operations import operation
from capacity.web.qr import qr_svg
from capacity.web.session import BODY, STORES
from capacity.wire import problems
from capacity.wire.people import CodeBody, OfferAnswer, PasswordBody, RecoveryAnswer

TAG = "account"
_CODES = (problems.WRONG_CODE, problems.TOO_MANY_TRIES, *BODY, *STORES)
_EXAMPLE = {"code": "492039"}


class AccountRoutes:
    """What `Securing` answers, over HTTP. A device or a system has no account: 403."""

    def __init__(self, signing: Signing, auditing: Auditing) -> None:
        self._securing = signing.securing
        self._auditing = auditing

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/v1/me/password", self.set_password, methods=["PUT"]),
            Route("/v1/me/totp", self.offer_totp, methods=["POST"]),
            Route("/v1/me/totp", self.accept_totp, methods=["PUT"]),
            Route("/v1/me/totp", self.end_totp, methods=["DELETE"]),
        ]

    @operation(
        TAG,
        {204: None},
        problems.WEAK_PASSWORD,
        problems.WRONG_PASSWORD,
        problems.TOO_MANY_TRIES,
        problems.TOO_BUSY,
        *BODY,
        *STORES,
        action=Action.OWN_ACCOUNT,
        body=PasswordBody,
        example={"password": "trois tilleuls au bord de l'eau", "current": "sept barques sous la lune"},
    )
    async def set_password(self, request: Request) -> Response:
        """Set one's password: twelve signs or more, and none that is easily guessed. One's other sessions end.

        `current` is needed unless there is none yet, or a link has signed in within half an hour.
        """
        said = await parsed(request, PasswordBody)
        caller = caller_of(request.scope)
        await self._securing.set_password(caller, said.password, said.current)
        await self._auditing.note_everywhere(caller, Act.PASSWORD_SET)
        return Response(status_code=204, headers=FRESH)

    @operation(TAG, {200: OfferAnswer}, problems.TOTP_ACTIVE, problems.LEDGER_UNAVAILABLE, action=Action.OWN_ACCOUNT)
    async def offer_totp(self, request: Request) -> Response:
        """Ask for a second factor. It is not active before a code of it comes back."""
        offer = await self._securing.offer_totp(caller_of(request.scope))
        return json(OfferAnswer(secret=offer.secret, uri=offer.uri, qr_svg=qr_svg(offer.uri)))

    @operation(
        TAG, {200: RecoveryAnswer}, problems.TOTP_ACTIVE, *_CODES,
        action=Action.OWN_ACCOUNT, body=CodeBody, example=_EXAMPLE,
    )  # fmt: skip
    async def accept_totp(self, request: Request) -> Response:
        """Make the second factor active by its first code; the recovery codes are told only now."""
        said = await parsed(request, CodeBody)
        caller = caller_of(request.scope)
        codes = await self._securing.accept_totp(caller, said.code)
        await self._auditing.note_everywhere(caller, Act.SECOND_FACTOR_SET)
        return json(RecoveryAnswer(recovery_codes=codes))

    @operation(TAG, {204: None}, *_CODES, action=Action.OWN_ACCOUNT, body=CodeBody, example=_EXAMPLE)
    async def end_totp(self, request: Request) -> Response:
        """Take the second factor off, by one of its codes or a recovery code."""
        said = await parsed(request, CodeBody)
        caller = caller_of(request.scope)
        await self._securing.end_totp(caller, said.code)
        await self._auditing.note_everywhere(caller, Act.SECOND_FACTOR_REMOVED)
        return Response(status_code=204, headers=FRESH)
