"""The faults: each happens to a house for a while, and some are timed until the service does its work again."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum

from capacity.store.postgres import UNREACHABLE
from tests.faults.house import PAIR, House

PAUSE_SECONDS = (0.3, 1.5)
NETWORK_SECONDS = (0.3, 1.2)
DELAY_SECONDS = (0.02, 0.15)
TOGETHER = 0.3
"""How often two faults come at once."""


class Kind(StrEnum):
    KILL_SERVE = "kill serve"
    KILL_RECORD = "kill record"
    KILL_VALKEY = "kill Valkey"
    KILL_POSTGRES = "kill Postgres"
    PAUSE_SERVE = "pause serve"
    PAUSE_RECORD = "pause record"
    PAUSE_VALKEY = "pause Valkey"
    PAUSE_POSTGRES = "pause Postgres"
    CUT = "cut connections"
    DELAY = "delay connections"
    LOSE_ANSWERS = "lose answers"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: to which of two, for how long, and how much where that says anything."""

    kind: Kind
    which: int
    seconds: float
    delay_seconds: float

    @property
    def target(self) -> str:
        """What it happens to: two faults at once never have the same."""
        what = self.kind.value.split()[-1].lower()
        return f"{what}-{self.which}" if what in ("serve", "record") else what

    @property
    def is_kill(self) -> bool:
        return self.kind.value.startswith("kill")


def deal(kind: Kind, chance: random.Random) -> list[list[Fault]]:
    """The faults of a round, step by step; those of one step come at once. The first is of the kind that is wanted."""
    steps = [[_one(kind, chance)], *([_one(chance.choice(list(Kind)), chance)] for _ in range(chance.choice((0, 1))))]
    for step in steps:
        other = _one(chance.choice(list(Kind)), chance)
        if chance.random() < TOGETHER and other.target != step[0].target:
            step.append(other)
    return steps


def _one(kind: Kind, chance: random.Random) -> Fault:
    seconds = PAUSE_SECONDS if kind.value.startswith("pause") else NETWORK_SECONDS
    return Fault(kind, chance.randrange(PAIR), chance.uniform(*seconds), chance.uniform(*DELAY_SECONDS))


Works = Callable[[Kind, int], Awaitable[None]]
"""Waits until what a fault of this kind to the one of two stopped is done again."""


async def inflict(fault: Fault, house: House, works: Works) -> float | None:
    """Let it happen; answers how long the service took to do its work again, of a kill."""
    if fault.is_kill:
        return await _kill(fault, house, works)
    if fault.kind.value.startswith("pause"):
        with house.paused(await _named(fault, house)):
            await asyncio.sleep(fault.seconds)
        return None
    async with _network(fault, house):
        await asyncio.sleep(fault.seconds)
    return None


async def _kill(fault: Fault, house: House, works: Works) -> float:
    name = await _named(fault, house)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.to_thread(house.kill, name)
    _, _ = await asyncio.gather(house.start(name), works(fault.kind, fault.which))
    return loop.time() - began


async def _named(fault: Fault, house: House) -> str:
    """Of two recorders the one at work, where Postgres can say which that is."""
    if fault.kind in (Kind.KILL_RECORD, Kind.PAUSE_RECORD):
        try:
            return await house.recorder() or fault.target
        except UNREACHABLE:
            return fault.target
    return fault.target


@asynccontextmanager
async def _network(fault: Fault, house: House) -> AsyncIterator[None]:
    proxies = house.proxies
    try:
        for proxy in proxies:
            proxy.delay_seconds = fault.delay_seconds if fault.kind is Kind.DELAY else 0.0
            proxy.loses_answers = fault.kind is Kind.LOSE_ANSWERS
            if fault.kind is Kind.CUT:
                proxy.cut()
        yield
    finally:
        for proxy in proxies:
            proxy.delay_seconds, proxy.loses_answers = 0.0, False
