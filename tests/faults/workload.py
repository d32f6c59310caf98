"""Seeded senders of reports, holds and registry edits, each of whom sends a command again until it is answered."""

import asyncio
import itertools
import random
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from capacity.board.clocks import rfc3339, system_clock
from tests.crash.serving import Line, line_to
from tests.faults.history import Accepted
from tests.world import command_id

POOLS = {f"site-{site}.p{number}": 14 + 10 * number for site in range(2) for number in range(3)}
COMING_AND_GOING = "site-1.p2"
SKEWS_MS = (0, 0, -7 * 60_000, 3 * 3_600_000, -26 * 3_600_000)
"""How wrong a sender's clock is, and stays."""
ANSWER_SECONDS = 3.0
PATIENCE_SECONDS = 45.0
GIVE_UP = 0.15
"""How often a sender whose connection broke never asks again."""
PAUSES_SECONDS = (0.0, 0.15)
"""Between two commands of a sender: enough work in all hands, and room for the machine to start one anew."""
WAITS_SECONDS = (0.01, 0.08)
BUSY = (429, 503)
Body = Callable[[], Any]


@dataclass
class Book:
    """What all senders of a round have asked and been told."""

    territory: str
    numbers: Any = field(default_factory=lambda: itertools.count(1))
    accepted: list[Accepted] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    given_up: set[str] = field(default_factory=set)
    unanswered: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    resent: int = 0
    holds: deque[tuple[str, list[dict[str, Any]]]] = field(default_factory=lambda: deque(maxlen=60))
    seen: dict[str, int] = field(default_factory=dict)
    """The number of each pool's row as somebody last saw it."""
    capacities: dict[str, int] = field(default_factory=lambda: dict(POOLS))
    """The registry as it was last accepted."""
    is_over: bool = False

    def new_id(self) -> str:
        """In no order, as the ids of many senders are."""
        return command_id(next(self.numbers) * 0x9E3779B1 % 2**47)


