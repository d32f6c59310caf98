"""`capacity simulate`: sends a made-up night to a running service and tells what came back."""

import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from uuid import UUID, uuid4, uuid5

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from capacity.board.clocks import rfc3339, system_clock
from capacity.commands.night import MINUTE_MS, Night, Place, plan
from capacity.commands.outreach import Outreach
from capacity.commands.pace import Pace
from capacity.commands.service import Report, Service
from capacity.commands.street import corners_of, households
from capacity.commands.street_tally import StreetTally
from capacity.commands.tablets import Post, Saying
from capacity.commands.tally import Tally
from capacity.commands.token import token_for
from capacity.errors import ServiceRefused
from capacity.vocabulary.words import Audience, Kind, Status, Unit

POSTS_AT_ONCE = 32
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for on the command line. `calls_an_hour`: households that ask, in an hour of the evening."""

    url: str
    territory: str
    night: Night
    speed: float
    most_a_second: float
    calls_an_hour: float


@dataclass(frozen=True, slots=True)
class Tallies:
    """What came back, to the sites and to the street."""

    sites: Tally = field(default_factory=Tally)
    street: StreetTally = field(default_factory=StreetTally)


@dataclass(slots=True)
class Sender:
    """Sends the posts of a night when they are due, each by itself.

    `run` sets the ids of this night apart from those of another with the same seed.
    """

    service: Service
    pace: Pace
    run: UUID
    seqs: dict[str, int]
    """For each pool the number of its row as last seen: what a confirmation confirms."""
    tally: Tally = field(default_factory=Tally)
    resent: int = 0

    async def send(self, posts: Iterable[Post], advance: Callable[[], None]) -> None:
        """Send all posts; what falls behind goes as fast as the pace allows."""
        places_in_line = asyncio.Semaphore(POSTS_AT_ONCE)

        async def one(post: Post) -> None:
            try:
                await self._post(post)
            finally:
                places_in_line.release()
            advance()

        async with asyncio.TaskGroup() as tasks:
            for post in posts:
                await self.pace.until(post.due_ms)
                await self.pace.turn()
                await places_in_line.acquire()
                tasks.create_task(one(post), name=f"post of {post.site}")

    async def _post(self, post: Post) -> None:
        reports = [self._report(post, saying, key) for saying, key in zip(post.sayings, post.keys, strict=True)]
        results = await self.service.report(reports, self.pace.clock() + post.ahead_ms)
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
            fields["until"] = rfc3339(self.pace.moment_ms(saying.until_ms))
        observed_ms = self.pace.moment_ms(saying.at_ms) + post.ahead_ms
        report_id = str(uuid5(self.run, key))
        return {
            "id": report_id,
            "type": saying.type,
            "pool": saying.pool,
            "observed_at": rfc3339(observed_ms),
            **fields,
        }


def run(wish: Wish) -> None:
    """Play the night; 130 after Ctrl-C, with what was sent until then."""
    console = Console(highlight=False, soft_wrap=True)
    tallies, started = Tallies(), monotonic()
    try:
        asyncio.run(_play(wish, tallies, console))
    except KeyboardInterrupt:
        _tell(console, tallies, monotonic() - started)
        console.print("stopped early: what was answered is kept, and holds end by themselves")
        sys.exit(INTERRUPTED)
    _tell(console, tallies, monotonic() - started)


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


async def _play(wish: Wish, tallies: Tallies, console: Console) -> None:
    night = wish.night
    async with (
        token_for(wish.url, wish.territory, "capacity simulate") as token,
        Service.open(wish.url, wish.territory, token=token) as service,
    ):
        rows, sites = (await service.board())["rows"], await service.sites()
        places = places_of(sites, rows)
        if not places:
            raise ServiceRefused(f"There is no pool in the territory {wish.territory}: import some first.", 404)
        posts, street = plan(night, places), households(night, wish.calls_an_hour, corners_of(sites))
        console.print(
            f"night {night.seed}: {night.hours:g} h from {_hour(night, 0)} in "
            f"{night.hours * 60 / wish.speed:.1f} min, {len(places):,} pools, "
            f"{sum(len(post.sayings) for post in posts):,} reports in {len(posts):,} posts, {len(street):,} households"
        )
        run_id, seqs = uuid4(), {row["pool"]: row["seq"] for row in rows}
        pace = Pace(system_clock(), wish.speed, wish.most_a_second, system_clock, asyncio.sleep)
        sender = Sender(service, pace, run_id, seqs, tallies.sites)
        outreach = Outreach(service, pace, run_id, tallies.street)
        columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}")
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task(_hour(night, 0), total=len(posts) + len(street))

            def advance() -> None:
                progress.update(task, advance=1, description=_hour(night, pace.night_ms()))

            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(sender.send(posts, advance), name="sites")
                tasks.create_task(outreach.play(street, advance), name="street")
        console.print(f"{sender.resent:,} posts were sent again, as tablets do whose answer was lost")


def _hour(night: Night, at_ms: int) -> str:
    minutes = round(night.start_hour * 60 + at_ms / MINUTE_MS) % (24 * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _tell(console: Console, tallies: Tallies, seconds: float) -> None:
    sites, street = tallies.sites, tallies.street
    console.print(sites.table())
    for line in sites.problem_lines():
        console.print(line)
    if street.sent:
        console.print(street.table())
        for line in street.lines():
            console.print(line)
    console.print(
        f"{sites.reports:,} reports in {sites.batches:,} posts, {street.sent:,} of the street, {seconds:.1f} s"
    )
