"""The bed that the benchmarks lie in: real engines in a temporary folder, every process on a core of its choice.

The server that is measured has the first core to itself; Valkey, Postgres and the load share the last one.
"""

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psutil
from redis import Redis

from benchmarks.load import exchange
from capacity.board.access import Grant
from capacity.board.clocks import system_clock
from capacity.processes.engines.postgres import Postgres
from capacity.processes.engines.running import running
from capacity.processes.engines.valkey import Valkey
from capacity.processes.migrating import migrate
from capacity.processes.programs import Program
from capacity.services.admitting import Admitting
from capacity.store.credentials import CredentialKind, CredentialStore
from capacity.store.live import LiveStore
from capacity.store.postgres import Database
from capacity.vocabulary.roles import Role

TERRITORY = "bench"
POOLS = 500
UNBOUNDED = {"CAPACITY_REPORTS_PER_SECOND": "1000000", "CAPACITY_REPORTS_AT_ONCE": "10000000"}
"""One sender stands for a whole city here, whose devices each have a budget of their own."""
PINNING = "The server is alone on one core; Valkey, Postgres and the load share the other"


def _cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]


CORES = _cores()
SERVER_CORE, LOAD_CORE = CORES[0], CORES[-1]


@contextmanager
def on_core(*cores: int) -> Iterator[None]:
    """What is started inside stays on this core or these, with all threads that it makes."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(cores))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass(frozen=True)
class Server:
    """A program that answers HTTP on a port, started and stopped as the engines are."""

    name: str
    data: Path
    argv: tuple[str, ...]
    port: int
    env: Mapping[str, str] = field(default_factory=dict)

    def prepare(self) -> None:
        """Nothing lies around before it starts."""

    def program(self) -> Program:
        return Program(self.name, self.argv, self.data / "logs" / f"{self.name}.log", self.env)

    def is_ready(self) -> bool:
        line = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.request("GET", "/healthz")
            return line.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            line.close()


@dataclass(frozen=True)
class Running:
    """A server under load: where it listens, and what it has cost."""

    name: str
    port: int
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """User and system time of the process, all its threads in it."""
        times = self.process.cpu_times()
        return times.user + times.system


class Bed:
    """Running engines with a migrated database and the functions loaded, for servers to lie on."""

    def __init__(self, folder: Path, stack: ExitStack, territories: Sequence[str]) -> None:
        self.folder = folder
        self._stack = stack
        self.valkey, self.postgres = Valkey(folder), Postgres(folder)
        with on_core(LOAD_CORE):
            stack.enter_context(running(self.valkey))
            stack.enter_context(running(self.postgres))
        self.token = asyncio.run(self._prepare(territories))
        """An admin's of all territories that are measured."""
        self.redis: Redis = stack.enter_context(Redis.from_url(self.valkey.url))
        self.redis.config_set("auto-aof-rewrite-percentage", 0)  # a rewrite in one round and not in another

    async def _prepare(self, territories: Sequence[str]) -> str:
        await migrate(self.postgres.url("postgres"))
        async with LiveStore.open(self.valkey.url) as live:
            await live.prepare()
        async with Database.open(self.postgres.url("postgres")) as database:
            admitting = Admitting(CredentialStore(database), clock=system_clock)
            grants = dict.fromkeys(territories, Grant(Role.ADMIN))
            return (await admitting.admit(CredentialKind.TOKEN, "benchmarks", lasts=None, grants=grants)).secret

    def serve(
        self, name: str = "capacity serve", module: tuple[str, ...] = ("capacity", "serve"), **env: str
    ) -> Running:
        """The product's own server, or a module that stands in for it, as `up` would start it."""
        return self.start(
            name, (sys.executable, "-m", *module), SERVER_CORE,
            CAPACITY_GRACE_SECONDS="0.5", PYTHONPATH=str(Path(__file__).parent.parent), **UNBOUNDED, **env,
        )  # fmt: skip

    @contextmanager
    def serving(self, port: int, **env: str) -> Iterator[Running]:
        """The product's own server on a port of the caller's choice, until the block ends."""
        env |= {"CAPACITY_GRACE_SECONDS": "0.5", "CAPACITY_PORT": str(port), **UNBOUNDED, **self.addresses}
        env |= {"PYTHONPATH": str(Path(__file__).parent.parent)}
        server = Server("capacity serve", self.folder, (sys.executable, "-m", "capacity", "serve"), port, env)
        with ExitStack() as stack:
            with on_core(SERVER_CORE):
                process = stack.enter_context(running(server))
            yield Running(server.name, port, psutil.Process(process.pid))

    def record(self) -> psutil.Process:
        """The recorder, beside the stores."""
        command = (sys.executable, "-m", "capacity", "record")
        program = Program("record", command, self.folder / "logs" / "record.log", self.addresses)
        with on_core(LOAD_CORE):
            process = program.start()
        self._stack.callback(process.wait)
        self._stack.callback(process.terminate)
        return psutil.Process(process.pid)

    def start(self, name: str, argv: tuple[str, ...], core: int, **env: str) -> Running:
        port = free_port()
        env |= {"PORT": str(port), "CAPACITY_PORT": str(port), **self.addresses}
        with on_core(core):
            process = self._stack.enter_context(running(Server(name, self.folder, argv, port, env)))
        return Running(name, port, psutil.Process(process.pid))

    @property
    def addresses(self) -> dict[str, str]:
        """The stores, as the environment of a server names them."""
        return {
            "SOCKET": str(self.valkey.socket),
            "CAPACITY_REDIS_URL": self.valkey.url,
            "CAPACITY_DATABASE_URL": self.postgres.url("postgres"),
        }

    def drop_stream(self, territory: str = TERRITORY) -> None:
        """What a recorder does behind itself, for rounds that have none."""
        self.redis.xtrim(f"{{{territory}}}:stream", maxlen=0, approximate=False)


@contextmanager
def made(territories: Sequence[str] = (TERRITORY,)) -> Iterator[Bed]:
    """A bed until the block ends; nothing of it stays. We are on the core of the load in it."""
    with (
        tempfile.TemporaryDirectory(prefix="capacity-bench-", ignore_cleanup_errors=True) as name,
        ExitStack() as stack,
    ):
        folder = Path(name)
        folder.chmod(0o711)  # the account of Postgres must pass
        bed = Bed(folder, stack, territories)
        stack.enter_context(on_core(LOAD_CORE))
        yield bed


def fill(port: int, territory: str = TERRITORY, pools: int = POOLS, capacity: int = 39, *, token: str) -> list[str]:
    """Give a territory its pools through the API, at most 100 a site; answers their ids."""
    names = [f"site-{i // 100}.p{i % 100}" for i in range(pools)]
    for first in range(0, pools, 100):
        site: dict[str, Any] = {
            "id": f"site-{first // 100}",
            "name": "Une halte",
            "kind": "women_halte",
            "pools": [{"id": name, "audience": "women", "capacity": capacity} for name in names[first : first + 100]],
        }
        exchange(port, "PUT", f"/v1/territories/{territory}/sites/{site['id']}", site, token=token)
    return names


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])
