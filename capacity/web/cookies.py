"""The cookie that a session or a device comes by, and the one of a visit to an OpenID provider."""

from datetime import timedelta

from starlette.responses import Response

from capacity.web.access import COOKIE

VISIT_COOKIE = "capacity-visit"
VISIT_PATH = "/v1/oidc"


def give(response: Response, secret: str, lasts: timedelta) -> None:
    """Let the browser come by this secret: no script reads it, no other site's page sends it."""
    response.set_cookie(
        COOKIE, secret, max_age=int(lasts.total_seconds()), path="/", secure=True, httponly=True, samesite="strict"
    )


def take_away(response: Response) -> None:
    """The browser comes by nothing any more."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")


def give_visit(response: Response, state: str, seconds: int) -> None:
    """Lax: the way back leads here from the provider's page."""
    response.set_cookie(
        VISIT_COOKIE, state, max_age=seconds, path=VISIT_PATH, secure=True, httponly=True, samesite="lax"
    )


def take_visit_away(response: Response) -> None:
    """The visit is over."""
    response.delete_cookie(VISIT_COOKIE, path=VISIT_PATH, secure=True, httponly=True, samesite="lax")
