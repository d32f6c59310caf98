"""What the two stores say of themselves, read as it stands: the facts that `capacity doctor` judges."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from capacity.errors import LedgerUnavailable, StoreUnavailable
from capacity.store.copies import Copies, copies_of, plain_clients
from capacity.store.functions import LIBRARY
from capacity.store.keys import ALL_METAS, Keys, territory_of
from capacity.store.live_address import live_address
from capacity.store.postgres import DEADLINE_SECONDS, UNREACHABLE
from capacity.store.promises import Promises, promises_now
from capacity.store.queries import load

CONFIGURED = ("appendonly", "appendfsync", "maxmemory-policy")
NUMBERS_LOOKED_AT = 1_000_000
"""How many of a territory's last numbers are looked at for gaps: some tenths of a second of Postgres."""

_sql = load("inspection")


@dataclass(frozen=True, slots=True)
class LiveTerritory:
    """All of one territory in the live store at one instant. Rows and facts by pool, as they are kept."""

    epoch: str
    seq: int
    rows: Mapping[str, Mapping[str, Any]]
    stamps: Mapping[str, int]
    facts: Mapping[str, Mapping[str, str]]
    stream_ids: tuple[str, str] | None
    """The first and the last entry of the stream; None while it is empty."""
    stream_length: int
    promises: Promises | None = None
    """Of an instant of their own; None while holds came and went too fast to be read at one."""


@dataclass(frozen=True, slots=True)
class LiveFacts:
    """The live store. A setting that the server does not show is missing from `settings`."""

    engine: str
    version: str
    settings: Mapping[str, str]
    library: str | None
    """The source of the functions as loaded; None when they are not."""
    territories: Mapping[str, LiveTerritory] = field(default_factory=dict)
    copies: Copies | None = None
    """Of this server; None where that was not asked."""
    others: "Sequence[LiveFacts]" = ()
    """The further primaries of a cluster. Their territories are told with the first one's."""


@dataclass(frozen=True, slots=True)
class LedgerTerritory:
    """How far the ledger is, the first and the last number that it keeps, and after which there is a gap.

    Only the last `NUMBERS_LOOKED_AT` are looked at for gaps: `count` of them are kept.
    """

    epoch: str | None
    seq: int
    first: int | None
    last: int | None
    count: int
    gaps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorder:
    """A connection that holds the recorder's lock."""

    pid: int
    address: str | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """Postgres: its settings, its migrations, who records, and the ledger of each territory."""

    version_num: int
    settings: Mapping[str, str]
    migrations: tuple[str, ...]
    recorders: tuple[Recorder, ...]
    territories: Mapping[str, LedgerTerritory]


async def inspect_live(url: str) -> LiveFacts:
    """Everything that the live store has. Raises StoreUnavailable."""
    try:
        async with plain_clients(live_address(url)) as clients:
            told = [await _server(client) for client in clients]
            territories = {name: board for each in told for name, board in each.territories.items()}
            return replace(told[0], territories=dict(sorted(territories.items())), others=told[1:])
    except (RedisError, OSError) as exc:
        raise StoreUnavailable from exc


async def _server(client: "Redis") -> LiveFacts:
    about = await client.info("server")
    is_valkey = "valkey_version" in about
    names = [territory_of(key) async for key in client.scan_iter(ALL_METAS, count=1_000)]
    return LiveFacts(
        engine="Valkey" if is_valkey else "Redis",
        version=about["valkey_version" if is_valkey else "redis_version"],
        settings=await _settings(client),
        library=await _library(client),
        territories={name: await _territory_now(client, name) for name in names},
        copies=await copies_of(client),
    )


async def inspect_ledger(url: str, recorder_lock: int) -> LedgerFacts:
    """What Postgres has, in one snapshot. Raises LedgerUnavailable."""
    try:
        connection = await asyncpg.connect(url, timeout=DEADLINE_SECONDS, command_timeout=60)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                settings = dict(await connection.fetchrow(_sql["settings"]) or {})
                try:
                    async with connection.transaction():
                        migrations = tuple(line["name"] for line in await connection.fetch(_sql["applied"]))
                except asyncpg.UndefinedTableError:
                    return LedgerFacts(settings.pop("version_num"), settings, (), (), {})
                recorders = await connection.fetch(_sql["recorders"], recorder_lock)
                ledgers = await connection.fetch(_sql["ledgers"], NUMBERS_LOOKED_AT)
        finally:
            await connection.close()
    except UNREACHABLE as exc:
        raise LedgerUnavailable from exc
    return LedgerFacts(
        version_num=settings.pop("version_num"),
        settings=settings,
        migrations=migrations,
        recorders=tuple(Recorder(**line) for line in recorders),
        territories={line["territory"]: _ledger_territory(line) for line in ledgers},
    )


def _ledger_territory(line: asyncpg.Record) -> LedgerTerritory:
    return LedgerTerritory(
        line["epoch"], line["seq"] or 0, line["first"], line["last"], line["count"], tuple(line["gaps"])
    )


async def _settings(client: "Redis") -> dict[str, str]:
    try:
        return {str(name): str(value) for name, value in (await client.config_get(*CONFIGURED)).items()}
    except ResponseError:  # many a hosted server hides its configuration
        return {}


async def _library(client: "Redis") -> str | None:
    listed = await client.function_list(library=LIBRARY, withcode=True)
    for library in listed:
        named = library if isinstance(library, dict) else dict(zip(library[::2], library[1::2], strict=True))
        return str(named["library_code"])
    return None


async def _territory_now(client: "Redis", territory: str) -> LiveTerritory:
    """One territory at one instant: nothing can change between the first read of the transaction and its last."""
    keys = Keys.of(territory)
    pools = [str(pool) for pool in await client.hkeys(keys.rows)]
    async with client.pipeline(transaction=True) as instant:
        instant.hmget(keys.meta, ["epoch", "seq"])
        instant.hgetall(keys.rows)
        instant.zrange(keys.stamps, 0, -1, withscores=True)
        instant.xrange(keys.stream, count=1)
        instant.xrevrange(keys.stream, count=1)
        instant.xlen(keys.stream)
        for pool in pools:
            instant.hgetall(keys.facts(pool))
        (epoch, seq), rows, stamps, first, last, length, *facts = await instant.execute()
    return LiveTerritory(
        epoch=epoch or "",
        seq=int(seq or 0),
        rows={pool: json.loads(row) for pool, row in rows.items()},
        stamps={pool: int(stamp) for pool, stamp in stamps},
        facts=dict(zip(pools, facts, strict=True)),
        stream_ids=(first[0][0], last[0][0]) if first else None,
        stream_length=length,
        promises=await promises_now(client, territory),
    )
