"""The devices and tokens of a territory: who waits to be let in, who is, and who is shown out."""

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from capacity.board.access import Action
from capacity.board.clocks import from_ms
from capacity.errors import UnknownDevice
from capacity.services.auditing import Auditing
from capacity.services.equipping import Equipping
from capacity.services.pairing import Pairing
from capacity.vocabulary.acts import Act
from capacity.vocabulary.slugs import is_command
from capacity.web import examples
from capacity.web.access import permission_of
from capacity.web.bodies import parsed
from capacity.web.operations import operation, territory_of
from capacity.wire import problems
from capacity.wire.devices import (
    DecisionBody,
    Denial,
    DeviceAnswer,
    DeviceRequest,
    DeviceRequestAnswer,
    Devices,
    TokenAnswer,
    TokenBody,
)

TAG = "devices"
_FRESH = {"cache-control": "no-store"}
_WRITES = (
    problems.UNKNOWN_TERRITORY,
    problems.INVALID_BODY,
    problems.UNSUPPORTED_MEDIA_TYPE,
    problems.BODY_TOO_LARGE,
    problems.LEDGER_UNAVAILABLE,
)


class DeviceRoutes:
    """What `Pairing` and `Equipping` tell who may let devices in, over HTTP."""

    def __init__(self, pairing: Pairing, equipping: Equipping, auditing: Auditing) -> None:
        self._pairing = pairing
        self._equipping = equipping
        self._auditing = auditing

    def routes(self) -> list[Route]:
        """The addresses."""
        territory = "/v1/territories/{territory}"
        request = territory + "/devices/requests/{user_code}"
        return [
            Route(request, self.device_request, methods=["GET"]),
            Route(request, self.decide_on_device, methods=["POST"]),
            Route(territory + "/devices", self.devices, methods=["GET"]),
            Route(territory + "/devices/{device}", self.revoke_device, methods=["DELETE"]),
            Route(territory + "/tokens", self.make_token, methods=["POST"]),
        ]

    @operation(
        TAG,
        {200: DeviceRequestAnswer},
        problems.UNKNOWN_TERRITORY,
        problems.UNKNOWN_CODE,
        problems.STORE_UNAVAILABLE,
        action=Action.ADMIT_DEVICE,
    )
    async def device_request(self, request: Request) -> Response:
        """The screen that shows a code and waits. Look at it before you let it in: the label is its own word."""
        territory_of(request)
        found = await self._pairing.look(request.path_params["user_code"])
        told = DeviceRequest(
            user_code=found.user_code,
            client_id=found.client_id,
            label=found.label,
            asked_at=from_ms(found.asked_ms),
            expires_at=from_ms(found.ends_ms),
        )
        return _json(DeviceRequestAnswer(request=told))

    @operation(
        TAG,
        {200: DeviceAnswer, 204: None},
        *_WRITES,
        problems.UNKNOWN_CODE,
        problems.STORE_UNAVAILABLE,
        action=Action.ADMIT_DEVICE,
        body=DecisionBody,
        example=examples.DEVICE_DECISION,
    )
    async def decide_on_device(self, request: Request) -> Response:
        """Let the screen in that shows a code, for a role and where that needs them for sites; or do not (204).

        The first decision stands. Nobody lets in a device that may do more than itself.
        """
        territory, user_code = territory_of(request), request.path_params["user_code"]
        decision = (await parsed(request, DecisionBody)).root
        if isinstance(decision, Denial):
            await self._pairing.deny(user_code)
            await self._note(request, Act.DEVICE_DENIED)
            return Response(status_code=204)
        device = await self._pairing.approve(
            permission_of(request.scope), territory, user_code, decision.role, decision.sites, decision.label
        )
        await self._note(request, Act.DEVICE_APPROVED, device.id)
        return _json(DeviceAnswer(device=device))

    @operation(
        TAG,
        {200: Devices},
        problems.UNKNOWN_TERRITORY,
        problems.LEDGER_UNAVAILABLE,
        action=Action.ADMIT_DEVICE,
    )
    async def devices(self, request: Request) -> Response:
        """The devices and tokens of a territory with their last use; those that ended within a month stand behind."""
        return _json(Devices(devices=await self._equipping.devices(territory_of(request))))

    @operation(
        TAG,
        {204: None},
        problems.UNKNOWN_TERRITORY,
        problems.UNKNOWN_DEVICE,
        problems.LEDGER_UNAVAILABLE,
        action=Action.ADMIT_DEVICE,
    )
    async def revoke_device(self, request: Request) -> Response:
        """Let a device or a token in no more: within two seconds every server and every open feed has shown it out."""
        territory, device_id = territory_of(request), request.path_params["device"]
        if not is_command(device_id):
            raise UnknownDevice
        await self._equipping.revoke(permission_of(request.scope), territory, device_id)
        await self._note(request, Act.DEVICE_REVOKED, device_id)
        return Response(status_code=204)

    @operation(
        TAG,
        {201: TokenAnswer},
        *_WRITES,
        action=Action.MAKE_TOKEN,
        body=TokenBody,
        example=examples.TOKEN,
    )
    async def make_token(self, request: Request) -> Response:
        """Make a bearer token for a system. It is told once, and kept as a hash."""
        territory, asked = territory_of(request), await parsed(request, TokenBody)
        admission, device = await self._equipping.make_token(
            permission_of(request.scope), territory, asked.role, asked.sites, label=asked.label, days=asked.days
        )
        await self._note(request, Act.TOKEN_MADE, device.id)
        return _json(TokenAnswer(token=admission.secret, device=device), 201)

    async def _note(self, request: Request, act: Act, device_id: str = "") -> None:
        await self._auditing.note(permission_of(request.scope).caller, territory_of(request), act, device_id)


def _json(told: BaseModel, status: int = 200) -> Response:
    return Response(told.model_dump_json(), status, _FRESH, "application/json")
