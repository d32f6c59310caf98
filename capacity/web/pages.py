"""The screens: the files that `npm run build` left in `capacity/static`, served with strict headers."""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from capacity.web.defences import PAGE_HEADERS

STATIC = Path(__file__).parent.parent / "static"

#: Address on this server: the built page behind it.
PAGES = {
    "/ecrans": "ecrans",
    "/mur": "mur",
    "/maraude": "maraude",
    "/halte/{site}": "halte",
    "/regulation": "regulation",
    "/connexion": "connexion",
    "/appareil": "appareil",
    "/admin": "admin",
}

#: The name of an asset holds a hash of its content, so it never changes; a page names the assets of today.
ASSET_CACHE = "public, max-age=31536000, immutable"
PAGE_CACHE = "no-cache"

#: Built files with a name of their own, which a browser asks for anew: what installs the pages and keeps them offline.
NAMED = ("sw.js", "early.js", "manifest.webmanifest", "hors-ligne.html", "hors-ligne.css")
ICONS = ("icon.svg", "180.png", "192.png", "512.png", "maskable-512.png")
ICON_CACHE = "public, max-age=86400"

mimetypes.add_type("application/manifest+json", ".webmanifest")  # Python's own table lacks it

MISSING = "page missing: run make setup\n"


@dataclass(frozen=True, slots=True)
class BuiltFile:
    """One built file, plain and gzipped once at start: the whole site is smaller than one photograph."""

    body: bytes
    gzipped: bytes
    media_type: str

    @classmethod
    def read(cls, path: Path) -> BuiltFile:
        body = path.read_bytes()
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return cls(body=body, gzipped=gzip.compress(body, 9, mtime=0), media_type=media_type)

    def response(self, request: Request, cache: str) -> Response:
        headers = PAGE_HEADERS | {"Cache-Control": cache, "Vary": "Accept-Encoding"}
        if "gzip" not in request.headers.get("Accept-Encoding", ""):
            return Response(self.body, headers=headers, media_type=self.media_type)
        headers["Content-Encoding"] = "gzip"
        return Response(self.gzipped, headers=headers, media_type=self.media_type)


class BuiltSite:
    """The built files of one folder, read when first asked for and kept.

    A folder that is not there yet is looked for again at the next request, so that a build during
    development shows without a restart.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BuiltFile] = {}

    def find(self, name: str) -> BuiltFile | None:
        """The file by its path below the folder; None when the build did not make it."""
        if not self._files:
            self._files = {
                path.relative_to(self._folder).as_posix(): BuiltFile.read(path)
                for path in self._folder.rglob("*")
                if path.is_file()
            }
        return self._files.get(name)


def page_routes(folder: Path = STATIC) -> list[Route]:
    """The routes of the screens and their assets, to be put beside those of the API."""
    site = BuiltSite(folder)

    def page_route(path: str, name: str) -> Route:
        async def page(request: Request) -> Response:
            found = site.find(f"{name}.html")
            if found is None:
                return PlainTextResponse(MISSING, status_code=503, headers=PAGE_HEADERS)
            return found.response(request, PAGE_CACHE)

        return Route(path, page, name=f"page {name}", include_in_schema=False)

    def file_route(name: str, cache: str) -> Route:
        async def file(request: Request) -> Response:
            found = site.find(name)
            if found is None:
                return PlainTextResponse(MISSING, status_code=404, headers=PAGE_HEADERS)
            return found.response(request, cache)

        return Route(f"/{name}", file, name=f"file {name}", include_in_schema=False)

    async def asset(request: Request) -> Response:
        found = site.find(f"assets/{request.path_params['name']}")
        if found is None:
            return PlainTextResponse("no such asset\n", status_code=404, headers=PAGE_HEADERS)
        return found.response(request, ASSET_CACHE)

    return [
        *(page_route(path, name) for path, name in PAGES.items()),
        *(file_route(name, PAGE_CACHE) for name in NAMED),
        *(file_route(f"icons/{name}", ICON_CACHE) for name in ICONS),
        Route("/assets/{name:path}", asset, name="asset", include_in_schema=False),
    ]
