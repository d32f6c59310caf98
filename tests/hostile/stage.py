"""The whole service on the real stores, made impatient, and what hostile input may never do to it.

Whatever comes in: nothing breaks inside, others are answered, no connection stays behind, and what the stores hold
changes by exactly what was told to be accepted.
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch

import asyncpg

from capacity.web import bodies, lane, server
from tests.serving import Served, server_on
from tests.world import World, report, site, world_of

POOL, PLACES = "halte.women", 30_000
HEAD_SECONDS = BODY_SECONDS = KEEP_ALIVE_SECONDS = LINGER_SECONDS = 0.3
"""Whoever is not slow on purpose meets these; one who does not is refused, and that is no harm either."""
PING_SECONDS, PONG_SECONDS = 1, 3
"""What ends a feed whose reader says half a frame and no more."""
PATIENCE_SECONDS = 20.0
ACCEPTED = re.compile(rb'"outcome":"(?:applied|late)"|HTTP/1\.1 201 ')
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
UPGRADED = re.compile(rb"HTTP/1\.1 101 ")
"""From here on the server has no reason to hang up."""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


@dataclass(frozen=True)
class Kept:
    """All that both stores hold: the live store's keys by name, the ledger's and registry's tables by name."""

    live: dict[bytes, bytes]
    tables: dict[str, str]

    def differences(self, other: "Kept") -> list[str]:
        names = {name for name in self.live.keys() | other.live.keys() if self.live.get(name) != other.live.get(name)}
        tables = {name for name in self.tables if self.tables[name] != other.tables[name]}
        return sorted(name.decode(errors="replace") for name in names) + sorted(tables)


@dataclass
class Said:
    """What one connection heard until its end.

    Where that was a reset, because it went on saying things to who had hung up, the kernel may have dropped answers:
    so many commands are then in doubt, as after any lost connection, and sent again by their ids.
    """

    heard: bytes
    was_reset: bool = False
    in_doubt: int = 0

    @property
    def statuses(self) -> list[int]:
        return [int(status) for status in STATUS.findall(self.heard)]

    @property
    def accepted(self) -> int:
        return len(ACCEPTED.findall(self.heard))


