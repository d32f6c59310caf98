"""A failover under load: senders who resend by id, screens who come back by number, and the ledger after it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from tests.crash.serving import Line, Serve, child, line_to, serve_process
from tests.faults.readers import Reader
from tests.tokens import admin_of
from tests.valkeys import Watched
from tests.world import new_id

TERRITORY, POOLS = "75", [f"halte.p{number}" for number in range(12)]
SENDERS = 6
AGAIN_SECONDS, GLANCE_SECONDS, PATIENCE_SECONDS = 0.05, 0.01, 90
LEDGER = "SELECT body->>'id' AS id, seq FROM ledger WHERE territory = $1 ORDER BY seq"


@dataclass
class Book:
    """What the senders were told: the number of each id, and the moment of each first success."""

    accepted: dict[str, int] = field(default_factory=dict)
    moments: list[tuple[float, float]] = field(default_factory=list)
    """When an accepted command was first sent and when it was accepted."""
    refusals: int = 0
    duplicates: int = 0
    is_over: bool = False
    others: list[str] = field(default_factory=list)
    """Answers that should not be."""


class Sender:
    """One tablet: a movement at a time, again by the same id until it is answered."""

    def __init__(self, book: Book, port: int, token: str, pool: str) -> None:
        self._book, self._port, self._token, self._pool = book, port, token, pool

    async def work(self) -> None:
        while not self._book.is_over:
            with suppress(OSError, TimeoutError):
                async with line_to(self._port, self._token) as line:
                    while not self._book.is_over:
                        await self._one(line)

    async def _one(self, line: Line) -> None:
        said = {"id": new_id(), "type": "movement", "pool": self._pool, "delta": 1}
        began = time.monotonic()
        while True:
            status, answer = await line.ask("POST", f"/v1/territories/{TERRITORY}/reports", {"reports": [said]})
            if status == 200:
                break
            if status != 503:
                self._book.others.append(f"{status} {answer}")
            self._book.refusals += 1
            await asyncio.sleep(AGAIN_SECONDS)
        (result,) = answer["results"]
        self._book.duplicates += result["outcome"] == "duplicate"
        if self._book.accepted.setdefault(said["id"], result["seq"]) != result["seq"]:
            self._book.others.append(f"{said['id']} has two numbers")
        self._book.moments.append((began, time.monotonic()))


class Screen(Reader):
    """A reader that counts the whole boards it was sent."""

    completes = 0
    epochs: set[str]

    def take(self, message: dict[str, Any]) -> bool:
        self.completes += message["complete"]
        self.epochs = {*getattr(self, "epochs", set()), message["epoch"]}
        return super().take(message)


@dataclass
class Outcome:
    """What a failover came to."""

    accepted: int
    resent_duplicates: int
    refusals: int
    silence_seconds: float
    """From the kill to the first success of a command that was first sent after it."""
    detected_seconds: float
    """From the kill to the moment when the Sentinels named another primary."""
    breaches: list[str]


@asynccontextmanager
async def house(fleet: Watched, database: str) -> AsyncIterator[tuple[Serve, str]]:
    """A server and a recorder that wait for one replica, with a site; answers the server and a token."""
    async with AsyncExitStack() as stack:
        token = await admin_of(database, TERRITORY)
        settings = {"CAPACITY_REDIS_MIN_REPLICAS": "1", "PYTHONDONTWRITEBYTECODE": ""}
        settings["PYTHONPYCACHEPREFIX"] = str(fleet.folder / "bytecode")  # the recorder finds what the server compiled
        serve = await stack.enter_async_context(serve_process(fleet.url, database, **settings))
        await serve.until_ready()
        await stack.enter_async_context(child("record", fleet.url, database, **settings))
        pools = [{"id": pool, "audience": "women", "capacity": 9} for pool in POOLS]
        site = {"id": "halte", "name": "Halte", "kind": "women_halte", "pools": pools}
        async with asyncio.timeout(PATIENCE_SECONDS), line_to(serve.port, token) as line:
            while (await line.ask("PUT", f"/v1/territories/{TERRITORY}/sites/halte", site))[0] not in (200, 201):
                await asyncio.sleep(AGAIN_SECONDS)
        yield serve, token


async def fail_over(fleet: Watched, database: str, serve: Serve, token: str, *, enough: int = 100) -> Outcome:
    """Kill the primary while all send, and look at what became of every command."""
    book = Book()
    stays, leaves = (Screen(who, serve.port, TERRITORY, token) for who in ("stays", "leaves"))
    async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as tasks:
        staying = tasks.create_task(stays.follow())
        leaving = tasks.create_task(leaves.follow())
        for number in range(SENDERS):
            tasks.create_task(Sender(book, serve.port, token, POOLS[number]).work())
        await _until(lambda: len(book.accepted) >= enough)
        leaving.cancel()
        primary = fleet.primary()
        killed_at = time.monotonic()
        fleet.kill(primary)
        await _until(lambda: fleet.primary() is not primary)
        detected_at = time.monotonic()
        after = len(book.accepted)
        await _until(lambda: len(book.accepted) >= after + enough)
        coming_back = tasks.create_task(leaves.follow())
        book.is_over = True
        ledger = await _whole_ledger(database, book)
        await asyncio.gather(*(screen.until(ledger[-1]["seq"]) for screen in (stays, leaves)))
        board = await _board(serve, token)
        staying.cancel()
        coming_back.cancel()
    back_at = min(ended for began, ended in book.moments if began > killed_at)
    breaches = [*book.others, *_of_ledger(book, ledger), *_of_screens((stays, leaves), board)]
    return Outcome(
        len(book.accepted), book.duplicates, book.refusals, back_at - killed_at, detected_at - killed_at, breaches
    )


async def _until(claim) -> None:
    while not claim():
        await asyncio.sleep(GLANCE_SECONDS)


async def _whole_ledger(database: str, book: Book) -> list[asyncpg.Record]:
    """The ledger once it has the last number that anybody was told."""
    connection = await asyncpg.connect(database)
    try:
        while True:
            ledger = await connection.fetch(LEDGER, TERRITORY)
            if ledger and ledger[-1]["seq"] >= max(book.accepted.values()):
                return ledger
            await asyncio.sleep(AGAIN_SECONDS)
    finally:
        await connection.close()


async def _board(serve: Serve, token: str) -> dict[str, Any]:
    async with line_to(serve.port, token) as line:
        _, board = await line.ask("GET", f"/v1/territories/{TERRITORY}/board")
    return {row["pool"]: row for row in board["rows"]}


def _of_ledger(book: Book, ledger: list[asyncpg.Record]) -> list[str]:
    numbers = [line["seq"] for line in ledger]
    kept: dict[str, list[int]] = {}
    for line in ledger:
        kept.setdefault(line["id"], []).append(line["seq"])
    found = [f"{each} was accepted as {seq} and kept as {kept.get(each)}"
             for each, seq in book.accepted.items() if kept.get(each) != [seq]]  # fmt: skip
    return found if numbers == list(range(1, len(numbers) + 1)) else [*found, "the numbers of the ledger have a gap"]


def _of_screens(screens: tuple[Screen, ...], board: dict[str, Any]) -> list[str]:
    return [
        f"the screen that {screen.who}: {said}"
        for screen in screens
        for said, is_so in (
            (f"{screen.completes} whole boards instead of one", screen.completes != 1),
            (f"epochs {screen.epochs}", len(screen.epochs) != 1),
            (f"oddities {screen.oddities}", bool(screen.oddities)),
            (f"is not the board: {json.dumps(screen.rows)[:400]}", screen.rows != board),
        )
        if is_so
    ]
