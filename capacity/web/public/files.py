"""The style, the script and the icon of the public pages: each under an address that changes with it."""

from collections.abc import Mapping
from hashlib import blake2b
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from capacity.web.defences import PAGE_HEADERS

FOLDER = "/public"
KEPT = "public, max-age=31536000, immutable"
_TYPES = {"style.css": "text/css", "live.js": "text/javascript", "icon.svg": "image/svg+xml"}
_BODIES = {name: files("capacity.web.public").joinpath("files", name).read_bytes() for name in _TYPES}


_MARKS = {name: blake2b(body, digest_size=6).hexdigest() for name, body in _BODIES.items()}
ADDRESSES: Mapping[str, str] = {name.partition(".")[0]: f"{FOLDER}/{name}?v={mark}" for name, mark in _MARKS.items()}
"""Where each file is today."""


def file_routes() -> list[Route]:
    """Their addresses. An old page that names an older file gets today's, and does not keep it."""

    def route(name: str) -> Route:
        async def told(request: Request) -> Response:
            is_today = request.query_params.get("v") == _MARKS[name]
            headers = {**PAGE_HEADERS, "cache-control": KEPT if is_today else "no-cache"}
            return Response(_BODIES[name], headers=headers, media_type=_TYPES[name])

        return Route(f"{FOLDER}/{name}", told, methods=["GET"], include_in_schema=False)

    return [route(name) for name in _TYPES]
