"""The embedded Valkey: append-only file, fsync before every answer (law 6), no eviction."""

import signal
import socket
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from capacity.processes.engines import binaries
from capacity.processes.engines.leftovers import stop_leftover
from capacity.processes.engines.sockets import socket_folder
from capacity.processes.programs import Program

PING_SECONDS = 1.0


@dataclass(frozen=True)
class Valkey:
    """A Valkey on a data folder, listening on a Unix socket only."""

    data: Path

    name = "valkey"

    @property
    def folder(self) -> Path:
        return self.data / "valkey"

    @cached_property
    def socket(self) -> Path:
        return socket_folder(self.data, "valkey") / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def _pidfile(self) -> Path:
        return self.folder / "valkey.pid"

    def prepare(self) -> None:
        """Make the folder, and end a server that an `up` killed without warning left on it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._pidfile.exists():
            stop_leftover(int(self._pidfile.read_text() or 0), "valkey-server", signal.SIGTERM)
            self._pidfile.unlink(missing_ok=True)
        self.socket.unlink(missing_ok=True)

    def program(self) -> Program:
        options = {
            "dir": self.folder,
            "pidfile": self._pidfile,
            "port": 0,
            "unixsocket": self.socket,
            "unixsocketperm": 700,
            "daemonize": "no",
            "appendonly": "yes",
            "appendfsync": "always",
            "no-appendfsync-on-rewrite": "no",
            "aof-load-truncated": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
            "maxclients": 10_000,
        }
        argv = [str(binaries.valkey_server())]
        for option, value in options.items():
            argv += [f"--{option}", str(value)]
        return Program(self.name, tuple(argv), self.data / "logs" / "valkey.log")

    def is_ready(self) -> bool:
        """Whether it answers PING: no while it still loads its file."""
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(PING_SECONDS)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(64).startswith(b"+PONG")
        except OSError:
            return False
