"""The document of the API and a page to read it with, from our own copy of Swagger UI: no other host is asked."""

import gzip
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

ASSETS = Path(__file__).parent.parent / "static" / "docs"
TYPES = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
MISSING = "The files of this page were not built: run make setup."

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>capacity: the API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<noscript>This page needs JavaScript; the document itself is at <a href="/openapi.json">/openapi.json</a>.</noscript>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
START = """SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null});
"""
# Swagger UI draws its icons from data: addresses; nothing else is loosened.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class DocsRoutes:
    """`/openapi.json` and `/docs`. The document is made when first asked for: most processes are never asked."""

    def __init__(self, described: Sequence[BaseRoute]) -> None:
        self._described = described

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/openapi.json", self.openapi, methods=["GET"]),
            Route("/docs", self.page, methods=["GET"]),
            Route("/docs/start.js", self.start, methods=["GET"]),
            Route("/docs/{name}", self.asset, methods=["GET"]),
        ]

    @cached_property
    def _document(self) -> bytes:
        from capacity.web.openapi import document

        return json.dumps(document(self._described), ensure_ascii=False).encode()

    async def openapi(self, _request: Request) -> Response:
        """The document."""
        return Response(self._document, headers={"cache-control": "no-cache"}, media_type="application/json")

    async def page(self, _request: Request) -> Response:
        """The page."""
        headers = {"content-security-policy": POLICY, "cache-control": "no-cache"}
        return Response(PAGE, headers=headers, media_type="text/html")

    async def start(self, _request: Request) -> Response:
        """What the page does: a file of its own, since inline scripts are forbidden."""
        return Response(START, headers={"cache-control": "no-cache"}, media_type="text/javascript")

    async def asset(self, request: Request) -> Response:
        """A file of Swagger UI, as its makers built it and the build of the screens gzipped it."""
        name = request.path_params["name"]
        if name not in TYPES:
            raise HTTPException(404)
        try:
            packed = (ASSETS / f"{name}.gz").read_bytes()
        except FileNotFoundError:
            return Response(MISSING, 503, media_type="text/plain")
        headers = {"cache-control": "public, max-age=3600", "vary": "accept-encoding"}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(gzip.decompress(packed), headers=headers, media_type=TYPES[name])
        return Response(packed, headers={**headers, "content-encoding": "gzip"}, media_type=TYPES[name])