@dataclass
class Stage:
    """A served world with one halte, and what broke inside it."""

    world: World
    served: Served
    faults: list[str] = field(default_factory=list)

    @property
    def name(self) -> bytes:
        return self.world.name.encode()

    async def say(self, *parts: bytes) -> Said:
        """Say it part by part on a connection of its own, and hear the server out until it hangs up.

        A feed that was opened by the way is left at once.
        """
        return await self._say(parts, lambda heard: UPGRADED.search(heard) is not None)

    async def follow(self, opening: bytes, *parts: bytes) -> Said:
        """Open a feed, and say the rest once it was answered, or at once where the opening is empty."""
        return await self._say(parts, lambda _: False, opening)

    async def _say(self, parts: Sequence[bytes], is_enough: Callable[[bytes], bool], opening: bytes = b"") -> Said:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.served.port)
        heard = bytearray()
        if opening:
            await _write(writer, [opening])
            heard += await reader.read(65_536)
        writing = asyncio.create_task(_write(writer, parts), name="say")
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not is_enough(heard) and (piece := await reader.read(65_536)):
                    heard += piece
            return Said(bytes(heard))
        except TimeoutError:
            raise AssertionError(
                f"the server does not hang up on {opening + b''.join(parts)}, after {bytes(heard)!r}"
            ) from None
        except OSError:
            return Said(bytes(heard), was_reset=True)
        finally:
            writing.cancel()
            writer.close()

    async def cut(self, *parts: bytes) -> None:
        """Say it and break the connection with a reset, whatever the server would have said."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.served.port)
        await _write(writer, parts)
        writer.transport.abort()

    async def kept(self) -> Kept:
        async with self.world.database.connection() as connection:
            return Kept(await self.world.everything(), await _tables(connection))

    async def stands(self) -> None:
        """It answers others, holds no connection any more, and nothing broke."""
        open_now = self.served.server.server_state.connections
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while open_now or len(self.served.server.config.connections):
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise AssertionError(f"connections stay behind: {[*map(_story, open_now)]}") from None
        healthy = await self.say(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert healthy.statuses == [200], healthy.heard
        assert not self.faults, self.faults

    async def endured(self, before: Kept, said: list[Said], seq: int) -> None:
        """Nothing broke, and what changed is what was told; raises AssertionError. `seq` is the number before."""
        await self.stands()
        broken = [one.heard for one in said if any(status >= 500 for status in one.statuses)]
        assert not broken, broken
        accepted, grown = sum(one.accepted for one in said), await self.world.seq() - seq
        doubted = sum(one.in_doubt for one in said)
        assert accepted <= grown <= accepted + doubted, f"{grown} commands were taken, and {accepted} are known to be"
        entries = await self.world.stream()
        seqs = [entry.seq for entry in entries if entry.seq > seq]
        assert seqs == list(range(seq + 1, seq + grown + 1)), (seq, grown, seqs)
        differences = before.differences(await self.kept())
        assert grown or not differences, differences


def _story(connection: object) -> dict[str, object]:
    return {name: value for name, value in vars(connection).items() if name not in ("app", "config", "loop")}


async def _write(writer: asyncio.StreamWriter, parts: Sequence[bytes]) -> None:
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)  # so that the server may see the parts one by one
    except OSError:
        return  # it has heard enough


async def _tables(connection: asyncpg.Connection) -> dict[str, str]:
    digests = {}
    for (table,) in await connection.fetch(TABLES):
        rows = await connection.fetch(f'SELECT t::text AS line FROM "{table}" t ORDER BY 1')
        digests[table] = hashlib.sha256("\n".join(row["line"] for row in rows).encode()).hexdigest()
    return digests


class _Listener(logging.Handler):
    def __init__(self, faults: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._faults = faults

    def emit(self, record: logging.LogRecord) -> None:
        self._faults.append(f"{record.name}: {record.getMessage()} {record.exc_info and record.exc_info[1]!r}")


@contextmanager
def _heard(faults: list[str]) -> Iterator[None]:
    """Everything that is logged as an error, and every exception that nobody caught, is a fault."""
    loop, listener = asyncio.get_running_loop(), _Listener(faults)
    names = ["", "uvicorn", "uvicorn.error", "asyncio"]
    loop.set_exception_handler(lambda _, context: faults.append(f"nobody caught: {context}"))
    for name in names:
        logging.getLogger(name).addHandler(listener)
    try:
        yield
    finally:
        loop.set_exception_handler(None)
        for name in names:
            logging.getLogger(name).removeHandler(listener)


@contextmanager
def impatient() -> Iterator[None]:
    """The server's deadlines, short enough to be met by whoever dawdles in a test."""
    with ExitStack() as stack:
        for module, changes in (
            (server, {"HEAD_SECONDS": HEAD_SECONDS, "BODY_SECONDS": BODY_SECONDS,
                      "KEEP_ALIVE_SECONDS": KEEP_ALIVE_SECONDS, "PING_SECONDS": PING_SECONDS,
                      "PONG_SECONDS": PONG_SECONDS}),
            (bodies, {"DEADLINE_SECONDS": BODY_SECONDS, "DROPPING_SECONDS": BODY_SECONDS}),
            (lane, {"LINGER_SECONDS": LINGER_SECONDS, "GOODBYE_SECONDS": LINGER_SECONDS}),
        ):  # fmt: skip
            stack.enter_context(patch.multiple(module, **changes))
        yield


@asynccontextmanager
async def stage_on(redis_url: str, database_url: str, territory: str) -> AsyncIterator[Stage]:
    """A stage in a territory of its own, with a first report taken."""
    async with world_of(redis_url, database_url, territory) as world:
        await world.put(site("halte", {"id": POOL, "capacity": PLACES}))
        await world.post(report("count", POOL, occupied=1))
        await world.directories.of(territory)
        faults: list[str] = []
        with impatient(), _heard(faults):
            async with server_on(world) as served:
                yield Stage(world, served, faults)
