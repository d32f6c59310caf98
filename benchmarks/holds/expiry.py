"""Ten thousand holds whose time is over in the same moment: how long until all have ended, and what a reader sees.

Two servers and the recorder run. The holds are made in the live store by the product's own function, with an end a
few seconds ahead, where the API would make us wait five minutes.
"""

import asyncio
import json
import threading
import time
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

import asyncpg
from redis import Redis

from benchmarks import bed, figures
from benchmarks.bed import Bed
from benchmarks.figures import Figure
from benchmarks.latency.reader import Reader
from benchmarks.load import BadAnswer
from capacity.board.clocks import rfc3339, system_clock
from capacity.store.holds import Creation, HoldStore, Moment
from capacity.store.live import LiveStore

ROUNDS = 3
HOLDS, POOLS = 10_000, 200
AHEAD_MS = 12_000
PATIENCE_SECONDS = 30.0
MOST_MS_BEHIND = 1_020
"""A second, and one tick at its longest."""


@dataclass(slots=True)
class Watch:
    """Numbers and the moments at which somebody reached them, oldest first."""

    seqs: list[int] = field(default_factory=list)
    at: list[float] = field(default_factory=list)

    def saw(self, seq: int) -> None:
        self.seqs.append(seq)
        self.at.append(time.time())

    def behind_ms(self, stream: "Watch", after_seq: int) -> float:
        """How long after the stream this one reached a number, at most."""
        worst = 0.0
        for seq, at in zip(stream.seqs, stream.at, strict=True):
            if seq > after_seq:
                reached = bisect_left(self.seqs, seq)
                worst = max(worst, (self.at[reached] if reached < len(self.at) else float("inf")) - at)
        return 1000 * worst


@dataclass(frozen=True, slots=True)
class Round:
    """One moment, and what followed."""

    ended_s: float
    behind_ms: float
    kept_s: float
    cpu_s: float


def measure(here: Bed) -> list[Figure]:
    """All rounds, and the figures that they give."""
    servers = [here.serve("one serve"), here.serve("another serve")]
    here.record()
    pools = bed.fill(servers[0].port, bed.TERRITORY, POOLS, 100_000, token=here.token)
    rounds = []
    for _ in range(ROUNDS):
        cpu = sum(server.cpu_seconds() for server in servers)
        found = _round(here, [server.port for server in servers], pools)
        spent = sum(server.cpu_seconds() for server in servers) - cpu
        rounds.append(Round(*found, spent))
        figures.progress(f"{rounds[-1]}")
    print(
        f"{ROUNDS} times {HOLDS:,} holds on {POOLS} pools end in the same millisecond; two servers share one core, "
        "Valkey, Postgres, the recorder and a reader at each server the other. Each hold was ended once in the ledger, "
        "and no place was held any more."
    )
    return [
        Figure("all ended after their time", [found.ended_s for found in rounds], "s", most=2),
        Figure("a reader behind the stream, at most", [found.behind_ms for found in rounds], "ms", most=MOST_MS_BEHIND),
        Figure("all in the ledger after their time", [found.kept_s for found in rounds], "s"),
        Figure("CPU of both servers, from making the holds on", [found.cpu_s for found in rounds], "s"),
    ]


def _round(here: Bed, ports: list[int], pools: list[str]) -> tuple[float, float, float]:
    seq_key, holds_key = f"{{{bed.TERRITORY}}}:meta", f"{{{bed.TERRITORY}}}:holds"
    ends_ms = system_clock() + AHEAD_MS
    made = asyncio.run(_make(here.valkey.url, pools, ends_ms))
    after_seq = int(here.redis.hget(seq_key, "seq") or 0)
    asyncio.run(_recorded(here.postgres.url("postgres"), after_seq))  # its making is no part of this
    if system_clock() > ends_ms - 500:
        raise BadAnswer("the holds were not made in time")
    stop = threading.Event()
    stream, readers = Watch(), [Watch() for _ in ports]
    watching = [threading.Thread(target=_follow, args=(here.valkey.url, after_seq, stream, stop))]
    watching += [
        threading.Thread(target=_read, args=(port, here.token, watch, stop))
        for port, watch in zip(ports, readers, strict=True)
    ]
    for thread in watching:
        thread.start()
    _until(lambda: system_clock() >= ends_ms and not here.redis.zcard(holds_key))
    ended_s = time.time() - ends_ms / 1000
    last = int(here.redis.hget(seq_key, "seq") or 0)
    _until(lambda: all(watch.seqs and watch.seqs[-1] >= last for watch in (stream, *readers)))
    stop.set()
    kept_s = asyncio.run(_kept(here.postgres.url("postgres"), after_seq, last, made)) - ends_ms / 1000
    _nothing_is_held(here.redis)
    for thread in watching:
        thread.join()  # a reader hears no more than a heartbeat
    return ended_s, max(reader.behind_ms(stream, after_seq) for reader in readers), kept_s


