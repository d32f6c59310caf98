"""`capacity up`: the whole service on one machine, from its own engines to the last child.

lock the data → take the port → start the engines → migrate → load the functions → start the Procfile
→ fill the demo → say ready; and back in the other order when asked to stop.
"""

import asyncio
import signal
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

from capacity.board.clocks import system_clock
from capacity.errors import LedgerUnavailable, StartFailed, StoreUnavailable
from capacity.processes import datafolder, procfile
from capacity.processes.engines.postgres import Postgres
from capacity.processes.engines.running import START_SECONDS, Engine
from capacity.processes.engines.valkey import Valkey
from capacity.processes.listening import check_tls, listen, reached_at, remarks
from capacity.processes.migrating import create_database, migrate
from capacity.processes.own_token import own_token
from capacity.processes.programs import Program
from capacity.processes.settings import read_settings
from capacity.processes.supervisor import Supervisor
from capacity.processes.teller import Teller
from capacity.store.live import LiveStore

DATABASE = "capacity"
NO_REPLICAS = (
    "CAPACITY_REDIS_MIN_REPLICAS waits for replicas, and the Valkey that we start has none: name servers of your own "
    "with --redis-url, or unset it."
)
# Two stages within the 5 s of a stop: the children first (their own grace is shorter), then the engines.
STAGE_SECONDS = 2.2
CHILD_GRACE_SECONDS = 1.0
READY_SECONDS = 60.0
ANSWER_SECONDS = 3.0
SAME_WISH_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line. An address given means: no engine of ours for it."""

    host: str = "127.0.0.1"
    port: int = 8000
    is_demo: bool = False
    data: Path | None = None
    redis_url: str | None = None
    database_url: str | None = None
    by_tls: bool = False

    @property
    def url(self) -> str:
        host = reached_at(self.host)
        return f"{'https' if self.by_tls else 'http'}://{f'[{host}]' if ':' in host else host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the children find the two servers."""

    redis_url: str
    database_url: str


def run(options: Options) -> None:
    """Run until Ctrl-C or SIGTERM; a second one ends everything at once.

    Raises:
        StartFailed: with the sentence for the person at the terminal.
    """
    asyncio.run(_until_stopped(options))


async def _until_stopped(options: Options) -> None:
    with Teller() as teller:
        supervisor = Supervisor(teller.say, STAGE_SECONDS)
        service = asyncio.create_task(_serve(options, supervisor, teller), name="up")
        stop = _stopper(service, supervisor, teller)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, stop)
        try:
            await service
        except asyncio.CancelledError:
            teller.say("stopped; the data is kept")


def _stopper(service: asyncio.Task[None], supervisor: Supervisor, teller: Teller) -> Callable[[], None]:
    """What a signal does. The same Ctrl-C may arrive twice at once, by way of a wrapper: that is one wish."""
    clock, asked_at = asyncio.get_running_loop().time, 0.0

    def stop() -> None:
        nonlocal asked_at
        if not service.cancelling():
            asked_at = clock()
            teller.doing("stopping")
            service.cancel()
        elif clock() - asked_at > SAME_WISH_SECONDS:
            supervisor.kill()

    return stop


async def _serve(options: Options, supervisor: Supervisor, teller: Teller) -> None:
    settings = read_settings(host=options.host, port=options.port, redis_url=options.redis_url)
    check_tls(settings)
    if settings.redis_min_replicas and options.redis_url is None:
        raise StartFailed(NO_REPLICAS)
    options = replace(options, by_tls=settings.tls is not None)
    folder = options.data or datafolder.default_folder(demo=options.is_demo)
    with datafolder.opened(folder, options.url) as data, datafolder.said(folder):
        listen(options.host, options.port).close()
        try:
            async with supervisor:
                addresses = await _start(options, data, supervisor, teller)
                for remark in remarks(settings):
                    teller.say(remark)
                teller.ready(f"ready {options.url}")
                if options.is_demo:
                    await _tell_links(options.url, addresses, teller)
                await asyncio.get_running_loop().create_future()  # until cancelled
        except StartFailed as problem:
            if "No space left" in str(problem):
                raise StartFailed(datafolder.no_room(folder)) from problem
            raise


