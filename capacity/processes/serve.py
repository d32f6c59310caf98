"""`capacity serve`: the process that answers the API, the feed and the pages. As many as wanted, all alike."""

import asyncio
import gc
import secrets
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from uuid import uuid4

import structlog
import uvicorn
import uvloop
from starlette.types import ASGIApp

from capacity.board.clocks import system_clock
from capacity.errors import LedgerUnavailable, StoreUnavailable
from capacity.processes import logging
from capacity.processes.engine_checks import check_ledger, check_live_store, until_it_answers
from capacity.processes.listening import check_tls, listen, own_names, remarks
from capacity.processes.open_files import at_most
from capacity.processes.settings import Settings
from capacity.processes.stopping import stop_requested
from capacity.services.admitting import Admitting
from capacity.services.auditing import Auditing
from capacity.services.broadcasting import Hub
from capacity.services.budgets import FeedBudget, ReportBudget
from capacity.services.channel import Pace
from capacity.services.directory import Directories
from capacity.services.doorkeeping import Doorkeeper
from capacity.services.equipping import Equipping
from capacity.services.expiring import Expiring
from capacity.services.explaining import Explaining
from capacity.services.finding import Finding
from capacity.services.holding import Holding
from capacity.services.pairing import Pairing
from capacity.services.publishing import Publishing
from capacity.services.recalling import Recalling
from capacity.services.reckoning import Reckoning
from capacity.services.registering import Registering
from capacity.services.reporting import Reporting
from capacity.services.requesting import Requesting
from capacity.services.shedding import Shedding
from capacity.services.signing import Signing
from capacity.services.tallying import Tallying
from capacity.store.audit import AuditStore
from capacity.store.credentials import CredentialStore
from capacity.store.devices import DeviceStore
from capacity.store.hold_ledger import HoldLedger
from capacity.store.ledger import LedgerStore
from capacity.store.live import AnyName, LiveStore
from capacity.store.pairing import PairingStore
from capacity.store.postgres import Database
from capacity.store.publicity import PublicityStore
from capacity.store.registry import RegistryStore
from capacity.store.replica import Replica
from capacity.store.request_ledger import RequestLedger
from capacity.vocabulary.codes import picking
from capacity.web.app import build_app
from capacity.web.connections import Connections
from capacity.web.metrics import Metrics
from capacity.web.proxies import Proxies
from capacity.web.server import server_config
from capacity.web.turning_away import TurningAway
from capacity.web.vitals import Vitals

MEND_SECONDS = 2.0
"""How often we look whether the live store lost a territory, or is older than the ledger, or has older functions."""

log = structlog.get_logger(__name__)

COLLECT_AFTER = 10_000
"""Objects made and not yet freed before the collector looks at the young ones; Python's own number is 700."""


def run(settings: Settings) -> None:
    """Serve in this process until asked to stop. Raises StartFailed."""
    logging.configure("serve", settings.log_level)
    check_tls(settings)
    if not settings.shares_port:  # a worker's parent has said them
        for remark in remarks(settings):
            log.warning(remark)
    with (
        listen(settings.host, settings.port, is_shared=settings.shares_port) as listener,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_serve(settings, listener))


async def _serve(settings: Settings, listener: socket.socket) -> None:
    """One task group: whatever fails in it ends the process, and its manager starts it anew."""
    stop = stop_requested()
    async with (
        LiveStore.open(settings.live_url, settings.redis_min_replicas) as live,
        Database.open(settings.ledger_url) as database,
        _replica(settings, database) as replica,
        _hub(settings, live, database) as (directories, hub),
        asyncio.TaskGroup() as tasks,
    ):
        live.expected = AnyName()  # until the registry has told the names
        registering = Registering(RegistryStore(database), live, clock=system_clock, new_id=lambda: str(uuid4()))
        metrics = Metrics()
        expiring = Expiring(
            live, registering.names, clock=system_clock, observe=lambda ended: metrics.hold("expire", "done", ended)
        )
        doorkeeper = Doorkeeper(CredentialStore(database), clock=system_clock)
        signing = Signing.over(live, database, doorkeeper, clock=system_clock, providers=settings.oidc_providers)
        app = application(
            settings, live, database, directories, hub, registering, metrics, doorkeeper, signing, replica
        )
        shedding = Shedding(calls=live.under_way, waiting=database.waiting, is_hashing_full=signing.hashing.is_full)
        metrics.watch_shedding(shedding)
        proxies = Proxies(settings.trusted_proxies)
        connections = Connections(
            at_most(settings.most_connections),
            settings.most_connections_per_address,
            trusts=proxies.trusts if proxies else None,
        )
        config = server_config(
            app, grace_seconds=settings.grace_seconds, tls=settings.tls, connections=connections,
            turning_away=TurningAway(shedding, doorkeeper.recognise),
        )  # fmt: skip
        server = _Server(config)
        _settle_memory()
        preparing = tasks.create_task(
            _prepare(settings, live, registering, expiring, doorkeeper, replica), name="prepare the stores"
        )
        watching = tasks.create_task(shedding.watch(), name="watch the event loop")
        serving = tasks.create_task(server.serve_until(stop, listener), name="web server")
        serving.add_done_callback(lambda _: (preparing.cancel(), watching.cancel()))