async def _make(url: str, pools: list[str], ends_ms: int) -> set[str]:
    """Hold a place ten thousand times; answers the holds' ids."""
    ends = Moment(ends_ms, rfc3339(ends_ms))
    ids = [f"{ends_ms % 2**32:08x}-0000-7000-8000-{number:012x}" for number in range(HOLDS)]
    async with LiveStore.open(url) as live:
        store = HoldStore(live)
        for first in range(0, HOLDS, 500):
            at_ms = system_clock()
            at = Moment(at_ms, rfc3339(at_ms))
            verdicts = await asyncio.gather(
                *(_make_one(store, ids[n], pools[n % len(pools)], n, at, ends) for n in range(first, first + 500))
            )
            if set(verdicts) != {"done"}:
                raise BadAnswer(f"not all holds were made: {Counter(verdicts)}")
    return set(ids)


async def _make_one(store: HoldStore, hold_id: str, pool: str, number: int, at: Moment, ends: Moment) -> str:
    body = (
        f'"id":"{hold_id}","type":"hold_created","hold":"{hold_id}","channel":"115",'
        f'"lines":[{{"pool":"{pool}","places":1}}],"minutes":5,"expires_at":"{ends.text}",'
        f'"observed_at":"{at.text}","received_at":"{at.text}"}}'
    )
    asked = Creation(hold_id, "115", [(pool, 1)], "", at, ends, "made", body, [f"C{number}"])
    verdict = await store.create(bed.TERRITORY, asked)
    return verdict.outcome


def _follow(url: str, after_seq: int, watch: Watch, stop: threading.Event) -> None:
    """The stream itself, as soon as it says anything."""
    with Redis.from_url(url) as redis:
        last = f"{after_seq}-0"
        while not stop.is_set():
            found = redis.xread({f"{{{bed.TERRITORY}}}:stream": last}, count=1_000, block=200)
            if found:
                last = (found[0][1] if isinstance(found, list) else next(iter(found.values()))[0])[-1][0].decode()
                watch.saw(int(last.partition("-")[0]))


def _read(port: int, token: str, watch: Watch, stop: threading.Event) -> None:
    with Reader(port, f"/v1/territories/{bed.TERRITORY}/feed", token) as reader:
        while not stop.is_set():
            watch.saw(reader.hear(blocking=True))


def _until(reached) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        if time.monotonic() > deadline:
            raise BadAnswer("it took too long")
        time.sleep(0.005)


async def _recorded(url: str, seq: int) -> float:
    """Wait until the ledger has a number; answers when."""
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            asked = "SELECT seq FROM cursors WHERE territory = $1"
            while (await connection.fetchval(asked, bed.TERRITORY) or 0) < seq:  # noqa: ASYNC110  # it can only be asked
                await asyncio.sleep(0.02)
        return time.time()
    finally:
        await connection.close()


async def _kept(url: str, after_seq: int, last: int, made: set[str]) -> float:
    """When the ledger had all of it. Raises BadAnswer unless each hold was ended there once."""
    at = await _recorded(url, last)
    connection = await asyncpg.connect(url)
    try:
        lines = await connection.fetch(
            "SELECT body ->> 'hold' AS hold FROM ledger WHERE territory = $1 AND seq > $2 AND type = 'hold_expired'",
            bed.TERRITORY,
            after_seq,
        )
    finally:
        await connection.close()
    ended = Counter(line["hold"] for line in lines)
    if ended.keys() != made or set(ended.values()) != {1}:
        raise BadAnswer(f"{len(ended)} of {len(made)} holds ended, some {max(ended.values())} times")
    return at


def _nothing_is_held(redis: Redis) -> None:
    rows = redis.hvals(f"{{{bed.TERRITORY}}}:rows")
    if any(json.loads(row)["held"] for row in rows):
        raise BadAnswer("places are held that nobody holds")
