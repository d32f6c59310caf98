"""The two addresses of RFC 8628, by which a screen without a keyboard is let in."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from capacity.board.access import Action
from capacity.services.pairing import INTERVAL_SECONDS, LASTS_SECONDS, Pairing
from capacity.store.pairing import PairingState
from capacity.web import examples
from capacity.web.bodies import parsed_form
from capacity.web.clients import address_of
from capacity.web.cookies import give
from capacity.web.operations import operation
from capacity.web.qr import qr_svg
from capacity.wire import problems
from capacity.wire.devices import (
    AuthorizationBody,
    DeviceAuthorization,
    DeviceToken,
    DeviceTokenBody,
    DeviceTokenRefusal,
)

TAG = "devices"
PAGE = "/appareil"
COOKIE_LASTS = timedelta(days=400)
"""The longest that browsers keep one; a device's token itself lasts until it is revoked."""
_FRESH = {"cache-control": "no-store"}
_WRITES = (
    problems.INVALID_BODY,
    problems.UNSUPPORTED_MEDIA_TYPE,
    problems.BODY_TOO_LARGE,
    problems.STORE_UNAVAILABLE,
)
_SAYS = {
    PairingState.PENDING: "authorization_pending",
    PairingState.SLOW: "slow_down",
    PairingState.UNKNOWN: "expired_token",
    PairingState.DENIED: "access_denied",
}


class PairingRoutes:
    """What `Pairing` tells a screen, over HTTP."""

    def __init__(self, pairing: Pairing) -> None:
        self._pairing = pairing

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/v1/devices/authorization", self.authorize_device, methods=["POST"]),
            Route("/v1/devices/token", self.device_token, methods=["POST"]),
        ]

    @operation(
        TAG,
        {200: DeviceAuthorization},
        *_WRITES,
        problems.TOO_MANY_REQUESTS,
        action=Action.OPEN_TO_ALL,
        body=AuthorizationBody,
        example=examples.DEVICE_AUTHORIZATION,
    )
    async def authorize_device(self, request: Request) -> Response:
        """Ask to be let in (RFC 8628): show the `user_code`, keep the `device_code`, then poll for the token.

        The code is valid for a quarter of an hour. The body is JSON or a form.
        """
        asked = await parsed_form(request, AuthorizationBody)
        begun = await self._pairing.begin(asked.client_id, asked.label, address_of(request.scope))
        complete = f"{PAGE}#{begun.user_code}"
        told = DeviceAuthorization(
            device_code=begun.device_code,
            user_code=begun.user_code,
            verification_uri=PAGE,
            verification_uri_complete=complete,
            expires_in=LASTS_SECONDS,
            interval=INTERVAL_SECONDS,
            qr_svg=qr_svg(f"{request.url.scheme}://{request.url.netloc}{complete}"),
        )
        return Response(told.model_dump_json(), headers=_FRESH, media_type="application/json")

    @operation(
        TAG,
        {200: DeviceToken, 400: DeviceTokenRefusal},
        *_WRITES,
        problems.LEDGER_UNAVAILABLE,
        action=Action.OPEN_TO_ALL,
        body=DeviceTokenBody,
        example=examples.DEVICE_TOKEN,
        headers={200: ("Set-Cookie",)},
    )
    async def device_token(self, request: Request) -> Response:
        """Ask what was decided, every `interval` seconds, and five seconds less often at each `slow_down`.

        The token is told once. The body is JSON or a form.
        """
        asked = await parsed_form(request, DeviceTokenBody)
        found = await self._pairing.poll(asked.device_code, asked.client_id)
        if isinstance(found, PairingState):
            refusal = DeviceTokenRefusal.model_validate({"error": _SAYS[found]})
            return Response(refusal.model_dump_json(), 400, _FRESH, "application/json")
        answer = Response(DeviceToken(access_token=found).model_dump_json(), 200, _FRESH, "application/json")
        give(answer, found, COOKIE_LASTS)
        return answer
