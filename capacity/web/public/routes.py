"""The addresses of the public pages. A page is made once for all who ask the same within a moment."""

import gzip
from collections import OrderedDict
from dataclasses import dataclass, replace
from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from capacity.board.clocks import Clock
from capacity.errors import LedgerUnavailable
from capacity.services.showing import Showing, Shown
from capacity.store.publicity import Publicity
from capacity.web.access import COOKIE
from capacity.web.defences import PAGE_HEADERS
from capacity.web.etags import is_known
from capacity.web.public.asking import PATH, Asked
from capacity.web.public.files import file_routes
from capacity.web.public.languages import MINUTE_MS
from capacity.web.public.listing import postcodes_of
from capacity.web.public.rendering import accessibility, home

ACCESSIBILITY = "/accessibilite"
REST_MS = 3_000
"""However much the board moves, a page is not made anew sooner; an edit of the registry shows at once."""
PAGES_KEPT = 256
NOT_OPEN = ""
"""Every territory that does not show itself or is none: one page for all their names, which may be without end."""
ASK_AGAIN = "no-cache"


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page, gzipped, as nearly all take it; the tag names its very text."""

    gzipped: bytes
    tag: str
    edition: str
    mark: str
    made_ms: int
    status: int = 200

    @classmethod
    def of(cls, text: str, *, edition: str = "", mark: str = "", made_ms: int = 0, status: int = 200) -> "Page":
        """The page of a text."""
        body = text.encode()
        tag = f'W/"{blake2b(body, digest_size=9).hexdigest()}"'
        return cls(gzip.compress(body, 6, mtime=0), tag, edition, mark, made_ms, status)

    def response(self, request: Request) -> Response:
        """The page, or that the reader has it."""
        headers = {**PAGE_HEADERS, "cache-control": ASK_AGAIN, "vary": "Accept-Encoding, Cookie", "etag": self.tag}
        if self.status == 200 and is_known(request.headers.get("if-none-match", ""), self.tag):
            return Response(status_code=304, headers=headers)
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(gzip.decompress(self.gzipped), self.status, headers, "text/html")
        return Response(self.gzipped, self.status, {**headers, "content-encoding": "gzip"}, "text/html")


class PublicRoutes:
    """What `Showing` sees, as pages."""

    def __init__(self, showing: Showing, *, clock: Clock, contact: str = "") -> None:
        self._showing = showing
        self._clock = clock
        self._statement = Page.of(accessibility(contact))
        self._pages: OrderedDict[tuple[Asked, bool], Page] = OrderedDict()

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route(PATH, self.home, methods=["GET"], include_in_schema=False),
            Route(ACCESSIBILITY, self.accessibility, methods=["GET"], include_in_schema=False),
            *file_routes(),
        ]

    async def accessibility(self, request: Request) -> Response:
        """The statement of accessibility."""
        return self._statement.response(request)

    async def home(self, request: Request) -> Response:
        """The public page, for whoever brings a credential with the way to the screens first."""
        asked, brings_cookie = Asked.of(request.query_params), COOKIE in request.cookies
        try:
            territories = await self._showing.territories()
            asked = _settled(asked, territories)
            is_open = any(one.id == asked.territory for one in territories)
            shown = await self._showing.of(asked.territory) if is_open and asked.territory else None
        except LedgerUnavailable:
            text = home(asked, (), None, self._clock(), is_known=brings_cookie, is_readable=False)
            return Page.of(text, status=503).response(request)
        return self._page(asked, territories, shown, is_known=brings_cookie).response(request)

    def _page(self, asked: Asked, territories: tuple[Publicity, ...], shown: Shown | None, *, is_known: bool) -> Page:
        """The page as it was made for another reader a moment ago, or made anew. Never awaits."""
        if shown is None:
            asked = Asked(lang=asked.lang, territory=None if asked.territory is None else NOT_OPEN)
        elif asked.postcode is not None and asked.postcode not in postcodes_of(shown.sites):
            asked = replace(asked, postcode=None)
        now_ms = self._clock()
        edition = f"{shown and shown.edition} {[(one.id, one.name) for one in territories]}"
        mark = f"{shown and (shown.seq, shown.is_live)} {now_ms // MINUTE_MS}"
        kept = self._pages.get((asked, is_known))
        is_recent = kept is not None and (kept.mark == mark or 0 <= now_ms - kept.made_ms < REST_MS)
        if kept is None or kept.edition != edition or not is_recent:
            text = home(asked, territories, shown, now_ms, is_known=is_known)
            kept = Page.of(text, edition=edition, mark=mark, made_ms=now_ms)
            self._pages[asked, is_known] = kept
        self._pages.move_to_end((asked, is_known))
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        return kept


def _settled(asked: Asked, territories: tuple[Publicity, ...]) -> Asked:
    """Where only one territory shows itself, it is that one which is meant."""
    return replace(asked, territory=territories[0].id) if asked.territory is None and len(territories) == 1 else asked