class Sender:
    """Somebody who reaches the servers by several doors, one at a time, with a clock of their own."""

    def __init__(
        self, book: Book, doors: Sequence[int], token: str, chance: random.Random, *, gives_up: bool = True
    ) -> None:
        self.book, self.doors, self.token, self.chance = book, list(doors), token, chance
        self.skew_ms = chance.choice(SKEWS_MS)
        self.gives_up = gives_up
        self._door = chance.randrange(len(self.doors))
        self._line: Line | None = None
        self._stack = AsyncExitStack()
        self._again: deque[tuple[str, str, Body, list[str]]] = deque(maxlen=20)

    async def work(self) -> None:
        """Random commands until the round is over."""
        kinds = (self.report, self.hold, self.end, self.extend, self.tell, self.keep, self.send_again)
        async with self._stack:
            while not self.book.is_over:
                (kind,) = self.chance.choices(kinds, (42, 24, 18, 3, 3, 2, 8))
                await kind()
                await asyncio.sleep(self.chance.uniform(*PAUSES_SECONDS))

    async def edit(self) -> None:
        """Registry edits one after the other; the last that was accepted is what holds."""
        async with self._stack:
            while not self.book.is_over:
                wanted = {**POOLS, "site-0.p0": self.chance.choice((14, 16, 18))}
                if self.chance.random() < 0.4:
                    del wanted[COMING_AND_GOING]
                await self.put_sites(wanted)
                await asyncio.sleep(self.chance.uniform(0.1, 0.6))

    async def put_sites(self, wanted: Mapping[str, int]) -> None:
        for site in sorted({pool.partition(".")[0] for pool in POOLS}):
            mine = {pool: capacity for pool, capacity in wanted.items() if pool.startswith(site)}
            pools = [{"id": pool, "audience": "women", "capacity": capacity} for pool, capacity in mine.items()]
            body = {"id": site, "name": "Halte", "kind": "women_halte", "pools": pools}
            status, _, _ = await self.ask("PUT", f"/sites/{site}", lambda body=body: body, [f"edit of {site}"])
            if status in (200, 201):
                others = {pool: places for pool, places in self.book.capacities.items() if not pool.startswith(site)}
                self.book.capacities = {**others, **mine}
            self.book.answers[f"edit {status}"] += 1

    async def report(self, *, most: int = 3) -> None:
        """One to three reports of any type at once, told by our own clock."""
        reports = [self._said() for _ in range(self.chance.randint(1, most))]
        await self._post(reports)

    async def move(self, pool: str, delta: int = 1) -> int:
        """One movement now: its number, 0 when nobody answered. The row of the pool changes."""
        answer = await self._post([{"id": self.book.new_id(), "type": "movement", "pool": pool, "delta": delta}])
        return 0 if answer is None else answer["results"][0]["seq"] or 0

    async def _post(self, reports: list[dict[str, Any]]) -> dict[str, Any] | None:
        ids = [report["id"] for report in reports]
        said = {"reports": reports}
        return await self._command("POST", "/reports", lambda: {"sent_at": rfc3339(self._now()), **said}, ids)

    def _said(self) -> dict[str, Any]:
        pool = self.chance.choice(sorted(POOLS))
        observed = rfc3339(self._now() - self.chance.choice((0, 0, 40, 400)))
        said = self.chance.choice(
            (
                {"type": "count", "occupied": self.chance.randint(0, POOLS[pool] // 2)},
                {"type": "movement", "delta": self.chance.choice((1, 1, -1, -2))},
                {"type": "confirmation", "seq": self.book.seen.get(pool, 0)},
                {"type": "inventory", "out_of_service": self.chance.randint(0, 2), "extra": self.chance.randint(0, 2)},
                {"type": "status", "status": self.chance.choice(("open", "open", "open", "draining"))},
            )
        )
        return {"id": self.book.new_id(), "pool": pool, "observed_at": observed, **said}

    async def hold(self) -> None:
        chosen = self.chance.sample(sorted(POOLS), self.chance.choice((1, 1, 1, 2, 3)))
        lines = [{"pool": pool, "places": self.chance.choice((1, 1, 2, 3))} for pool in chosen]
        body = {"id": self.book.new_id(), "lines": lines, "minutes": 60, "channel": "115"}
        answer = await self._command("POST", "/holds", lambda: body, [body["id"]])
        if answer is not None:
            self.book.holds.append((body["id"], lines))

    async def end(self) -> None:
        hold_id, lines = self._a_hold()
        if self.chance.random() < 0.5:
            some = {} if self.chance.random() < 0.7 else {"lines": [{**lines[0], "places": 1}]}
            await self._act(hold_id, "arrival", some)
        else:
            await self._act(hold_id, "release", {"reason": self.chance.choice(("cancelled", "no_show", "refused"))})

    async def extend(self) -> None:
        await self._act(self._a_hold()[0], "extension", {"minutes": self.chance.choice((5, 200))})

    async def tell(self) -> None:
        says = self.chance.choice(("arrived", "no_show"))
        await self._act(self._a_hold()[0], "statement", {"side": self.chance.choice(("team", "site")), "says": says})

    async def keep(self) -> None:
        until = rfc3339(system_clock() + 3_600_000)
        kept = {"contingents": [{"channel": "maraude", "places": self.chance.choice((1, 2)), "until": until}]}
        pool = self.chance.choice(sorted(POOLS))
        await self.ask("PUT", f"/pools/{pool}/contingents", lambda: kept, [f"contingents of {pool}"])

    async def send_again(self) -> None:
        """A command of ours that was answered, once more, as an outbox may."""
        if self._again:
            method, path, body, ids = self.chance.choice(self._again)
            await self._command(method, path, body, ids, is_new=False)

    def _a_hold(self) -> tuple[str, list[dict[str, Any]]]:
        """One that somebody made a moment ago, and that several may be about to end."""
        if not self.book.holds:
            return command_id(0), [{"pool": min(POOLS), "places": 1}]
        return self.chance.choice(self.book.holds)

    async def _act(self, hold_id: str, verb: str, said: Mapping[str, Any]) -> None:
        body = {"id": self.book.new_id(), **said}
        await self._command("POST", f"/holds/{hold_id}/{verb}", lambda: body, [body["id"]])

    async def _command(
        self, method: str, path: str, body: Body, ids: list[str], *, is_new: bool = True
    ) -> dict[str, Any] | None:
        """Ask until there is an answer, and note what became of each id. Answers what was told of a success."""
        self.book.refused.difference_update(ids)  # what was refused once may be taken when it is sent again
        status, answer, tries = await self.ask(method, path, body, ids)
        if status is None:
            return None
        kind = path.rpartition("/")[2].removesuffix("s")
        if is_new:
            self._again.append((method, path, body, ids))
        if path == "/reports":
            for said in answer["results"]:
                self.book.answers[f"report {said['outcome']}"] += 1
                self._note(said["id"], said.get("seq"), is_accepted=said["outcome"] != "rejected")
                if said.get("row"):
                    self.book.seen[said["row"]["pool"]] = said["row"]["seq"]
            return answer
        self.book.answers[f"{kind} {status}"] += 1
        seq = answer["hold"]["seq"] if is_new and tries == 1 and status in (200, 201) else None
        self._note(ids[0], seq, is_accepted=status in (200, 201))
        return answer if status in (200, 201) else None

    def _note(self, command: str, seq: int | None, *, is_accepted: bool) -> None:
        if is_accepted:
            self.book.accepted.append(Accepted(command, seq))
        else:
            self.book.refused.add(command)

    async def ask(self, method: str, path: str, body: Body, ids: list[str]) -> tuple[int | None, Any, int]:
        """The answer and how often we asked for it; no status when we gave up or got none that we should."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        for tries in itertools.count(1):
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    self._line = self._line or await self._stack.enter_async_context(self._to_a_door())
                    status, answer = await self._line.ask(method, self._address(path), body())
            except (OSError, TimeoutError):
                await self._leave()
                if self.gives_up and not self.book.is_over and self.chance.random() < GIVE_UP:
                    self.book.given_up.update(ids)
                    return None, None, tries
                status, answer = 503, None
            if status not in BUSY:
                self.book.resent += tries - 1
                if status < 500:
                    return status, answer, tries
                self.book.unanswered.append(f"{method} {path}: {status} {answer}")
                return None, None, tries
            if asyncio.get_running_loop().time() > deadline:
                self.book.unanswered += ids
                return None, None, tries
            await asyncio.sleep(self.chance.uniform(*WAITS_SECONDS))
        raise AssertionError("unreachable")

    def _address(self, path: str) -> str:
        return f"/v1/territories/{self.book.territory}{path}"

    def _to_a_door(self) -> Any:
        return line_to(self.doors[self._door], self.token)

    async def _leave(self) -> None:
        """Next time by the next door."""
        self._line = None
        await self._stack.aclose()
        self._door = (self._door + 1) % len(self.doors)

    def _now(self) -> int:
        return system_clock() + self.skew_ms
