"""What the ledger, the live store and its list of holds say of each other once all is quiet."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import asyncpg
from redis.asyncio import Redis

from capacity.board.clocks import system_clock

ENDS = ("hold_arrived", "hold_released", "hold_expired")
OURS = ("contingents_set", "contingents_ended", "hold_expired", "pool_opened", "pool_changed", "pool_gone")
"""Commands whose ids the senders do not make."""

PROMISED_TOO_MUCH = """
SELECT seq, pool FROM ledger_lines WHERE territory = $1 AND type = 'hold_created' AND (row ->> 'over')::integer > 0
"""
HELD_DIFFERS = """
SELECT seq, pool, shown, summed
  FROM (SELECT seq, pool, (row ->> 'held')::integer AS shown,
               sum(held_change) OVER (PARTITION BY pool ORDER BY seq) AS summed
          FROM (SELECT seq, pool, held_change, row FROM ledger_lines WHERE territory = $1
                 UNION ALL
                SELECT seq, pool, 0, row FROM ledger WHERE territory = $1 AND pool IS NOT NULL) AS lines) AS told
 WHERE shown <> summed OR summed < 0
"""
COMMANDS = "SELECT seq, body::text AS body FROM ledger WHERE territory = $1 ORDER BY seq"


async def until_nothing_is_due(territory: str, redis_url: str, patience_seconds: float) -> None:
    """Wait for the servers to end what has reached its time."""
    async with Redis.from_url(redis_url) as redis, asyncio.timeout(patience_seconds):
        due = f"{{{territory}}}:holds"
        while await redis.zcount(due, "-inf", system_clock()):
            await asyncio.sleep(0.05)


async def wrongs_of(
    territory: str, redis_url: str, database_url: str, *, sent: set[str], taken: set[str], patience_seconds: float
) -> list[str]:
    """Every difference as a sentence; none when all is well. Waits until the ledger has every number.

    No server may run: what ends between two looks would be a difference.
    """
    redis, connection = Redis.from_url(redis_url, decode_responses=True), await asyncpg.connect(database_url)
    try:
        async with asyncio.timeout(patience_seconds):
            await _caught_up(redis, connection, territory)
        commands = [json.loads(line["body"]) for line in await connection.fetch(COMMANDS, territory)]
        active = await _active(redis, territory)
        return [
            *_of_numbers(commands, int(await redis.hget(f"{{{territory}}}:meta", "seq") or 0)),
            *_of_ids(commands, sent, taken),
            *_of_ends(commands, active),
            *[wrong async for wrong in _of_sums(redis, territory, active)],
            *(f"promised beyond what there is: {dict(line)}"
              for line in await connection.fetch(PROMISED_TOO_MUCH, territory)),
            *(f"held is not the sum of its changes: {dict(line)}"
              for line in await connection.fetch(HELD_DIFFERS, territory)),
        ]  # fmt: skip
    finally:
        await connection.close()
        await redis.aclose()


async def _caught_up(redis: Redis, connection: asyncpg.Connection, territory: str) -> None:
    while True:
        live = int(await redis.hget(f"{{{territory}}}:meta", "seq") or 0)
        if await connection.fetchval("SELECT seq FROM cursors WHERE territory = $1", territory) == live:
            return
        await asyncio.sleep(0.05)  # two stores that can only be asked


async def _active(redis: Redis, territory: str) -> dict[str, dict[str, str]]:
    ids = await redis.zrange(f"{{{territory}}}:holds", 0, -1)
    return {hold_id: await redis.hgetall(f"{{{territory}}}:hold:{hold_id}") for hold_id in ids}


def _of_numbers(commands: list[dict[str, Any]], seq: int) -> Iterator[str]:
    if [command["seq"] for command in commands] != list(range(1, seq + 1)):
        yield f"the ledger has {len(commands)} commands up to number {seq}, and not each number once"


def _of_ids(commands: list[dict[str, Any]], sent: set[str], taken: set[str]) -> Iterator[str]:
    times = Counter(command["id"] for command in commands)
    yield from (f"took effect {count} times: {each}" for each, count in times.items() if count > 1)
    yield from (f"answered with success, and not in the ledger: {each}" for each in sorted(taken - times.keys()))
    yield from (
        f"nobody sent this: {command}"
        for command in commands
        if command["type"] not in OURS and command.get("reason") != "pool_gone" and command["id"] not in sent
    )


def _of_ends(commands: list[dict[str, Any]], active: dict[str, dict[str, str]]) -> Iterator[str]:
    made, ended = Counter[str](), Counter[str]()
    for command in commands:
        if command["type"] == "hold_created":
            made[command["hold"]] += 1
        elif command["type"] in ENDS:
            ended[command["hold"]] += 1
            if command["hold"] not in made:
                yield f"ended before it was made: {command}"
    yield from (f"made {count} times: {hold}" for hold, count in made.items() if count > 1)
    yield from (f"ended {count} times: {hold}" for hold, count in ended.items() if count > 1)
    if made.keys() - ended.keys() != active.keys():
        yield f"neither ended nor active, or both: {made.keys() - ended.keys() ^ active.keys()}"


async def _of_sums(redis: Redis, territory: str, active: dict[str, dict[str, str]]) -> Any:
    """What is held by the rows, by the facts of each pool and channel, and by the active holds."""
    tag = f"{{{territory}}}:"
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    promises: dict[str, set[str]] = defaultdict(set)
    for hold_id, hold in active.items():
        for line in hold["lines"].split():
            pool, _, places = line.partition("=")
            sums[pool][hold["channel"]] += int(places)
            promises[pool].add(hold_id)
    rows = {pool: json.loads(row) for pool, row in (await redis.hgetall(tag + "rows")).items()}
    for pool, row in rows.items():
        if "gone" in row:
            if sums[pool]:
                yield f"{pool} is gone and held: {dict(sums[pool])}"
            continue
        if row["held"] != sums[pool].total():
            yield f"{pool}: the row says held {row['held']}, its holds add up to {dict(sums[pool])}"
        told = await redis.hmget(tag + "pool:" + pool, ["held_115", "held_maraude", "held_site"])
        expected = [sums[pool][channel] for channel in ("115", "maraude", "site")]
        if [int(each or 0) for each in told] != expected:
            yield f"{pool}: by channel {told}, its holds add up to {expected}"
        if await redis.smembers(tag + "promises:" + pool) != promises[pool]:
            yield f"{pool}: its promises are not its active holds"
    codes = await redis.hgetall(tag + "codes")
    if {hold_id: code for code, hold_id in codes.items()} != {each: hold["code"] for each, hold in active.items()}:
        yield "the codes in use are not those of the active holds"
