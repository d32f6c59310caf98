"""The addresses of signing in by an OpenID provider. They are for browsers, which go where they are sent."""

import hmac

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from capacity.board.access import Action
from capacity.errors import IdentityRefused, TooManyTries
from capacity.services.limiting import VISIT
from capacity.services.oidc import VISIT_SECONDS
from capacity.services.sessions import IDLE
from capacity.services.signing import Signing
from capacity.web import cookies
from capacity.web.answers import FRESH, json
from capacity.web.clients import address_of, label_of
from capacity.web.operations import operation
from capacity.web.session import STORES
from capacity.wire import problems
from capacity.wire.people import ProviderLine, ProvidersAnswer

TAG = "session"
SIGN_IN_PAGE = "/connexion"
MOST_SIGNS = 2_000


class OidcRoutes:
    """What `Oidc` and `SigningIn` answer, over HTTP."""

    def __init__(self, signing: Signing) -> None:
        self._oidc = signing.oidc
        self._signing_in = signing.signing_in
        self._limiting = signing.limiting

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/v1/oidc", self.providers, methods=["GET"]),
            Route("/v1/oidc/{provider}/start", self.depart, methods=["GET"]),
            Route("/v1/oidc/{provider}/callback", self.arrive, methods=["GET"]),
        ]

    @operation(TAG, {200: ProvidersAnswer}, action=Action.SIGN_IN)
    async def providers(self, _request: Request) -> Response:
        """The providers by which one may sign in."""
        lines = [ProviderLine(id=provider.id, name=provider.name) for provider in self._oidc.providers]
        return json(ProvidersAnswer(providers=lines))

    @operation(
        TAG,
        {302: None},
        problems.UNKNOWN_PROVIDER,
        problems.TOO_MANY_TRIES,
        *STORES,
        action=Action.SIGN_IN,
        headers={302: ("Location",)},
    )
    async def depart(self, request: Request) -> Response:
        """Go to a provider to sign in."""
        await self._limiting.attempt(VISIT, address_of(request.scope))
        here = str(request.url.replace(path=f"/v1/oidc/{request.path_params['provider']}/callback", query=""))
        try:
            departure = await self._oidc.depart(request.path_params["provider"], here)
        except IdentityRefused as refused:
            return _refused(refused.reason)
        answer = RedirectResponse(departure.url, 302, FRESH)
        cookies.give_visit(answer, departure.state, VISIT_SECONDS)
        return answer

    @operation(
        TAG, {302: None}, problems.UNKNOWN_PROVIDER, *STORES, action=Action.SIGN_IN, headers={302: ("Location",)}
    )
    async def arrive(self, request: Request) -> Response:
        """Come back from a provider, and on to the page of signing in, with a cookie or with `#refus=` and a reason."""
        state, code = (request.query_params.get(name, "")[:MOST_SIGNS] for name in ("state", "code"))
        self._oidc.check(request.path_params["provider"])
        own_state = request.cookies.get(cookies.VISIT_COOKIE, "")
        if not (code and state and hmac.compare_digest(state.encode(), own_state.encode())):
            return _refused("failed")
        try:
            await self._limiting.attempt(VISIT, address_of(request.scope))
            identity = await self._oidc.arrive(request.path_params["provider"], state, code)
            label = label_of(request.headers.get("user-agent", ""))
            admission = await self._signing_in.by_identity(identity, label=label)
        except IdentityRefused as refused:
            return _refused(refused.reason)
        except TooManyTries:
            return _refused("failed")
        answer = RedirectResponse(SIGN_IN_PAGE, 302, FRESH)
        cookies.take_visit_away(answer)
        cookies.give(answer, admission.secret, IDLE)
        return answer


def _refused(reason: str) -> Response:
    answer = RedirectResponse(f"{SIGN_IN_PAGE}#refus={reason}", 302, FRESH)
    cookies.take_visit_away(answer)
    return answer
