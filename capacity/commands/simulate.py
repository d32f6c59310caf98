"""`capacity simulate`: sends a made-up night to a running service and tells what came back."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from uuid import UUID, uuid4, uuid5

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from capacity.board.clocks import Clock, rfc3339, system_clock
from capacity.commands.night import MINUTE_MS, Night, Place, plan
from capacity.commands.service import Report, Service
from capacity.commands.tablets import Post, Saying
from capacity.commands.tally import Tally
from capacity.errors import ServiceRefused
from capacity.vocabulary.words import Audience, Kind, Status, Unit

POSTS_AT_ONCE = 32
BURST_MS = 100
"""How far the rate may run ahead of itself after a pause: timers are not exact."""
INTERRUPTED = 130


@dataclass(slots=True)
class Sender:
    """Sends the posts of a night when they are due, each by itself, never more than so many a second.

    `run` sets the ids of this night apart from those of another with the same seed.
    """

    service: Service
    start_ms: int
    speed: float
    run: UUID
    clock: Clock
    wait: Callable[[float], Awaitable[object]]
    seqs: dict[str, int]
    """For each pool the number of its row as last seen: what a confirmation confirms."""
    tally: Tally = field(default_factory=Tally)
    resent: int = 0

    async def send(self, posts: Iterable[Post], most_a_second: float, advance: Callable[[Post], None]) -> None:
        """Send all posts; what falls behind goes as fast as `most_a_second` allows."""
        places_in_line = asyncio.Semaphore(POSTS_AT_ONCE)

        async def one(post: Post) -> None:
            try:
                await self._post(post)
            finally:
                places_in_line.release()
            advance(post)

        free_at_ms = float(self.start_ms)
        async with asyncio.TaskGroup() as tasks:
            for post in posts:
                now_ms = self.clock()
                free_at_ms = max(free_at_ms + 1000 / most_a_second, self._moment_ms(post.due_ms), now_ms - BURST_MS)
                if free_at_ms > now_ms:
                    await self.wait((free_at_ms - now_ms) / 1000)
                await places_in_line.acquire()
                tasks.create_task(one(post), name=f"post of {post.site}")

    async def _post(self, post: Post) -> None:
        reports = [self._report(post, saying, key) for saying, key in zip(post.sayings, post.keys, strict=True)]
        results = await self.service.report(reports, self.clock() + post.ahead_ms)
        self.resent += post.is_resent
        self.tally.add(reports, results)
        for result in results:
            if row := result.get("row"):
                self.seqs[row["pool"]] = max(row["seq"], self.seqs.get(row["pool"], 0))

    def _report(self, post: Post, saying: Saying, key: str) -> Report:
        """A saying as its tablet writes it: with the tablet's own, perhaps wrong, clock. Law 3."""
        fields: dict[str, Any] = dict(saying.fields)
        if saying.type == "confirmation":
            fields["seq"] = self.seqs.get(saying.pool, 0)
        if saying.until_ms is not None:
            fields["until"] = rfc3339(self._moment_ms(saying.until_ms))
        observed_ms = self._moment_ms(saying.at_ms) + post.ahead_ms
        report_id = str(uuid5(self.run, key))
        return {
            "id": report_id,
            "type": saying.type,
            "pool": saying.pool,
            "observed_at": rfc3339(observed_ms),
            **fields,
        }

    def _moment_ms(self, at_ms: int) -> int:
        return self.start_ms + int(at_ms / self.speed)


def run(url: str, territory: str, night: Night, speed: float, most_a_second: float) -> None:
    """Play the night; 130 after Ctrl-C, with what was sent until then."""
    console = Console(highlight=False, soft_wrap=True)
    tally, started = Tally(), monotonic()
    try:
        asyncio.run(_play(url, territory, night, speed, most_a_second, tally, console))
    except KeyboardInterrupt:
        _tell(console, tally, monotonic() - started)
        console.print("stopped early: what was answered is kept")
        sys.exit(INTERRUPTED)
    _tell(console, tally, monotonic() - started)


def places_of(sites: Iterable[Mapping[str, Any]], rows: Iterable[Mapping[str, Any]]) -> list[Place]:
    """The pools that are both in the registry and on the board, as they stand."""
    on_board = {row["pool"]: row for row in rows if not row.get("gone")}
    return [
        Place(
            pool=pool["id"],
            site=site["id"],
            kind=Kind(site["kind"]),
            unit=Unit(pool["unit"]),
            audience=Audience(pool["audience"]),
            capacity=row["capacity"] + row["extra"] - row["out_of_service"],
            occupied=row["occupied"] if row["observed_at"] else None,
            status=Status(row["status"]),
        )
        for site in sites
        for pool in site["pools"]
        if (row := on_board.get(pool["id"]))
    ]


async def _play(
    url: str, territory: str, night: Night, speed: float, most_a_second: float, tally: Tally, console: Console
) -> None:
    async with Service.open(url, territory) as service:
        rows = (await service.board())["rows"]
        places = places_of(await service.sites(), rows)
        if not places:
            raise ServiceRefused(f"There is no pool in the territory {territory}: import some first.", 404)
        posts = plan(night, places)
        sayings = sum(len(post.sayings) for post in posts)
        minutes = night.hours * 60 / speed
        console.print(
            f"night {night.seed}: {night.hours:g} h from {_hour(night, 0)} in {minutes:.1f} min, "
            f"{len(places):,} pools, {sayings:,} reports in {len(posts):,} posts"
        )
        seqs = {row["pool"]: row["seq"] for row in rows}
        sender = Sender(service, system_clock(), speed, uuid4(), system_clock, asyncio.sleep, seqs, tally)
        columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}")
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task(_hour(night, 0), total=len(posts))
            await sender.send(
                posts,
                most_a_second,
                lambda post: progress.update(task, advance=1, description=_hour(night, post.due_ms)),
            )
        console.print(f"{sender.resent:,} posts were sent again, as tablets do whose answer was lost")


def _hour(night: Night, at_ms: int) -> str:
    minutes = round(night.start_hour * 60 + at_ms / MINUTE_MS) % (24 * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _tell(console: Console, tally: Tally, seconds: float) -> None:
    console.print(tally.table())
    for line in tally.problem_lines():
        console.print(line)
    console.print(f"{tally.reports:,} reports in {tally.batches:,} posts, {seconds:.1f} s")
