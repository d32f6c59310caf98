"""Random commands about holds through two servers, while servers and the live store are killed: does anything drift?

`python -m tests.crash.drift [--operations 100000] [--kills 20] [--seed 0]` runs it at length, with engines of its own.
"""

import argparse
import asyncio
import itertools
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from capacity.board.clocks import rfc3339, system_clock
from capacity.errors import StoreUnavailable
from capacity.processes.engines.postgres import Postgres
from capacity.processes.engines.running import running
from capacity.processes.engines.valkey import Valkey
from capacity.processes.migrating import migrate
from capacity.store.holds import Creation, HoldStore, Moment
from capacity.store.live import LiveStore
from tests.crash.ledger_of_holds import until_nothing_is_due, wrongs_of
from tests.crash.serving import ROOT, Line, Serve, line_to, serve_process
from tests.tokens import admin_of
from tests.world import command_id

TERRITORY = "drift"
POOLS = {f"site-{site}.p{number}": 20 + 15 * number for site in range(3) for number in range(3)}
COMING_AND_GOING = "site-2.p2"
CHANNELS = ("115", "115", "maraude", "site")
WORKERS_A_SERVER = 10
RESEND_SECONDS, GIVE_UP_SECONDS = 0.05, 60
SETTLE_SECONDS = 60
KNOWN_HOLDS = 2_000
FORGOTTEN = 0.6
"""How often a hold that has ended is not acted on again."""
SHORT_MS = (200, 3_000)


@dataclass
class Run:
    """What was asked and answered."""

    operations: int
    kills: int
    random: random.Random
    asked: int = 0
    started: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    sent: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    """The ids of commands that were answered with success."""
    again: deque[tuple[str, str, Any]] = field(default_factory=lambda: deque(maxlen=KNOWN_HOLDS))
    holds: deque[tuple[str, list[dict[str, Any]]]] = field(default_factory=lambda: deque(maxlen=KNOWN_HOLDS))
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def new_id(self) -> str:
        """The id of a command that is about to be sent. In no order, as the ids of many senders are."""
        found = command_id(next(self.numbers) * 0x9E3779B1 % 2**47)
        self.sent.add(found)
        return found