async def _start(options: Options, data: Path, supervisor: Supervisor, teller: Teller) -> Addresses:
    teller.doing(f"data in {data}")
    supervisor.open_stage()
    addresses = await _engines(options, data, supervisor, teller)
    teller.doing("preparing the database")
    await _prepare(addresses)
    teller.doing("starting serve and record")
    supervisor.open_stage()
    await _children(options, data, addresses, supervisor)
    if options.is_demo:
        await _demo(options.url, addresses, teller)
    return addresses


async def _engines(options: Options, data: Path, supervisor: Supervisor, teller: Teller) -> Addresses:
    """Start the engines that we were given no address of."""
    valkey, postgres = Valkey(data), Postgres(data)
    wanted: list[Engine] = []
    if options.redis_url is None:
        wanted.append(valkey)
    if options.database_url is None:
        teller.doing("starting Postgres" if postgres.folder.exists() else "making a Postgres cluster")
        wanted.append(postgres)
    for engine in wanted:
        await asyncio.to_thread(engine.prepare)
        await supervisor.start(engine.program(), engine.is_ready, within_seconds=START_SECONDS, prepare=engine.prepare)
    if options.database_url is None:
        await create_database(postgres.url("postgres"), DATABASE)
    return Addresses(options.redis_url or valkey.url, options.database_url or postgres.url(DATABASE))


async def _prepare(addresses: Addresses) -> None:
    """Bring the schema and the functions to the two servers. Raises StartFailed."""
    try:
        await migrate(addresses.database_url)
        async with LiveStore.open(addresses.redis_url) as live:
            await live.prepare()
    except LedgerUnavailable as problem:
        raise StartFailed(str(problem)) from problem
    except StoreUnavailable as problem:
        raise StartFailed(f"Redis cannot be reached: {problem.__cause__ or problem}") from problem


async def _children(options: Options, data: Path, addresses: Addresses, supervisor: Supervisor) -> None:
    """Start what the Procfile names; `serve` is waited for until the whole service is ready."""
    env = {
        "CAPACITY_REDIS_URL": addresses.redis_url,
        "CAPACITY_DATABASE_URL": addresses.database_url,
        "CAPACITY_HOST": options.host,
        "CAPACITY_PORT": str(options.port),
        "CAPACITY_GRACE_SECONDS": str(CHILD_GRACE_SECONDS),
        "PYTHONUNBUFFERED": "1",
    }
    commands = procfile.commands(procfile.path().read_text())
    for name, argv in sorted(commands.items(), key=lambda item: item[0] == "serve"):
        program = Program(name, argv, data / "logs" / f"{name}.log", env)
        if name == "serve":
            await supervisor.start(program, lambda: is_ready(options), within_seconds=READY_SECONDS)
        else:
            await supervisor.start(program, within_seconds=READY_SECONDS)


def is_ready(options: Options) -> bool:
    """Whether `/readyz` says yes. Asked directly: a proxy of the machine has no part in this."""
    host, port = reached_at(options.host), options.port
    if options.by_tls:
        line: HTTPConnection = HTTPSConnection(host, port, timeout=ANSWER_SECONDS, context=_our_own())
    else:
        line = HTTPConnection(host, port, timeout=ANSWER_SECONDS)
    try:
        line.request("GET", "/readyz")
        return line.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        line.close()


def _our_own() -> ssl.SSLContext:
    """For our own child, which is asked by an address that its certificate need not name."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def _demo(url: str, addresses: Addresses, teller: Teller) -> None:
    """Fill the board by its own doors, with a token that ends when it is full."""
    from capacity.demo.load import load_demo
    from capacity.demo.paris import plan

    async with own_token(plan()["territory"], "demo", addresses.database_url) as token:
        progress = partial(teller.counting, "sites of the demo")
        await load_demo(url, system_clock, progress, token=token, verify=_our_own())


async def _tell_links(url: str, addresses: Addresses, teller: Teller) -> None:
    """How to sign in, on this terminal only: each link works once, and a new start makes new ones."""
    from capacity.demo.people import demo_links

    try:
        links = await demo_links(url, addresses.database_url, system_clock)
    except LedgerUnavailable:  # it was there a moment ago, and the supervisor is at it
        teller.say("the links to sign in by could not be made; start again for new ones")
        return
    for role, link in links:
        teller.say(f"{role:<9} {link}")
