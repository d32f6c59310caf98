"""The registry's addresses: territories, and the sites with their pools. Source: wire.md, Registry."""

from collections.abc import Iterable

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from capacity.board.access import Action
from capacity.board.visibility import view_of
from capacity.errors import InvalidBody, UnknownSite
from capacity.services.auditing import Auditing
from capacity.services.directory import Directories
from capacity.services.lens import OPAQUE, Lens
from capacity.services.registering import Registering
from capacity.vocabulary.acts import Act
from capacity.vocabulary.words import Visibility
from capacity.web import examples
from capacity.web.access import caller_of, permission_of
from capacity.web.bodies import parse_object, read_json
from capacity.web.etags import unless_known
from capacity.web.operations import operation, site_of, territory_of
from capacity.wire import problems
from capacity.wire.parsing import problem_errors
from capacity.wire.registry import Site, Sites, Territories
from capacity.wire.site_body import SiteBody

TAG = "registry"


class SiteRoutes:
    """What `Registering` answers, over HTTP."""

    def __init__(self, registering: Registering, directories: Directories, auditing: Auditing) -> None:
        self._registering = registering
        self._directories = directories
        self._auditing = auditing

    def routes(self) -> list[Route]:
        """The addresses."""
        sites = "/v1/territories/{territory}/sites"
        return [
            Route("/v1/territories", self.territories, methods=["GET"]),
            Route(sites, self.sites, methods=["GET"]),
            Route(sites + "/{site}", self.site, methods=["GET"]),
            Route(sites + "/{site}", self.put, methods=["PUT"]),
            Route(sites + "/{site}", self.close, methods=["DELETE"]),
        ]

    @operation(TAG, {200: Territories}, problems.LEDGER_UNAVAILABLE, action=Action.OPEN_TO_ALL)
    async def territories(self, _request: Request) -> Response:
        """All territories, by id."""
        known = Territories(territories=await self._registering.territories())
        return Response(known.model_dump_json(), media_type="application/json")

    @operation(
        TAG,
        {200: Sites, 304: None},
        problems.UNKNOWN_TERRITORY,
        problems.LEDGER_UNAVAILABLE,
        action=Action.READ_SITES,
        headers={200: ("ETag",), 304: ("ETag",)},
    )
    async def sites(self, request: Request) -> Response:
        """The sites of a territory with their pools, by id."""
        lens = await self._lens(request)
        await self._auditing.note_read(caller_of(request.scope), territory_of(request), _protected(lens.sites))
        return unless_known(request, lens.etag, lens.page)

    @operation(
        TAG,
        {200: Site},
        problems.UNKNOWN_TERRITORY,
        problems.UNKNOWN_SITE,
        problems.LEDGER_UNAVAILABLE,
        action=Action.READ_SITES,
    )
    async def site(self, request: Request) -> Response:
        """One site with its pools."""
        site = (await self._lens(request)).site(site_of(request))
        if site is None:
            raise UnknownSite
        await self._auditing.note_read(caller_of(request.scope), territory_of(request), _protected([site]))
        return Response(site.model_dump_json(), media_type="application/json")

    @operation(
        TAG,
        {200: Site, 201: Site},
        problems.UNKNOWN_TERRITORY,
        problems.POOL_TAKEN,
        problems.INVALID_BODY,
        problems.UNSUPPORTED_MEDIA_TYPE,
        problems.BODY_TOO_LARGE,
        problems.LEDGER_UNAVAILABLE,
        problems.STORE_UNAVAILABLE,
        action=Action.EDIT_SITES,
        body=SiteBody,
        example=examples.SITE,
        headers={201: ("Location",)},
    )
    async def put(self, request: Request) -> Response:
        """Create a site or replace it, with its pools.

        Pools that the body no longer names leave the board as `gone`. The numbers of pools that stay are not
        disturbed: a pool's registered capacity moves the live one only where it changes itself. The first site of a
        territory that nobody knows yet opens that territory.
        """
        territory, site_id = territory_of(request), request.path_params["site"]
        site = parse_site(await read_json(request.scope, request.receive), site_id)
        noted = self._auditing.noted(caller_of(request.scope), territory, Act.SITE_PUT, site_id)
        is_new = await self._registering.put(territory, site, noted)
        self._directories.doubt(territory)
        headers = {"location": request.url.path} if is_new else None
        return Response(site.model_dump_json(), 201 if is_new else 200, headers, "application/json")

    @operation(
        TAG,
        {204: None},
        problems.UNKNOWN_TERRITORY,
        problems.UNKNOWN_SITE,
        problems.LEDGER_UNAVAILABLE,
        problems.STORE_UNAVAILABLE,
        action=Action.EDIT_SITES,
    )
    async def close(self, request: Request) -> Response:
        """Close a site for good. Its pools leave the board as `gone`; its history stays."""
        territory, site_id = territory_of(request), site_of(request)
        noted = self._auditing.noted(caller_of(request.scope), territory, Act.SITE_CLOSED, site_id)
        await self._registering.close(territory, site_id, noted)
        self._directories.doubt(territory)
        return Response(status_code=204)

    async def _lens(self, request: Request) -> Lens:
        """The registry as the caller may see it. Raises UnknownTerritory, LedgerUnavailable."""
        directory = await self._directories.of_now(territory_of(request))
        return directory.lens(view_of(permission_of(request.scope)))


def _protected(sites: Iterable[Site]) -> list[str]:
    """The protected ones of some sites, of those that are shown as they are."""
    return [site.id for site in sites if site.visibility is Visibility.PROTECTED and not site.id.startswith(OPAQUE)]


def parse_site(body: bytes, site_id: str) -> Site:
    """The site of a PUT. Its `id` may be left out, and is else the one of the address. Raises InvalidBody."""
    said = parse_object(body)
    if said.setdefault("id", site_id) != site_id:
        raise InvalidBody([{"loc": ["id"], "msg": "it is not the id of the address"}])
    try:
        return Site.model_validate(said)
    except ValidationError as exc:
        raise InvalidBody(problem_errors(exc)) from exc
