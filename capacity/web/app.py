"""The application: what it is given becomes addresses. It builds nothing and opens nothing itself."""

from collections.abc import Collection, Mapping, Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route

from capacity.board.access import Action
from capacity.board.clocks import Clock
from capacity.services.auditing import Auditing
from capacity.services.broadcasting import Hub
from capacity.services.budgets import FeedBudget
from capacity.services.directory import Directories
from capacity.services.doorkeeping import Doorkeeper
from capacity.services.equipping import Equipping
from capacity.services.explaining import Explaining
from capacity.services.finding import Finding
from capacity.services.holding import Holding
from capacity.services.pairing import Pairing
from capacity.services.promising import Promising
from capacity.services.publishing import Publishing
from capacity.services.recalling import Recalling
from capacity.services.reckoning import Reckoning
from capacity.services.registering import Registering
from capacity.services.reporting import Reporting
from capacity.services.requesting import Requesting
from capacity.services.showing import Showing
from capacity.services.signing import Signing
from capacity.services.tallying import Tallying
from capacity.vocabulary.retention import FORGOTTEN, Data
from capacity.web.access import Guard, Guarded
from capacity.web.account import AccountRoutes
from capacity.web.ahead import Ahead, Telling
from capacity.web.availability import AvailabilityRoutes
from capacity.web.board import BoardRoutes
from capacity.web.devices import DeviceRoutes
from capacity.web.docs import DocsRoutes
from capacity.web.explanation import ExplanationRoutes
from capacity.web.history import HistoryRoutes
from capacity.web.holds import ADDRESS as HOLDS
from capacity.web.holds import HoldRoutes
from capacity.web.metrics import Metrics
from capacity.web.observing import Observing
from capacity.web.oidc import OidcRoutes
from capacity.web.operations import operation_of
from capacity.web.origins import OneOrigin
from capacity.web.pages import page_routes
from capacity.web.pairing import PairingRoutes
from capacity.web.people import PeopleRoutes
from capacity.web.problems import handlers
from capacity.web.proxies import BehindProxies, Proxies
from capacity.web.public.routes import PublicRoutes
from capacity.web.reliability import ReliabilityRoutes
from capacity.web.reports import ADDRESS as REPORTS
from capacity.web.reports import PostReports
from capacity.web.requests import RequestRoutes
from capacity.web.retention import retention_routes
from capacity.web.service import ServiceRoutes
from capacity.web.session import SessionRoutes
from capacity.web.sites import SiteRoutes
from capacity.web.straight import Straight, Way
from capacity.web.territories import TerritoryRoutes
from capacity.web.vitals import Vitals


def build_app(
    *,
    reporting: Reporting,
    registering: Registering,
    recalling: Recalling,
    explaining: Explaining,
    reckoning: Reckoning,
    finding: Finding,
    holding: Holding,
    requesting: Requesting,
    tallying: Tallying,
    signing: Signing,
    auditing: Auditing,
    publishing: Publishing,
    doorkeeper: Doorkeeper,
    pairing: Pairing,
    equipping: Equipping,
    directories: Directories,
    hub: Hub,
    feeds: FeedBudget,
    vitals: Vitals,
    metrics: Metrics,
    clock: Clock,
    host_names: Collection[str] = (),
    proxies: Proxies | None = None,
    kept_days: Mapping[Data, int] = FORGOTTEN,
    contact: str = "",
    pages: Sequence[BaseRoute] | None = None,
) -> Ahead:
    """The ASGI application around services that somebody else opened and will close.

    `host_names` are those by which a proxy in front is known, `proxies` those that are believed; `kept_days` and
    `contact` are what `/donnees` and `/accessibilite` tell.
    """
    proxies = proxies or Proxies()
    (reports,) = PostReports(reporting).routes()
    api: list[BaseRoute] = [
        reports,
        *BoardRoutes(hub, Guard(Action.READ_BOARD, doorkeeper, directories), feeds).routes(),
        *SiteRoutes(registering, directories, auditing).routes(),
        *TerritoryRoutes(publishing, auditing).routes(),
        *AvailabilityRoutes(finding, auditing, clock).routes(),
        *HoldRoutes(holding, Promising(holding, directories), auditing).routes(),
        *RequestRoutes(requesting, tallying).routes(),
        *ExplanationRoutes(explaining).routes(),
        *ReliabilityRoutes(reckoning).routes(),
        *HistoryRoutes(recalling, clock).routes(),
        *SessionRoutes(signing, auditing).routes(),
        *AccountRoutes(signing, auditing).routes(),
        *OidcRoutes(signing).routes(),
        *PeopleRoutes(signing, auditing).routes(),
        *PairingRoutes(pairing).routes(),
        *DeviceRoutes(pairing, equipping, auditing).routes(),
        *ServiceRoutes(vitals, metrics).routes(),
    ]
    for route in api:
        if isinstance(route, Route) and (kept := operation_of(route.endpoint)) is not None:
            route.app = Guarded(route.app, Guard(kept.action, doorkeeper, directories))
    showing = Showing(hub, directories, publishing, clock=clock)
    everybodys = PublicRoutes(showing, clock=clock, contact=contact)
    told = [*DocsRoutes(api).routes(), *retention_routes(kept_days, contact), *everybodys.routes()]
    routes = [*api, *told, *(page_routes() if pages is None else pages)]
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(BehindProxies, proxies),
            Middleware(Observing, metrics.request),
            Middleware(OneOrigin, host_names),
        ],
        exception_handlers=handlers(routes),
    )
    app.router.redirect_slashes = False
    metrics.watch_feed(hub.counters)
    one_origin = OneOrigin(Telling(reports.app), host_names)
    observing = Observing(one_origin, metrics.request)
    ways = [
        Way(REPORTS, reporting.begin, Guard(Action.REPORT, doorkeeper, directories)),
        Way(HOLDS, holding.begin, Guard(Action.HOLD, doorkeeper, directories), status=201),
    ]
    straight = Straight(ways, observing, one_origin, proxies)
    return Ahead(reports, BehindProxies(observing, proxies) if proxies else observing, app, straight)