@asynccontextmanager
async def _replica(settings: Settings, database: Database) -> AsyncIterator[Replica | None]:
    """What reads of history are asked of first, where one is named."""
    async with AsyncExitStack() as stack:
        url, most = settings.replica_url, settings.replica_lag_seconds
        opening = None if url is None else Replica.open(database, url, most_lag_seconds=most)
        yield None if opening is None else await stack.enter_async_context(opening)


@asynccontextmanager
async def _hub(settings: Settings, live: LiveStore, database: Database) -> AsyncIterator[tuple[Directories, Hub]]:
    """The feed, and the registry in memory by which it is known who may see what."""
    directories = Directories(RegistryStore(database), clock=system_clock)
    pace = Pace(settings.tick_seconds, settings.heartbeat_seconds, settings.stall_seconds)
    async with Hub.open(live, pace, directories) as hub:
        yield directories, hub


def _settle_memory() -> None:
    """Hide from the collector what lives as long as the process, and let it look through the rest less often.

    Else it walks all our modules and models again and again: a fifth of the CPU of a report.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 20)


def application(
    settings: Settings,
    live: LiveStore,
    database: Database,
    directories: Directories,
    hub: Hub,
    registering: Registering,
    metrics: Metrics,
    doorkeeper: Doorkeeper,
    signing: Signing,
    replica: Replica | None = None,
) -> ASGIApp:
    """The web application around open stores. A replica tells what is past, and nothing else is asked of it."""
    ledger, registry = LedgerStore(database), RegistryStore(database)
    past = replica or database
    if replica is not None:
        metrics.watch_replica(replica)
    auditing = Auditing(AuditStore(database), clock=system_clock)
    admitting = Admitting(CredentialStore(database), clock=system_clock)
    equipping = Equipping(DeviceStore(database), admitting, directories, clock=system_clock, look=doorkeeper.look)
    requesting = Requesting(live, clock=system_clock, random_bytes=secrets.token_bytes, new_id=lambda: str(uuid4()))
    return build_app(
        reporting=Reporting(
            live,
            directories,
            clock=system_clock,
            observe=metrics.report,
            budget=ReportBudget(settings.reports_per_second, settings.reports_at_once),
        ),
        registering=registering,
        finding=Finding(hub, directories, clock=system_clock, count_empty=requesting.search_empty),
        holding=Holding(
            live,
            clock=system_clock,
            pick=picking(secrets.token_bytes),
            new_id=lambda: str(uuid4()),
            observe=metrics.hold,
        ),
        requesting=requesting,
        signing=signing,
        doorkeeper=doorkeeper,
        equipping=equipping,
        pairing=Pairing(
            PairingStore(live),
            equipping,
            admitting,
            clock=system_clock,
            pick=picking(secrets.token_bytes),
            new_secret=secrets.token_urlsafe,
        ),
        directories=directories,
        tallying=Tallying(live, RequestLedger(database), registry, clock=system_clock, past=RequestLedger(past)),
        auditing=auditing,
        publishing=Publishing(PublicityStore(database), auditing),
        recalling=Recalling(LedgerStore(database, past), registry),
        explaining=Explaining(live, directories),
        reckoning=Reckoning(HoldLedger(past), registry, clock=system_clock),
        hub=hub,
        feeds=FeedBudget(settings.most_feeds_per_credential),
        vitals=Vitals(
            live=live,
            ledger=ledger,
            registering=registering,
            directories=directories,
            hub=hub,
            clock=system_clock,
            recorder_lag_seconds=settings.recorder_lag_seconds,
            replica=replica,
        ),
        metrics=metrics,
        clock=system_clock,
        host_names=own_names(settings.host).union(settings.host_names),
        proxies=Proxies(settings.trusted_proxies),
        kept_days=settings.kept_days,
        contact=settings.contact,
    )


async def _prepare(
    settings: Settings,
    live: LiveStore,
    registering: Registering,
    expiring: Expiring,
    doorkeeper: Doorkeeper,
    replica: Replica | None,
) -> None:
    """Look at the servers' versions, load the functions, complete what an edit left half done; then keep watch.

    Holds whose time was over while nothing ran end now, also while Postgres is away.

    Requests are answered meanwhile: a server that is away is a 503, not a reason to be away as well.
    """
    await until_it_answers("Redis", lambda: check_live_store(live))
    async with asyncio.TaskGroup() as keeping:
        keeping.create_task(expiring.run(), name="end what is due")
        await until_it_answers("Postgres", lambda: check_ledger(settings.ledger_url))
        await until_it_answers("a store", registering.reconcile)
        keeping.create_task(_mend(live, registering), name="mend the live store")
        if replica is not None:
            keeping.create_task(replica.run(), name="look after the replica")
        keeping.create_task(doorkeeper.run(), name="know who is let in")


async def _mend(live: LiveStore, registering: Registering) -> None:
    while True:
        await asyncio.sleep(MEND_SECONDS)
        with suppress(StoreUnavailable, LedgerUnavailable):
            if await live.keep_functions():
                log.warning("the live store had older functions than ours, and has ours again")
            for territory in await registering.mend():
                log.warning("the live store had lost a territory; its board is whole again", territory=territory)


class _Server(uvicorn.Server):
    """uvicorn, told when to stop by us: the signals are the process's own."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def serve_until(self, stop: asyncio.Event, listener: socket.socket) -> None:
        async def tell() -> None:
            await stop.wait()
            self.should_exit = True

        telling = asyncio.create_task(tell(), name="stop the web server")
        try:
            await self.serve([listener])
        finally:
            telling.cancel()
