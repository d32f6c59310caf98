"""A server that dies between the live store's write and its own answer, and is started again at the same address."""

import asyncio
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import asyncpg
import redis

from capacity.processes.engines.postgres import Postgres
from capacity.processes.engines.valkey import Valkey
from capacity.processes.migrating import migrate
from tests.tokens import admin_of
from tests.whole_service import TERRITORIES, Spoken, free_port

ROOT = Path(__file__).parents[2]
DATABASE = "capacity_of_the_dying"
WAIT_SECONDS = 60
CHUNK_BYTES = 65_536


class FatalReply:
    """A proxy before the live store. Once armed, the reply to a function of that name kills whoever called it.

    The store has written and kept by then: it replies after its disk. Nobody hears the reply.
    """

    def __init__(self, store: Path) -> None:
        self._store = str(store)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._armed: tuple[re.Pattern[bytes], subprocess.Popen[bytes]] | None = None
        self.struck = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self, function: bytes, victim: "subprocess.Popen[bytes]") -> None:
        self.struck.clear()
        self._armed = (re.compile(function), victim)

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                store = socket.socket(socket.AF_UNIX)
                store.connect(self._store)
                doomed = threading.Event()
                threading.Thread(target=self._ask, args=(client, store, doomed), daemon=True).start()
                threading.Thread(target=self._reply, args=(client, store, doomed), daemon=True).start()

    def _ask(self, client: socket.socket, store: socket.socket, doomed: threading.Event) -> None:
        with suppress(OSError), client, store:
            while asked := client.recv(CHUNK_BYTES):
                if self._armed is not None and self._armed[0].search(asked):
                    doomed.set()
                store.sendall(asked)

    def _reply(self, client: socket.socket, store: socket.socket, doomed: threading.Event) -> None:
        with suppress(OSError), client, store:
            while reply := store.recv(CHUNK_BYTES):
                if doomed.is_set() and self._armed is not None:
                    (_, victim), self._armed = self._armed, None
                    victim.kill()
                    victim.wait()
                    self.struck.set()
                    return
                client.sendall(reply)


class DyingService(Spoken):
    """`capacity serve` on the stores of the session, with a database of its own and a fatal proxy in between."""

    def __init__(self, valkey: Valkey, postgres: Postgres) -> None:
        self._valkey, self._database = valkey, postgres.url(DATABASE)
        with ThreadPoolExecutor(1) as thread:  # in this one a loop runs, once a browser is open
            self.token = thread.submit(asyncio.run, self._prepared(postgres.url("postgres"))).result()
        self._proxy, self._port = FatalReply(valkey.socket), free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.start()

    async def _prepared(self, server: str) -> str:
        connection = await asyncpg.connect(server)
        await connection.execute(f"CREATE DATABASE {DATABASE}")
        await connection.close()
        await migrate(self._database)
        return await admin_of(self._database, *TERRITORIES)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("CAPACITY_")}
        env |= {
            "CAPACITY_REDIS_URL": f"redis://127.0.0.1:{self._proxy.port}", "CAPACITY_DATABASE_URL": self._database,
            "CAPACITY_PORT": str(self._port), "CAPACITY_LOG_LEVEL": "error",
            # As where it is installed: a second start finds what the first has compiled, whatever our environment says.
            "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(self._valkey.data / "bytecode"),
        }  # fmt: skip
        self._process = subprocess.Popen(
            [sys.executable, "-m", "capacity", "serve"],
            cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=(self._valkey.data / "dying.log").open("ab"),
        )  # fmt: skip
        deadline = time.monotonic() + WAIT_SECONDS
        while not self._answers():
            assert self._process.poll() is None, "it ended by itself"
            assert time.monotonic() < deadline, (self._valkey.data / "dying.log").read_text()
            time.sleep(0.05)  # a process that starts can only be asked

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def dies_at_the_reply_to(self, function: bytes) -> None:
        """From now on the next call of a function of this name, a pattern, is its last."""
        self._proxy.arm(function, self._process)

    def until_dead(self) -> None:
        assert self._proxy.struck.wait(WAIT_SECONDS), "nothing was asked that it dies of"

    def kept(self, territory: str, kind: str) -> int:
        """How many commands of a kind the live store has kept, whoever knows of them."""
        with redis.Redis(unix_socket_path=str(self._valkey.socket)) as client:
            entries = client.xrange(f"{{{territory}}}:stream")
        return sum(f'"type":"{kind}"'.encode() in fields[b"command"] for _, fields in entries)  # type: ignore[union-attr]

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._proxy.close()