class Sender:
    """Somebody at one server, who sends each command again until it is answered."""

    def __init__(self, run: Run, port: int, token: str) -> None:
        self.run = run
        self.port = port
        self.token = token
        self.base = f"/v1/territories/{TERRITORY}"
        self._line: Line | None = None
        self._stack = AsyncExitStack()

    def _line_to(self) -> AbstractAsyncContextManager[Line]:
        return line_to(self.port, self.token)

    async def work(self) -> None:
        """Random operations until there have been enough."""
        run = self.run
        kinds = (self.create, self.end, self.extend, self.tell, self.report, self.keep, self.send_again, self.look)
        async with self._stack:
            while run.started < run.operations:
                run.started += 1
                (kind,) = run.random.choices(kinds, (38, 28, 4, 3, 16, 2, 8, 1))
                await kind()
                run.asked += 1
                if run.started % 1_000 == 0:
                    await self.edit()

    def lines(self) -> list[dict[str, Any]]:
        chosen = self.run.random.sample(sorted(POOLS), self.run.random.choice((1, 1, 1, 2, 3)))
        return [{"pool": pool, "places": self.run.random.choice((1, 1, 2, 3))} for pool in chosen]

    async def create(self) -> None:
        body = {
            "id": self.run.new_id(),
            "lines": self.lines(),
            "minutes": 5,
            "channel": self.run.random.choice(CHANNELS),
        }
        await self.command("hold", "POST", "/holds", body)

    async def end(self) -> None:
        hold_id, lines = hold = self.a_hold()
        if self.run.random.random() < 0.5:
            some = [{**line, "places": 1} for line in lines[:1]]
            more = {} if self.run.random.random() < 0.7 else {"lines": some}
            await self.command("arrival", "POST", f"/holds/{hold_id}/arrival", {"id": self.run.new_id(), **more})
        else:
            reason = self.run.random.choice(("cancelled", "no_show", "refused", "full_on_arrival"))
            body = {"id": self.run.new_id(), "reason": reason}
            await self.command("release", "POST", f"/holds/{hold_id}/release", body)
        if self.run.random.random() < FORGOTTEN and hold in self.run.holds:
            self.run.holds.remove(hold)

    async def extend(self) -> None:
        hold_id, _ = self.a_hold()
        body = {"id": self.run.new_id(), "minutes": self.run.random.choice((5, 200))}
        await self.command("extension", "POST", f"/holds/{hold_id}/extension", body)

    async def tell(self) -> None:
        hold_id, _ = self.a_hold()
        says = self.run.random.choice(("arrived", "no_show"))
        body = {"id": self.run.new_id(), "side": self.run.random.choice(("team", "site")), "says": says}
        await self.command("statement", "POST", f"/holds/{hold_id}/statement", body)

    def a_hold(self) -> tuple[str, list[dict[str, Any]]]:
        """One that somebody made a moment ago, and that several may be about to end."""
        return self.run.random.choice(self.run.holds) if self.run.holds else (command_id(0), [])

    async def report(self) -> None:
        pool = self.run.random.choice(sorted(POOLS))
        said: dict[str, Any] = self.run.random.choice(
            (
                {"type": "count", "occupied": self.run.random.randint(0, POOLS[pool] // 3)},
                {"type": "movement", "delta": self.run.random.choice((1, -1, -2))},
                {"type": "inventory", "out_of_service": self.run.random.randint(0, 2)},
            )
        )
        report_id = self.run.new_id()
        body = {"reports": [{"id": report_id, "pool": pool, **said}]}
        _, answer = await self.send("report", "POST", "/reports", body)
        assert answer["results"][0]["id"] == report_id, f"told of another one's report: {answer}"
        if answer["results"][0]["outcome"] != "rejected":
            self.run.taken.add(report_id)

    async def keep(self) -> None:
        until = rfc3339(system_clock() + self.run.random.choice((700, 5_000, 3_600_000)))
        entries = [{"channel": self.run.random.choice(CHANNELS), "places": 3, "until": until}]
        pool = self.run.random.choice(sorted(POOLS))
        await self.send("contingents", "PUT", f"/pools/{pool}/contingents", {"contingents": entries})

    async def send_again(self) -> None:
        if self.run.again:
            name, path, body = self.run.random.choice(self.run.again)
            await self.command(name, "POST", path, body)

    async def look(self) -> None:
        await self.send("list", "GET", "/holds", None)

    async def edit(self) -> None:
        """One pool leaves the board, or comes back."""
        await put_sites(self, without=self.run.random.choice(("", COMING_AND_GOING)))

    async def command(self, name: str, method: str, path: str, body: Any) -> tuple[int, Any]:
        self.run.again.append((name, path, body))
        status, answer = await self.send(name, method, path, body)
        if status in (200, 201):
            hold_id = body["id"] if path == "/holds" else path.split("/")[2]
            assert answer["hold"]["id"] == hold_id, f"told of another one's hold: {answer}"
            self.run.taken.add(body["id"])
            if status == 201:
                self.run.holds.append((hold_id, body["lines"]))
        return status, answer

    async def send(self, name: str, method: str, path: str, body: Any) -> tuple[int, Any]:
        """The answer, however often it takes. Raises AssertionError for one that no sender should ever get."""
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while True:
            assert time.monotonic() < deadline, f"{name}: no answer in {GIVE_UP_SECONDS} s"
            try:
                line = self._line = self._line or await self._stack.enter_async_context(self._line_to())
                status, answer = await line.ask(method, self.base + path, body)
            except (OSError, TimeoutError):
                self._line = None
                status = 503
            if status != 503:
                break
            await asyncio.sleep(RESEND_SECONDS)
        self.run.answers[name, status] += 1
        assert status < 500, f"{name}: {status} {answer}"
        return status, answer


async def put_sites(sender: Sender, without: str = "") -> None:
    """The registry: all pools, or all but one."""
    for site in sorted({pool.partition(".")[0] for pool in POOLS}):
        pools = [
            {"id": pool, "audience": "women", "capacity": capacity}
            for pool, capacity in POOLS.items()
            if pool.startswith(site) and pool != without
        ]
        body = {"id": site, "name": "Halte", "kind": "women_halte", "pools": pools}
        status, answer = await sender.send("site", "PUT", f"/sites/{site}", body)
        assert status in (200, 201), answer


async def hold_shortly(run: Run, url: str) -> None:
    """Holds that end by themselves within the run: the API gives five minutes at least."""
    async with LiveStore.open(url) as live:
        store = HoldStore(live)
        while run.started < run.operations:
            await asyncio.sleep(0.02)
            run.started += 1
            hold_id, at_ms = run.new_id(), system_clock()
            pool, channel = run.random.choice(sorted(POOLS)), run.random.choice(CHANNELS)
            ends_ms = at_ms + run.random.randint(*SHORT_MS)
            at, ends = Moment(at_ms, rfc3339(at_ms)), Moment(ends_ms, rfc3339(ends_ms))
            body = (
                f'"id":"{hold_id}","type":"hold_created","hold":"{hold_id}","channel":"{channel}",'
                f'"lines":[{{"pool":"{pool}","places":1}}],"minutes":0,"expires_at":"{ends.text}",'
                f'"observed_at":"{at.text}","received_at":"{at.text}"}}'
            )
            asked = Creation(hold_id, channel, [(pool, 1)], "", at, ends, "short", body, [f"S{next(run.numbers)}"])
            while True:
                try:
                    verdict = await store.create(TERRITORY, asked)
                    break
                except StoreUnavailable:
                    await asyncio.sleep(RESEND_SECONDS)
            if verdict.outcome != "refused":
                run.taken.add(hold_id)
                run.holds.append((hold_id, [{"pool": pool, "places": 1}]))
            run.asked += 1


class House:
    """The processes, and how they die."""

    def __init__(self, stack: AsyncExitStack, start_valkey: Callable[[], tuple[Valkey, int]], database: str) -> None:
        self._stack = stack
        self._start_valkey = start_valkey
        self.database = database
        self.valkey, self._valkey_pid = start_valkey()
        self.servers: list[Serve] = []

    async def start(self) -> None:
        self._recorder = await self._stack.enter_async_context(_recorder(self.valkey.url, self.database))
        for _ in range(2):
            self.servers.append(await self._serve())
        await asyncio.gather(*(server.until_ready() for server in self.servers))

    async def _serve(self, port: int | None = None) -> Serve:
        return await self._stack.enter_async_context(serve_process(self.valkey.url, self.database, port))

    async def stop_servers(self) -> None:
        """From here on nothing ends by itself."""
        for server in self.servers:
            server.process.kill()
            await server.process.wait()

    async def kill(self, name: str, which: int) -> None:
        """SIGKILL, then start it anew as its manager would."""
        if name == "valkey":
            os.kill(self._valkey_pid, signal.SIGKILL)
            os.waitpid(self._valkey_pid, 0)
            _, self._valkey_pid = await asyncio.to_thread(self._start_valkey)
        else:
            server = self.servers[which % 2]
            server.process.kill()
            await server.process.wait()
            self.servers[which % 2] = await self._serve(server.port)
            await self.servers[which % 2].until_ready()


@asynccontextmanager
async def _recorder(redis_url: str, database_url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {**os.environ, "CAPACITY_REDIS_URL": redis_url, "CAPACITY_DATABASE_URL": database_url}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "capacity", "record", cwd=ROOT, env=environment,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def drift(
    start_valkey: Callable[[], tuple[Valkey, int]], database: str, *, operations: int, kills: int, seed: int
) -> tuple[Run, list[str]]:
    """Run, wait until all is quiet, and say what is wrong: nothing, or each difference as a sentence."""
    run = Run(operations, kills, random.Random(seed))
    async with AsyncExitStack() as stack:
        house = House(stack, start_valkey, database)
        await house.start()
        token = await admin_of(database, TERRITORY)
        await put_sites(Sender(run, house.servers[0].port, token))
        async with asyncio.TaskGroup() as tasks:
            killing = tasks.create_task(_kill(run, house))
            for server in house.servers:
                for _ in range(WORKERS_A_SERVER):
                    tasks.create_task(Sender(run, server.port, token).work())
            tasks.create_task(hold_shortly(run, house.valkey.url))
        assert killing.done()
        await until_nothing_is_due(TERRITORY, house.valkey.url, SETTLE_SECONDS)
        await house.stop_servers()
        return run, await wrongs_of(
            TERRITORY, house.valkey.url, database, sent=run.sent, taken=run.taken, patience_seconds=SETTLE_SECONDS
        )


async def _kill(run: Run, house: House) -> None:
    names = itertools.cycle(("valkey", "serve"))
    for number in range(1, run.kills + 1):
        while run.asked < number * run.operations // (run.kills + 1):
            await asyncio.sleep(0.01)
        name = next(names)
        await house.kill(name, number // 2)
        run.killed[name] += 1


async def _at_length(operations: int, kills: int, seed: int) -> int:
    with (
        tempfile.TemporaryDirectory(prefix="capacity-drift-", ignore_cleanup_errors=True) as name,
        ExitStack() as engines,
    ):
        folder = Path(name)
        folder.chmod(0o711)  # the account of Postgres must pass
        postgres = Postgres(folder, {"fsync": "off", "synchronous_commit": "off"})
        engines.enter_context(running(postgres))
        await migrate(postgres.url("postgres"))

        def start_valkey() -> tuple[Valkey, int]:
            engine = Valkey(folder)
            return engine, engines.enter_context(running(engine)).pid

        started = time.monotonic()
        run, wrongs = await drift(
            start_valkey, postgres.url("postgres"), operations=operations, kills=kills, seed=seed
        )  # fmt: skip
        took = time.monotonic() - started
    print(f"{run.asked:,} operations, {sum(run.answers.values()):,} answers, kills {dict(run.killed)}, {took:.0f} s")
    by_name: dict[str, dict[int, int]] = defaultdict(dict)
    for (name, status), times in sorted(run.answers.items()):
        by_name[name][status] = times
    for name, statuses in by_name.items():
        print(f"  {name}: {statuses}")
    print("\n".join(wrongs) or "no drift, nothing lost, nothing twice")
    return 1 if wrongs else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    sys.exit(asyncio.run(_at_length(asked.operations, asked.kills, asked.seed)))
