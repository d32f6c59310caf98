"""One round: a new territory under load, faults while it runs, quiet, and the history of it."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import asyncpg
from redis.asyncio import Redis

from capacity.board.clocks import system_clock
from capacity.commands.checkup import Verdict
from capacity.commands.doctor import examine
from capacity.commands.stores import Addresses
from capacity.store.postgres import UNREACHABLE
from tests.crash.serving import line_to
from tests.faults.faults import Fault, Kind, deal, inflict
from tests.faults.history import History, Kept, Picture
from tests.faults.house import PAIR, House
from tests.faults.promises import breaches_of
from tests.faults.readers import Reader
from tests.faults.workload import POOLS, Book, Sender

SENDERS, READERS = 8, 3
WARM_SECONDS = 0.3
QUIET_SECONDS = 30.0
GLANCE_SECONDS = 0.01
LEDGER = "SELECT seq, body::text AS body, row::text AS row FROM ledger WHERE territory = $1 ORDER BY seq"
LINES = "SELECT seq, row::text AS row FROM ledger_lines WHERE territory = $1 AND row IS NOT NULL ORDER BY seq, pool"


@dataclass
class Round:
    """What became of one round."""

    number: int
    seed: str
    steps: list[list[Fault]]
    breaches: dict[str, list[str]] = field(default_factory=dict)
    recoveries: list[tuple[str, float]] = field(default_factory=list)
    """Of each kill that came alone: how long until its work was done again."""
    answers: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    history: History | None = None

    @property
    def kinds(self) -> list[Kind]:
        return [fault.kind for step in self.steps for fault in step]

    def line(self) -> dict[str, Any]:
        """As the log keeps it."""
        faults = [[f"{fault.kind} ({fault.target}) {fault.seconds:.2f} s" for fault in step] for step in self.steps]
        return {
            "round": self.number, "seed": self.seed, "faults": faults, "breaches": self.breaches,
            "recoveries": [[kind, round(took, 3)] for kind, took in self.recoveries],
            "answers": dict(self.answers), "counts": dict(self.counts),
        }  # fmt: skip


def planned(seed: int, number: int) -> Round:
    """The round of this number: every kind of fault comes first in turn, all else is chance by the seed."""
    name = f"{seed}:{number}"
    kinds = list(Kind)
    return Round(number, name, deal(kinds[number % len(kinds)], random.Random(name)))


async def play(house: House, planned_round: Round, territory: str) -> Round:
    """Run a round on a house that is well, and leave it well."""
    this, chance = planned_round, random.Random(f"{planned_round.seed} senders")
    book = Book(territory)

    def sender(**how: Any) -> Sender:
        return Sender(book, house.doors, house.token, random.Random(chance.random()), **how)

    began_ms = system_clock()
    await sender(gives_up=False).put_sites(POOLS)
    readers = [Reader(f"reader {n + 1}", house.doors[n % PAIR], territory, house.token) for n in range(READERS)]
    async with _following(readers):
        async with asyncio.TaskGroup() as tasks:
            for _ in range(SENDERS):
                tasks.create_task(sender().work(), name="sender")
            tasks.create_task(sender(gives_up=False).edit(), name="editor")
            await asyncio.sleep(WARM_SECONDS)
            for step in this.steps:
                await _inflict(step, house, book, this, random.Random(chance.random()))
            book.is_over = True
        await house.until_ready()
        await sender(gives_up=False).move("site-0.p0")  # the last row that every reader is to see
        this.history = await _history(house, book, readers, began_ms)
    this.breaches = breaches_of(this.history)
    this.answers = book.answers
    this.counts = Counter(
        commands=len(this.history.ledger), accepted=len(book.accepted), refused=len(book.refused),
        resent=book.resent, given_up=len(book.given_up), messages=sum(reader.messages for reader in readers),
        joined=sum(reader.joined for reader in readers),
    )  # fmt: skip
    return this


@asynccontextmanager
async def _following(readers: list[Reader]) -> Any:
    following = [asyncio.create_task(reader.follow(), name=reader.who) for reader in readers]
    try:
        yield
    finally:
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)


async def _inflict(step: list[Fault], house: House, book: Book, this: Round, chance: random.Random) -> None:
    async def works(kind: Kind, which: int) -> None:
        """A server, or any where the store was killed, takes a report; the ledger goes on past where it was."""
        ports = [house.ports[which]] if kind is Kind.KILL_SERVE else house.ports
        probe = Sender(book, ports, house.token, random.Random(chance.random()), gives_up=False)
        seq = await probe.move("site-0.p0")
        if kind in (Kind.KILL_RECORD, Kind.KILL_POSTGRES):
            await _until_kept(house, book.territory, seq)

    took = await asyncio.gather(*(inflict(fault, house, works) for fault in step))
    if len(step) == 1 and took[0] is not None:
        this.recoveries.append((step[0].kind, took[0]))


async def _until_kept(house: House, territory: str, seq: int) -> None:
    """Wait until the ledger has a number."""
    while True:
        try:
            connection = await asyncpg.connect(house.database, timeout=5)
            try:
                while (await connection.fetchval("SELECT seq FROM cursors WHERE territory = $1", territory) or 0) < seq:
                    await asyncio.sleep(GLANCE_SECONDS)
            finally:
                await connection.close()
        except UNREACHABLE:
            await asyncio.sleep(GLANCE_SECONDS)
        else:
            return


async def _history(house: House, book: Book, readers: list[Reader], began_ms: int) -> History:
    async with Redis.from_url(house.valkey.url, decode_responses=True) as redis:
        seq = int(await redis.hget(f"{{{book.territory}}}:meta", "seq") or 0)
    try:
        async with asyncio.timeout(QUIET_SECONDS):
            await _until_kept(house, book.territory, seq)
            await asyncio.gather(*(reader.until(seq) for reader in readers))
    except TimeoutError:
        pass  # whoever is behind is a breach with a name
    connection = await asyncpg.connect(house.database, timeout=5)
    try:
        ledger = tuple(
            _ledger(await connection.fetch(LEDGER, book.territory), await connection.fetch(LINES, book.territory))
        )
    finally:
        await connection.close()
    boards = [await _board(f"server {n + 1}", port, book.territory, house.token) for n, port in enumerate(house.ports)]
    holds = await _asked(house.ports[0], book.territory, house.token, "/holds")
    found = await examine(Addresses(house.valkey.url, house.database, ""))
    return History(
        accepted=tuple(book.accepted), refused=frozenset(book.refused), given_up=frozenset(book.given_up),
        unanswered=tuple(book.unanswered), ledger=ledger, boards=tuple(boards),
        readers=tuple(reader.picture() for reader in readers), holds=tuple(holds["holds"]),
        pools=book.capacities, began_ms=began_ms, ended_ms=system_clock(),
        findings=(
            *(f"{each.subject}: {each.said}" for each in found if each.verdict is not Verdict.GOOD),
            *(f"{name} ended by itself" for name in house.ended()),
        ),
    )  # fmt: skip


def _ledger(commands: list[Any], lines: list[Any]) -> Iterator[Kept]:
    of_lines: dict[int, list[Any]] = {}
    for line in lines:
        of_lines.setdefault(line["seq"], []).append(json.loads(line["row"]))
    for command in commands:
        own = [json.loads(command["row"])] if command["row"] else []
        yield Kept(command["seq"], json.loads(command["body"]), (*own, *of_lines.get(command["seq"], ())))


async def _board(who: str, port: int, territory: str, token: str) -> Picture:
    board = await _asked(port, territory, token, "/board")
    return Picture(who, board["seq"], {row["pool"]: row for row in board["rows"] if "gone" not in row})


async def _asked(port: int, territory: str, token: str, path: str) -> Any:
    status, answer, deadline = 503, None, monotonic() + QUIET_SECONDS
    while status == 503 and monotonic() < deadline:  # a server that was paused may still send some away
        async with line_to(port, token) as line:
            status, answer = await line.ask("GET", f"/v1/territories/{territory}{path}")
        if status == 503:
            await asyncio.sleep(0.1)
    assert status == 200, f"{path}: {status} {answer}"
    return answer
