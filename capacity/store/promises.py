"""The active holds of a territory with all that is kept of them elsewhere, as `capacity doctor` compares it. Law 5."""

from collections.abc import Mapping
from dataclasses import dataclass

from redis.asyncio import Redis

from capacity.store.keys import Keys
from capacity.vocabulary.words import Channel

TRIES = 20
HELD = ("held", *(f"held_{channel}" for channel in Channel))


@dataclass(frozen=True, slots=True)
class Promises:
    """What the live store keeps of active holds, at one instant."""

    now_ms: int
    """The store's own clock."""
    holds: Mapping[str, Mapping[str, str]]
    """Each hold that `ends` or `codes` name; empty facts where there is none of that id."""
    ends: Mapping[str, int]
    """When each active hold ends, in milliseconds."""
    codes: Mapping[str, str]
    """The hold of each code in use."""
    by_pool: Mapping[str, frozenset[str]]
    """The holds that are kept with each pool."""
    held: Mapping[str, Mapping[str, int]]
    """For each pool the facts named `HELD`."""


async def promises_now(client: "Redis", territory: str) -> Promises | None:
    """The promises of a territory; None when holds came and went too fast to be read at one instant.

    The transaction must know beforehand which holds it will read. When others came meanwhile, it is made again.
    """
    for _ in range(TRIES):
        found = await _promises(client, Keys.of(territory))
        if {*found.ends, *found.codes.values()} <= found.holds.keys():
            return found
    return None


async def _promises(client: "Redis", keys: Keys) -> Promises:
    pools = [str(pool) for pool in await client.hkeys(keys.rows)]
    known = sorted({*await client.zrange(keys.holds, 0, -1), *await client.hvals(keys.codes)})
    async with client.pipeline(transaction=True) as instant:
        instant.time()
        instant.zrange(keys.holds, 0, -1, withscores=True)
        instant.hgetall(keys.codes)
        for pool in pools:
            instant.hmget(keys.facts(pool), HELD)
            instant.smembers(keys.promises(pool))
        for hold_id in known:
            instant.hgetall(keys.hold(hold_id))
        (seconds, microseconds), ends, codes, *more = await instant.execute()
    by_pool, holds = more[: 2 * len(pools)], more[2 * len(pools) :]
    return Promises(
        now_ms=seconds * 1000 + microseconds // 1000,
        holds=dict(zip(known, holds, strict=True)),
        ends={hold_id: int(end_ms) for hold_id, end_ms in ends},
        codes=codes,
        by_pool={pool: frozenset(ids) for pool, ids in zip(pools, by_pool[1::2], strict=True)},
        held={
            pool: {name: int(value or 0) for name, value in zip(HELD, values, strict=True)}
            for pool, values in zip(pools, by_pool[::2], strict=True)
        },
    )
