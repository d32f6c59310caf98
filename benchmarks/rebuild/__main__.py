"""`python -m benchmarks.rebuild`: the live store loses a whole region, and gets it back from the ledger.

23,000 pools of 230 sites, 2,000 holds that last, and five reports a pool whose answers must be known again. It is all
made by the product's own functions and its own recorder, lost by FLUSHALL while two processes look, and compared row
by row afterwards.
"""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from uuid import UUID, uuid4

from redis.asyncio import Redis

from benchmarks import bed, figures
from benchmarks.bed import TERRITORY, Bed
from benchmarks.figures import Figure
from benchmarks.load import BadAnswer
from capacity.board.access import Action, Caller, Grant, permission
from capacity.board.clocks import system_clock
from capacity.services.budgets import ReportBudget
from capacity.services.directory import Directories
from capacity.services.holding import Holding
from capacity.services.recording import Recording
from capacity.services.registering import Registering
from capacity.services.reporting import Reporting
from capacity.store.ledger import LedgerStore
from capacity.store.live import LiveStore
from capacity.store.postgres import Database
from capacity.store.registry import RegistryStore
from capacity.vocabulary.roles import Role
from capacity.wire.holds import HoldBody
from capacity.wire.registry import Site

ROUNDS = 3
SITES, POOLS_A_SITE = 230, 100
HOLDS, REPORTS_A_POOL, BATCH = 2_000, 5, 1_000
POOLS = [f"site-{i}.p{j}" for i in range(SITES) for j in range(POOLS_A_SITE)]


@dataclass
class Side:
    """One process's services."""

    live: LiveStore
    registry: RegistryStore
    registering: Registering
    recording: Recording


def main() -> None:
    with bed.made([TERRITORY]) as here, bed.on_core(bed.SERVER_CORE):
        rounds = asyncio.run(_measure(here))  # where a server has its place: Valkey and Postgres share the other core
    print(
        f"{len(POOLS):,} pools, {HOLDS:,} active holds and {len(POOLS) * REPORTS_A_POOL:,} answers of the last two "
        f"days lost by FLUSHALL {ROUNDS} times; two processes look at once. Every row came back equal, with its stamp."
    )
    figures.tell([Figure("a lost region whole again", rounds, "s", most=5)])


async def _measure(here: Bed) -> list[float]:
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(_side(here))
        other = await stack.enter_async_context(_side(here))
        redis = await stack.enter_async_context(Redis.from_url(here.valkey.url))
        figures.progress("a region of pools is being made")
        await one.registering.import_sites(TERRITORY, "Banc", list(_sites()))
        await _report(one)
        await _hold(one)
        await one.recording.catch_up(TERRITORY)
        return [await _round(one, other, redis) for _ in range(ROUNDS)]


async def _round(one: Side, other: Side, redis: Redis) -> float:
    before, holds = await one.live.whole_board(TERRITORY), await redis.hgetall(f"{{{TERRITORY}}}:codes")
    await redis.flushall()
    await one.live.prepare()
    began = time.perf_counter()
    await asyncio.gather(one.registering.mend(), other.registering.mend())
    took = time.perf_counter() - began
    after = await one.live.whole_board(TERRITORY)
    if after.rows != before.rows or after.epoch == before.epoch or not await one.live.is_whole(TERRITORY):
        raise BadAnswer("the board came back another one")
    if holds != await redis.hgetall(f"{{{TERRITORY}}}:codes") or len(holds) != HOLDS:
        raise BadAnswer("the holds came back others")
    figures.progress(f"rebuilt in {took:.2f} s")
    return took


@asynccontextmanager
async def _side(here: Bed) -> AsyncIterator[Side]:
    async with LiveStore.open(here.valkey.url) as live, Database.open(here.postgres.url("postgres")) as database:
        registry = RegistryStore(database)
        yield Side(
            live,
            registry,
            Registering(registry, live, clock=system_clock, new_id=lambda: str(uuid4())),
            Recording(live, LedgerStore(database), registry, clock=system_clock),
        )


def _sites() -> Iterator[Site]:
    for i in range(SITES):
        pools = [{"id": f"site-{i}.p{j}", "audience": "women", "capacity": 39} for j in range(POOLS_A_SITE)]
        said = {"id": f"site-{i}", "name": "Une halte", "kind": "women_halte", "pools": pools}
        yield Site.model_validate(said)


async def _report(side: Side) -> None:
    """Count each pool once, and let it be moved after that."""
    admin = permission(Caller("bench", elsewhere=Grant(Role.ADMIN)), Action.REPORT, "")
    if admin is None:
        raise BadAnswer("an admin may not report")
    directories = Directories(side.registry, clock=system_clock)
    budget = ReportBudget(1e9, 10**9)
    reporting = Reporting(side.live, directories, clock=system_clock, observe=lambda *_: None, budget=budget)
    chance = random.Random(7)
    reports = (_said(chance, pool, is_first=n == 0) for n in range(REPORTS_A_POOL) for pool in POOLS)
    while batch := list(islice(reports, BATCH)):
        await reporting.post(TERRITORY, json.dumps({"reports": batch}).encode(), admin)


def _said(chance: random.Random, pool: str, *, is_first: bool) -> dict[str, object]:
    said: dict[str, object] = {"id": str(UUID(int=chance.getrandbits(128), version=4)), "pool": pool}
    return said | (
        {"type": "count", "occupied": chance.randrange(30)} if is_first else {"type": "movement", "delta": 1}
    )


async def _hold(side: Side) -> None:
    holding = Holding(
        side.live,
        clock=system_clock,
        pick=random.Random(7).choice,
        new_id=lambda: str(uuid4()),
        observe=lambda *_: None,
    )
    for pool in POOLS[:: len(POOLS) // HOLDS][:HOLDS]:
        said = {"id": str(uuid4()), "lines": [{"pool": pool, "places": 1}], "minutes": 240}
        verdict = await holding.create(TERRITORY, HoldBody.model_validate(said))
        if verdict.outcome != "done":
            raise BadAnswer(f"no hold: {verdict.note}")


if __name__ == "__main__":
    main()
