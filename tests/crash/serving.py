"""`capacity serve` as processes of their own, and plain connections to them that survive nothing."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.whole_service import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 90
ANSWER_SECONDS = 20


@dataclass
class Serve:
    """One server process, and where it listens."""

    port: int
    process: asyncio.subprocess.Process

    async def until_ready(self) -> None:
        """Wait until it answers and has looked at both stores."""
        async with asyncio.timeout(START_SECONDS):
            while True:
                try:
                    async with line_to(self.port) as line:
                        if (await line.ask("GET", "/healthz"))[0] == 200:
                            return
                except OSError:
                    await asyncio.sleep(0.05)  # a process that starts can only be asked


@asynccontextmanager
async def serve_process(
    redis_url: str, database_url: str, port: int | None = None, *, root: Path = ROOT, **settings: str
) -> AsyncIterator[Serve]:
    """A server of the code in `root` on these stores, until the block ends. Not yet ready.

    `settings` are more of the environment.
    """
    port = port or free_port()
    async with child("serve", redis_url, database_url, root=root, CAPACITY_PORT=str(port), **settings) as process:
        yield Serve(port, process)


@asynccontextmanager
async def child(
    word: str, redis_url: str, database_url: str, *, root: Path = ROOT, **settings: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`capacity serve` or `capacity record` on these stores, until the block ends."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CAPACITY_")}
    environment |= {
        "CAPACITY_REDIS_URL": redis_url, "CAPACITY_DATABASE_URL": database_url,
        "CAPACITY_LOG_LEVEL": "error", "PYTHONPATH": str(root), "CAPACITY_GRACE_SECONDS": "0.5",
        "CAPACITY_REPORTS_PER_SECOND": "1000000", "CAPACITY_REPORTS_AT_ONCE": "10000000", **settings,
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "capacity", word, cwd=root, env=environment,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@dataclass
class Line:
    """One keep-alive connection with one request under way at most."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    token: str | None = None

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """The status and the JSON of an answer; of the two plain-text addresses only the status.

        Raises:
            OSError: the connection was lost, and whether the request was heard is unknown.
        """
        content = b"" if body is None else json.dumps(body).encode()
        kind = "" if body is None else "Content-Type: application/json\r\n"
        bearer = "" if self.token is None else f"Authorization: Bearer {self.token}\r\n"
        length = f"Content-Length: {len(content)}\r\n"
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{bearer}{kind}{length}\r\n"
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                self.writer.write(head.encode() + content)
                return await self._hear()
        except asyncio.IncompleteReadError as exc:
            raise ConnectionResetError from exc

    async def _hear(self) -> tuple[int, Any]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        said = await self.reader.readexactly(length)
        return int(head[9:12]), json.loads(said) if b"json" in head else None


@asynccontextmanager
async def line_to(port: int, token: str | None = None) -> AsyncIterator[Line]:
    """A connection to a server of this machine, signed in with a token. Raises OSError."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Line(reader, writer, token)
    finally:
        writer.close()
