"""What the ledger answers, and what it costs to add to it, from its first night to its tenth year.

Questions are asked as `serve` asks them, by the product's own services on a Postgres with the settings of `up`; each of
a pool and a moment of its own. A first question finds its pages where ten years have left them; asked again it finds
them in memory. Why a row shows what it shows is told by the live store alone: there no ledger is asked.
"""

import asyncio
import json
import math
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks import figures
from benchmarks.bed import TERRITORY
from benchmarks.figures import Figure
from benchmarks.growth.past import A_NIGHT, MONTH, POOLS, Past, engine_on, pool_named
from capacity.board.changes import Entry, RowChange
from capacity.board.clocks import rfc3339, to_ms
from capacity.board.nights import Night
from capacity.services.recalling import Recalling
from capacity.services.reckoning import Reckoning, endings_of
from capacity.store.hold_ledger import HoldLedger
from capacity.store.ledger import LedgerStore
from capacity.store.postgres import Database
from capacity.store.registry import RegistryStore
from capacity.store.request_ledger import RequestLedger

LENGTHS = (A_NIGHT, MONTH, 365 * A_NIGHT, 3_650 * A_NIGHT)
ROWS = LENGTHS[2]
SAMPLES = 30
BATCHES = 12
A_BATCH = 1_000
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
MOST_MS = 20

APPEND = "the recorder: 1,000 commands appended"
AGAIN = ", again"

