"""Runs all of `capacity up` for a test, as a person at a terminal would."""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil

from capacity.processes.engines.postgres import Postgres
from capacity.processes.up import DATABASE
from tests.tokens import admin_of, made_outside

END_SECONDS = 10
SAY_SECONDS = 45
TERRITORIES = ("75", "toronto", "birmingham", "somewhere", *(f"screens-{n}" for n in range(1, 400)))
"""Where the tests of a whole service are admins; they need not exist yet. A page opens on the first, by name."""


class Spoken:
    """What a test says to a service over HTTP; `url` and `token`, an admin's, are the service's own."""

    url: str
    token: str

    def cookie(self) -> dict[str, str]:
        """The same as a browser's cookie."""
        return {"name": "capacity", "value": self.token, "domain": "127.0.0.1", "path": "/"}

    def get(self, path: str) -> Any:
        """The JSON at an address of the service, as an admin of its territory gets it."""
        request = urllib.request.Request(self.url + path, headers=self._signed_in(path))
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def _signed_in(self, path: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"} if path.startswith("/v1/") else {}

    def send(self, method: str, path: str, body: Any) -> Any:
        """The JSON that the service answers to a body."""
        headers = {"content-type": "application/json", **self._signed_in(path)}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers, method=method)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)


@dataclass
class RunningUp(Spoken):
    """One `capacity up`; `lines` is what it has printed so far and we have read."""

    process: subprocess.Popen[str]
    data: Path
    url: str
    lines: list[str] = field(default_factory=list)
    _printed: queue.SimpleQueue[str | None] = field(default_factory=queue.SimpleQueue)

    def __post_init__(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._printed.put(line.rstrip("\n"))
        self._printed.put(None)

    def read_until(self, start: str) -> str:
        """Read what it prints up to a line that starts so."""
        deadline = time.monotonic() + SAY_SECONDS
        while True:
            try:
                line = self._printed.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            assert line is not None, f"it did not say {start!r}, but {self.lines}"
            self.lines.append(line)
            if line.startswith(start):
                return line

    def children(self) -> dict[str, psutil.Process]:
        """Its children by their names in our words."""
        found = {}
        for child in psutil.Process(self.process.pid).children():
            words = [child.name(), *child.cmdline()]
            name = next((name for name in ("valkey", "postgres", "serve", "record") if _says(words, name)), None)
            if name:
                found[name] = child
        return found

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ask it to stop and give its exit status."""
        self.process.send_signal(number)
        return self.process.wait(END_SECONDS)

    @cached_property
    def token(self) -> str:
        """An admin's token for every territory of `TERRITORIES`."""
        database_url = Postgres(self.data).url(DATABASE)
        return made_outside(lambda: admin_of(database_url, *TERRITORIES))


def _says(words: list[str], name: str) -> bool:
    return any(word == name or word.rpartition("/")[2] in (name, f"{name}-server") for word in words)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_up(data: Path, *arguments: str, port: int | None = None) -> Iterator[RunningUp]:
    """`capacity up` on a data folder, from its first word; the caller waits for the line that it needs."""
    port = port or free_port()
    command = [sys.executable, "-m", "capacity", "up", "--data", str(data), "--port", str(port), *arguments]
    env = {name: value for name, value in os.environ.items() if not name.startswith("CAPACITY_")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env) as process:
        try:
            yield RunningUp(process, data, f"http://127.0.0.1:{port}")
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(END_SECONDS)
