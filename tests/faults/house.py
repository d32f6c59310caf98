"""All processes of a service, and how they die, pause and come back: two servers, two recorders, Valkey, Postgres."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil

from capacity.errors import StartFailed
from capacity.processes.engines.postgres import Postgres
from capacity.processes.engines.running import Engine, running
from capacity.processes.engines.valkey import Valkey
from capacity.processes.migrating import migrate
from capacity.processes.programs import Program
from tests.crash.serving import ROOT, Serve
from tests.faults.proxy import Proxy
from tests.tokens import admin_of
from tests.whole_service import free_port

PAIR = 2
START_TRIES, START_AGAIN_SECONDS = 5, 0.25
RECORDING = """
SELECT activity.application_name AS name
  FROM pg_locks AS locks
  JOIN pg_stat_activity AS activity USING (pid)
 WHERE locks.locktype = 'advisory' AND locks.granted AND activity.application_name LIKE 'record-%'
"""


@dataclass(frozen=True)
class Child:
    """A process of `capacity` as its manager would start it."""

    name: str
    data: Path
    words: tuple[str, ...]
    env: Mapping[str, str]

    def prepare(self) -> None:
        """Nothing lies around before it starts."""

    def program(self) -> Program:
        argv = (sys.executable, "-m", "capacity", *self.words)
        return Program(self.name, argv, self.data / "logs" / f"{self.name}.log", self.env)

    def is_ready(self) -> bool:
        """At once: whoever needs it asks its port."""
        return True


class House:
    """The running service. Everything named here is started again at once after it was killed."""

    def __init__(self, folder: Path, engines: ExitStack) -> None:
        self.folder = folder
        self.valkey, self.postgres = Valkey(folder), Postgres(folder)
        self._stack = engines
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._starts: dict[str, Engine] = {"valkey": self.valkey, "postgres": self.postgres}
        self.ports: list[int] = []
        self.proxies: list[Proxy] = []
        self.token = ""

    @property
    def database(self) -> str:
        return self.postgres.url("postgres")

    @property
    def doors(self) -> list[int]:
        """The ports of the proxies before the servers."""
        return [proxy.port for proxy in self.proxies]

    async def open(self, territories: list[str], proxies: AsyncExitStack) -> None:
        """Start all, the stores first."""
        await asyncio.gather(*(self.start(name) for name in ("valkey", "postgres")))
        await migrate(self.database)
        self.token = await admin_of(self.database, *territories)
        for number in range(PAIR):
            port = free_port()
            self.ports.append(port)
            self.proxies.append(await proxies.enter_async_context(Proxy.before(port)))
            self._starts |= {
                f"serve-{number}": self._child(f"serve-{number}", "serve", CAPACITY_PORT=str(port)),
                f"record-{number}": self._child(f"record-{number}", "record"),
            }
            await self.start(f"record-{number}")
            await self.start(f"serve-{number}")
        await self.until_ready()

    def _child(self, name: str, *words: str, **more: str) -> Child:
        return Child(name, self.folder, words, {
            "CAPACITY_REDIS_URL": self.valkey.url,
            "CAPACITY_DATABASE_URL": f"{self.database}&application_name={name}",
            "CAPACITY_GRACE_SECONDS": "0.5", "CAPACITY_LOG_LEVEL": "warning",
            "CAPACITY_REPORTS_PER_SECOND": "1000000", "CAPACITY_REPORTS_AT_ONCE": "10000000",
            "PYTHONPATH": str(ROOT), **self._bytecode, **more,
        })  # fmt: skip

    @property
    def _bytecode(self) -> dict[str, str]:
        """As where it is installed: a second start finds what the first has compiled, whatever our environment says."""
        return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(self.folder / "bytecode")}

    async def start(self, name: str) -> None:
        """Start it, and again where that fails, as its manager would."""
        for tries_left in reversed(range(START_TRIES)):
            try:
                starting = running(self._starts[name])
                self._processes[name] = await asyncio.to_thread(self._stack.enter_context, starting)
            except StartFailed:  # a Postgres whose own processes have not all noticed that it died
                if not tries_left:
                    raise
                await asyncio.sleep(START_AGAIN_SECONDS)
            else:
                return

    async def until_ready(self) -> None:
        """Wait until both servers answer and have looked at both stores."""
        await asyncio.gather(
            *(Serve(port, None).until_ready() for port in self.ports)  # type: ignore[arg-type]  # only its port is asked
        )

    def kill(self, name: str) -> None:
        """SIGKILL, and nothing else: what it started itself must see to its own end."""
        process = self._processes[name]
        os.kill(self._pid(name), signal.SIGKILL)
        process.wait()

    def ended(self) -> list[str]:
        """What does not run, though nobody killed it since it was started."""
        return [name for name, process in self._processes.items() if process.poll() is not None]

    @contextmanager
    def paused(self, name: str) -> Iterator[None]:
        """SIGSTOP for all of it, and SIGCONT when the block ends."""
        first = psutil.Process(self._pid(name))
        stopped = [first, *first.children(recursive=True)]
        self._signal(stopped, signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(stopped, signal.SIGCONT)

    @staticmethod
    def _signal(processes: list[psutil.Process], number: signal.Signals) -> None:
        for process in processes:
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                continue

    def _pid(self, name: str) -> int:
        """Postgres says its own: it may have been started by way of another program."""
        if name == "postgres":
            return int((self.postgres.folder / "postmaster.pid").read_text().partition("\n")[0])
        return self._processes[name].pid

    async def recorder(self) -> str | None:
        """The recorder that holds the lock, by its name."""
        connection = await asyncpg.connect(self.database, timeout=5)
        try:
            found: str | None = await connection.fetchval(RECORDING)
            return found
        finally:
            await connection.close()


@asynccontextmanager
async def house_with(territories: list[str]) -> AsyncIterator[House]:
    """A house of its own in a temporary folder; nothing of it stays."""
    with tempfile.TemporaryDirectory(prefix="capacity-faults-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # the account of Postgres must pass
        with ExitStack() as engines:
            async with AsyncExitStack() as proxies:
                house = House(folder, engines)
                await house.open(territories, proxies)
                yield house