Question = Callable[[random.Random], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Stores:
    """What asks and what is asked."""

    past: Past
    ledger: LedgerStore
    recalling: Recalling
    reckoning: Reckoning
    holds: HoldLedger
    requests: RequestLedger


def measure(rows: int = ROWS, folder: Path | None = None) -> list[Figure]:
    """Grow a ledger to so many commands, and ask at each age on the way; `folder` keeps it, and what was measured."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        return _measure(rows, folder)
    with tempfile.TemporaryDirectory(prefix="capacity-bench-", ignore_cleanup_errors=True) as name:
        return _measure(rows, Path(name))


def _measure(rows: int, folder: Path) -> list[Figure]:
    kept = folder / "measured.json"
    found: dict[int, dict[str, list[float]]] = {}
    if kept.exists():
        found = {int(length): asked for length, asked in json.loads(kept.read_text()).items()}
    with engine_on(folder) as url:
        for length in sorted({*(length for length in LENGTHS if length < rows), rows}):
            if (length not in found or length == rows) and (asked := asyncio.run(_at(url, length))):
                found[length] = asked
                kept.write_text(json.dumps(found))
    return told({length: found[length] for length in sorted(found) if length <= rows})


async def _at(url: str, length: int) -> dict[str, list[float]]:
    """The milliseconds of each question at an age; none where the ledger is older already."""
    async with Past.on(url) as past, Database.open(url) as database:
        if past.length > length:
            return {}
        await past.grow(length)
        rows, indexes = await past.bytes()
        figures.progress(f"{length:,} commands, {rows / 1e9:.2f} GB and {indexes / 1e9:.2f} GB of indexes")
        ledger, registry, holds = LedgerStore(database), RegistryStore(database), HoldLedger(database)
        reckoning = Reckoning(holds, registry, clock=lambda: to_ms(past.ends))
        stores = Stores(past, ledger, Recalling(ledger, registry), reckoning, holds, RequestLedger(database))
        found: dict[str, list[float]] = {}
        for name, question in questions(stores).items():
            chance = random.Random(f"{name} {length}")
            await question(chance)  # connections and plans
            for _ in range(SAMPLES):
                asked = chance.randrange(2**32)
                for again in ("", AGAIN):
                    found.setdefault(name + again, []).append(await _timed(question, asked))
            figures.progress(
                f"{name}: {statistics.median(found[name]):.1f} ms, again {statistics.median(found[name + AGAIN]):.1f}"
            )
        found[APPEND] = await _append(stores)
        return found


async def _timed(question: Question, asked: int) -> float:
    began = time.perf_counter()
    await question(random.Random(asked))
    return 1000 * (time.perf_counter() - began)


def questions(stores: Stores) -> Mapping[str, Question]:
    """What is asked of the past, by name: a pool of the middle, the busiest one, the territory."""
    past, recalling = stores.past, stores.recalling

    def a_pool(chance: random.Random) -> str:
        return pool_named(chance.randrange(POOLS // 4, POOLS - 1))

    def a_moment(chance: random.Random) -> datetime:
        return past.at(chance.randrange(min(A_NIGHT, past.length) - 1, past.length))

    async def history(pool: str, until: datetime, days: int, step_ms: int | None = None) -> None:
        to = to_ms(until)
        await recalling.history(TERRITORY, pool, to - days * DAY_MS, to, step_ms)

    async def doubted(chance: random.Random) -> None:
        since = a_moment(chance) - timedelta(days=2)
        endings_of(await stores.holds.doubted(TERRITORY, since, since - timedelta(days=7)))

    return {
        "history: the last day of a pool": lambda chance: history(a_pool(chance), past.ends, 1),
        "history: a day of its past": lambda chance: history(a_pool(chance), a_moment(chance), 1),
        "history: 30 days of its past by the hour": lambda chance: history(
            a_pool(chance), a_moment(chance), 30, HOUR_MS
        ),
        "history: a day of the busiest pool": lambda chance: history(pool_named(0), a_moment(chance), 1),
        "ledger: 100 commands from a number on": lambda chance: recalling.ledger(
            TERRITORY, chance.randrange(past.length), 100
        ),
        "requests of a past night": lambda chance: stores.requests.of_night(
            TERRITORY, Night.of(to_ms(a_moment(chance))), past.length
        ),
        "reliability: the ends of 30 nights": lambda _: stores.reckoning.reliability(TERRITORY),
        "disputed ends of two nights": lambda _: stores.reckoning.disagreements(TERRITORY),
        "history: a day of a pool that was never counted": lambda chance: history(
            pool_named(POOLS - 1), a_moment(chance), 1
        ),
    }


BOUNDED = ("history: the last", "history: a day of its", "history: 30", "history: a day of the", "ledger")
"""What may take 20 ms at most."""


async def _append(stores: Stores) -> list[float]:
    """Milliseconds of each batch of a recorder, on pools all over the territory; then all is undone."""
    past, took = stores.past, []
    chance = random.Random(7)
    for batch in range(BATCHES):
        after = past.length + batch * A_BATCH
        entries = [_entry(past, after + 1 + n, chance) for n in range(A_BATCH)]
        began = time.perf_counter()
        await stores.ledger.append(TERRITORY, "bench", after, entries, past.ends)
        took.append(1000 * (time.perf_counter() - began))
    await past.stand()
    return took[2:]


def _entry(past: Past, seq: int, chance: random.Random) -> Entry:
    """A count as the stream carries it."""
    pool = pool_named(int(POOLS * chance.random() ** 2))
    moment = rfc3339(to_ms(past.at(seq)))
    said = {"seq": seq, "outcome": "applied", "id": f"01930000-0000-7000-8000-{seq:012x}", "type": "count"}
    said |= {"pool": pool, "occupied": 30, "by": "staff", "observed_at": moment, "received_at": moment}
    row = {"pool": pool, "site": pool.partition(".")[0], "seq": seq, "status": "open", "capacity": 39, "extra": 0}
    row |= {"out_of_service": 1, "occupied": 30, "held": 1, "free": 7, "over": 0, "observed_at": moment}
    text = json.dumps(row | {"fresh_for": 7200, "contingents": []}, separators=(",", ":")).encode()
    kept = f"{seq:016x}\npool:{pool}\tcount\t30\tcount_at\t{seq}\tobserved_at\t{moment}".encode()
    command = json.dumps(said, separators=(",", ":")).encode()
    return Entry(seq, command, [RowChange(pool, seq, text, gone=False)], kept)


def told(found: Mapping[int, Mapping[str, list[float]]]) -> list[Figure]:
    """The table of all ages, printed, and the figures of the last one."""
    lengths = list(found)
    last = found[lengths[-1]]
    print(
        f"A territory of {POOLS:,} pools with {A_NIGHT:,} commands a night, from its first night to "
        f"{lengths[-1] / A_NIGHT / 365:.1f} years: {SAMPLES} questions of each kind at each age, and each asked again. "
        "Median milliseconds from the service's question to its answer; cost grows as the length to the power of the "
        "exponent, fitted over all ages.\n"
    )
    print("| | " + " | ".join(f"{length:,}" for length in lengths) + " | exponent |")
    print("|---|" + "---|" * (len(lengths) + 1))
    for name in last:
        medians = [statistics.median(found[length][name]) for length in lengths]
        cells = " | ".join(f"{ms:.1f}" for ms in medians)
        print(f"| {name} | {cells} | {exponent(lengths, medians):.2f} |")
    return [
        Figure(f"{name}, at {lengths[-1]:,} commands", last[name], "ms", most=MOST_MS if _is_bounded(name) else None)
        for name in last
        if name != APPEND
    ] + [
        Figure(
            f"{APPEND}, × at a ledger of {lengths[0]:,}",
            figures.ratios(sorted(last[APPEND]), sorted(found[lengths[0]][APPEND])),
        )
    ]


def _is_bounded(name: str) -> bool:
    return name.startswith(BOUNDED)


def exponent(sizes: list[int], costs: list[float]) -> float:
    """The power of the size that the cost follows: 0 is flat, 1 linear. Least squares on the logarithms."""
    if len(sizes) < 2:
        return math.nan
    slope, _ = statistics.linear_regression([math.log(size) for size in sizes], [math.log(cost) for cost in costs])
    return slope
