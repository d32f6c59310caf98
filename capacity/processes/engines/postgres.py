"""The embedded Postgres: a cluster of its own in the data folder, reached by a private socket only."""

import os
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from capacity.errors import StartFailed
from capacity.processes.engines import binaries
from capacity.processes.engines.accounts import Launch, choose
from capacity.processes.engines.leftovers import stop_leftover
from capacity.processes.engines.sockets import socket_folder
from capacity.processes.programs import Program

SUPERUSER = "capacity"
INITDB = (
    "--encoding=UTF8",
    "--no-locale",
    "--auth=trust",
    f"--username={SUPERUSER}",
    "--no-instructions",
    "--no-sync",
)
FAST_SHUTDOWN = signal.SIGINT


@dataclass(frozen=True)
class Postgres:
    """A Postgres on a data folder. Whoever can enter its socket's folder (mode 0700) is let in.

    `options` are settings of postgresql.conf; tests switch fsync off with them.
    """

    data: Path
    options: Mapping[str, str] = field(default_factory=dict)

    name = "postgres"

    @property
    def folder(self) -> Path:
        return self.data / "postgres"

    @cached_property
    def sockets(self) -> Path:
        return socket_folder(self.data, "postgres")

    @cached_property
    def _launch(self) -> Launch:
        owner = self.folder.stat().st_uid if self.folder.exists() else None
        return choose(binaries.postgres(), self.data, owner)

    def url(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def prepare(self) -> None:
        """Make the cluster where there is none, and end what an `up` killed without warning left on it.

        Raises:
            StartFailed: the cluster is of another major version, or cannot be made.
        """
        if not self.folder.exists():
            self._initialise()
        self._check_version()
        if os.geteuid() == 0:
            os.chown(self.sockets, self._launch.owner, -1)
        pidfile = self.folder / "postmaster.pid"
        if pidfile.exists():
            first_line = pidfile.read_text().partition("\n")[0].strip()
            stop_leftover(int(first_line or 0), "postgres", FAST_SHUTDOWN)
            pidfile.unlink(missing_ok=True)

    def program(self) -> Program:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "max_connections": "100",
            **self.options,
        }
        argv = [*self._launch.prefix, str(self._launch.binaries.postgres), "-D", str(self.folder)]
        for name, value in settings.items():
            argv += ["-c", f"{name}={value}"]
        log = self.data / "logs" / "postgres.log"
        return Program(self.name, tuple(argv), log, account=self._launch.account, stop_signal=FAST_SHUTDOWN)

    def is_ready(self) -> bool:
        """Whether it takes connections; it says so itself on the eighth line of its pid file."""
        try:
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def _check_version(self) -> None:
        made_by, ours = (self.folder / "PG_VERSION").read_text().strip(), self._launch.binaries.major
        if made_by != ours:
            raise StartFailed(f"The data in {self.folder} was made by Postgres {made_by}, and this is Postgres {ours}.")

    def _initialise(self) -> None:
        """Make the cluster in a folder of another name first, so that a half-made one is never started."""
        partial = self.data / "postgres.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        os.chown(partial, self._launch.owner, -1)
        initdb = str(self._launch.binaries.initdb)
        self._run(initdb, "-D", str(partial), *INITDB)
        if self.options.get("fsync") != "off":
            self._run(initdb, "-D", str(partial), "--sync-only")
        partial.rename(self.folder)

    def _run(self, *command: str) -> None:
        log = self.data / "logs" / "initdb.log"
        program = Program("initdb", (*self._launch.prefix, *command), log, account=self._launch.account)
        said_before = program.log_end()
        process = program.start()
        try:
            status = process.wait()
        except BaseException:
            process.kill()
            raise
        if status:
            raise StartFailed(f"The Postgres cluster could not be made: {program.last_words(said_before)}")
