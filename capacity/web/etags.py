"""Answers that a reader may already have. Source: RFC 9110, 8.8.3 and 13.1.2."""

from starlette.requests import Request
from starlette.responses import Response

from capacity.web.packing import packed

FOR_WHO_ASKED = {"cache-control": "private, no-cache", "vary": "Authorization, Cookie, Accept-Encoding"}
"""An answer that one reader may keep and ask about again, and nobody else is given."""


def unless_known(request: Request, etag: str, body: bytes) -> Response:
    """200 with a JSON body, or 304 to a reader that says it has this very tag."""
    headers = {"etag": etag, **FOR_WHO_ASKED}
    if is_known(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return packed(request, body, headers, for_many=True)


def is_known(if_none_match: str, etag: str) -> bool:
    """Whether a reader's `If-None-Match` names this tag; weak and strong tags of one value are the same here."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags
