"""A territory on the real servers: reports go in as raw bodies, the clock moves by hand, ids count up."""

import itertools
import json
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster

from capacity.board.access import Action, Caller, Grant, Permission, permission
from capacity.board.changes import Entry
from capacity.board.clocks import rfc3339
from capacity.services.admitting import Admitting
from capacity.services.auditing import Auditing
from capacity.services.budgets import FeedBudget, ReportBudget
from capacity.services.directory import Directories
from capacity.services.doorkeeping import Doorkeeper
from capacity.services.equipping import Equipping
from capacity.services.expiring import Expiring
from capacity.services.explaining import Explaining
from capacity.services.holding import Holding
from capacity.services.pairing import Pairing
from capacity.services.publishing import Publishing
from capacity.services.recalling import Recalling
from capacity.services.reckoning import Reckoning
from capacity.services.recording import Recording
from capacity.services.registering import Registering
from capacity.services.reporting import Reporting
from capacity.services.requesting import Requesting
from capacity.services.signing import Signing
from capacity.services.tallying import Tallying
from capacity.store.audit import AuditStore
from capacity.store.credentials import CredentialKind, CredentialStore
from capacity.store.devices import DeviceStore
from capacity.store.hold_ledger import HoldLedger
from capacity.store.keys import Keys
from capacity.store.ledger import LedgerStore
from capacity.store.live import LiveStore
from capacity.store.live_address import Kind, live_address
from capacity.store.pairing import Limits, PairingStore
from capacity.store.postgres import Database
from capacity.store.publicity import PublicityStore
from capacity.store.registry import RegistryStore
from capacity.store.request_ledger import RequestLedger
from capacity.store.ways import sentinels_of
from capacity.vocabulary.roles import Role
from capacity.wire.registry import Site, site_adapter

NOW_MS = 1_795_387_267_120  # 2026-11-22T22:41:07.120Z
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
COMPACT = (",", ":")  # as the product writes a command, and the functions read one

EVERYTHING = Caller("test", elsewhere=Grant(Role.ADMIN))
"""Who brings no credential, in the tests that are not about access."""

_numbers = itertools.count(1)


def may_report(grant: Grant = EVERYTHING.elsewhere) -> Permission:
    """What the table says of reports to who has this grant everywhere."""
    permitted = permission(Caller("test", elsewhere=grant), Action.REPORT, "")
    assert permitted is not None
    return permitted


class HandClock:
    """Stands still until a test moves it."""

    def __init__(self, now_ms: int = NOW_MS) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms

    def forward(self, ms: int) -> int:
        self.now_ms += ms
        return self.now_ms


def command_id(number: int) -> str:
    """A UUID that sorts by its number."""
    return f"00000000-0000-7000-8000-{number:012x}"


def new_id() -> str:
    """An id that no test has had yet, greater than all before it."""
    return command_id(next(_numbers))


def report(kind, pool, at_ms=None, *, report_id=None, **fields):
    """A report as a sender writes it; without a moment it means now."""
    moment = {} if at_ms is None else {"observed_at": rfc3339(at_ms)}
    return {"id": report_id or new_id(), "type": kind, "pool": pool, **fields, **moment}


def body_of(reports, sent_ms=None) -> bytes:
    sent = {} if sent_ms is None else {"sent_at": rfc3339(sent_ms)}
    return json.dumps({**sent, "reports": list(reports)}).encode()


def site(site_id="halte", *pools, **fields) -> Site:
    """A women's halte; `pools` are pool ids, or whole pools as dicts."""
    whole = [pool if isinstance(pool, dict) else {"id": pool} for pool in pools]
    whole = [{"audience": "women", "capacity": 10, **pool} for pool in whole]
    fields = {"name": "Halte", "kind": "women_halte", **fields}
    return site_adapter.validate_json(json.dumps({"id": site_id, "pools": whole, **fields}))


@dataclass
class Ground:
    """One territory of the live store, and the way that reports take into it."""

    live: LiveStore
    redis: Redis
    name: str
    clock: HandClock
    observed: list[tuple[str, str]] = field(default_factory=list)
    """What Reporting counted: type and outcome of each report."""

    def __post_init__(self) -> None:
        self.keys = Keys.of(self.name)
        self.reporting = self._reporting_with(Directories(cast("RegistryStore", None), clock=self.clock))
        self._versions = itertools.count(1)

    def _reporting_with(self, directories: Directories) -> Reporting:
        return Reporting(
            self.live, directories, clock=self.clock, budget=ReportBudget(1e6, 10**9),
            observe=lambda kind, outcome: self.observed.append((kind, outcome)),
        )  # fmt: skip

    async def open(self, *pools, site="halte", capacity=10, fresh_for=7200):
        """Open the territory and put pools on its board, as the registry does."""
        await self.live.call("open_territory_v1", (self.keys.meta,), (f"epoch-{self.name}", 0))
        for pool in pools:
            await self.register(pool, site=site, capacity=capacity, fresh_for=fresh_for)
        await self.live.call("board_is_whole_v1", (self.keys.meta,), ())

    async def register(self, pool, *, site="halte", capacity=10, fresh_for=7200, version=None, edit_id=None):
        edit_id, version = edit_id or new_id(), version or next(self._versions)
        now = rfc3339(self.clock())
        said = {"id": edit_id, "pool": pool, "capacity": capacity, "observed_at": now, "received_at": now}
        body = json.dumps(said, separators=COMPACT)[1:]
        args = (edit_id, pool, site, version, capacity, fresh_for, self.clock(), body)
        return await self.live.call("register_pool_v1", self._keys(pool), args)

    async def remove(self, pool, *, version=None, edit_id=None):
        version = version or next(self._versions)
        now = rfc3339(self.clock())
        said = {"id": edit_id or new_id(), "pool": pool, "observed_at": now, "received_at": now}
        body = json.dumps(said, separators=COMPACT)[1:]
        return await self.live.call("remove_pool_v1", self._keys(pool), (pool, version, body))

    @property
    def node(self) -> Redis:
        """redis-py's client of the one server that has this territory: that of a cluster garbles a transaction."""
        return self.live._ways.to(self.keys.meta).client

    def _keys(self, pool):
        keys = self.keys
        return keys.meta, keys.rows, keys.stamps, keys.stream, keys.facts(pool), keys.movements(pool)

    async def post(self, *reports, sent_ms=None, grant: Grant = EVERYTHING.elsewhere) -> list[dict]:
        """Send reports as one batch; answers the results in order."""
        answer = await self.reporting.post(self.name, body_of(reports, sent_ms), may_report(grant))
        return json.loads(answer)["results"]

    async def rows(self, since=0) -> dict[str, dict]:
        """The rows stamped after a number, by pool, oldest stamp first, tombstones too."""
        board = await self.live.rows_since(self.name, since)
        return {change.pool: json.loads(change.row) for change in board.rows}

    async def seq(self) -> int:
        position = await self.live.position(self.name)
        return position[1]

    async def stream(self) -> list[Entry]:
        return await self.live.entries(self.name, 0, 100_000)

    async def commands(self) -> list[dict]:
        return [json.loads(entry.command) for entry in await self.stream()]

    async def everything(self) -> dict[bytes, bytes]:
        """All that the store holds of this territory, key by key, byte for byte."""
        names = [name async for name in self.redis.scan_iter(f"{{{self.name}}}:*", count=1000)]
        async with self.redis.pipeline(transaction=False) as pipeline:
            for name in names:
                pipeline.dump(name)
            return dict(zip(names, await pipeline.execute(), strict=True))


@asynccontextmanager
async def plain_client(redis_url: str) -> AsyncIterator[Redis]:
    """redis-py's own client of the live store, to look at it past our code; of a cluster, and by Sentinels, too."""
    address = live_address(redis_url)
    if address.kind is Kind.CLUSTER:
        async with RedisCluster(startup_nodes=[ClusterNode(*node) for node in address.nodes]) as client:
            yield client
    elif address.kind is Kind.SENTINEL:
        async with sentinels_of(address) as sentinels, sentinels.master_for(address.name) as client:
            yield client
    else:
        async with Redis.from_url(redis_url) as client:
            yield client


@asynccontextmanager
async def standing_on(
    redis_url: str, territory: str, clock: HandClock | None = None, *, min_replicas: int = 0
) -> AsyncIterator[Ground]:
    """A territory that is not open yet, in the live store."""
    async with LiveStore.open(redis_url, min_replicas) as live, plain_client(redis_url) as client:
        await live.prepare()
        yield Ground(live, client, territory, clock or HandClock())


@dataclass
class World(Ground):
    """A territory in both stores, with every service that writes or reads them."""

    database: Database = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.registry = RegistryStore(self.database)
        self.ledger = LedgerStore(self.database)
        self.registering = Registering(self.registry, self.live, clock=self.clock, new_id=new_id)
        self.recording = Recording(self.live, self.ledger, self.registry, clock=self.clock)
        self.recalling = Recalling(self.ledger, self.registry)
        self.reckoning = Reckoning(HoldLedger(self.database), self.registry, clock=self.clock)
        self.directories = Directories(self.registry, clock=self.clock)
        self.explaining = Explaining(self.live, self.directories)
        self.credentials = CredentialStore(self.database)
        self.doorkeeper = Doorkeeper(self.credentials, clock=self.clock, nobody=EVERYTHING)
        self.auditing = Auditing(AuditStore(self.database), clock=self.clock)
        self.publishing = Publishing(PublicityStore(self.database), self.auditing)
        self.reporting = self._reporting_with(self.directories)
        self.credentials = CredentialStore(self.database)
        self.doorkeeper = Doorkeeper(self.credentials, clock=self.clock, nobody=EVERYTHING)
        self.feeds = FeedBudget()
        self.admitting = Admitting(self.credentials, clock=self.clock)
        self.equipping = Equipping(
            DeviceStore(self.database), self.admitting, self.directories, clock=self.clock, look=self.doorkeeper.look
        )
        self.pairing = Pairing(
            PairingStore(self.live), self.equipping, self.admitting, clock=self.clock, pick=secrets.choice,
            new_secret=secrets.token_urlsafe, limits=Limits(10_000, 600, 100_000),
        )  # fmt: skip
        self.holding = Holding(
            self.live, clock=self.clock, pick=random.Random(0).choice, new_id=new_id,
            observe=lambda verb, outcome: self.observed.append((verb, outcome)),
        )  # fmt: skip
        self.expiring = Expiring(
            self.live, self._own_name, clock=self.clock, observe=lambda ended: self.observed.append(("expire", ended))
        )
        self.requesting = Requesting(
            self.live, clock=self.clock, random_bytes=random.Random(0).randbytes, new_id=new_id
        )
        self.tallying = Tallying(self.live, RequestLedger(self.database), self.registry, clock=self.clock)

        self.signing = Signing.over(self.live, self.database, self.doorkeeper, clock=self.clock)

    async def token(self, role: Role, *sites: str, territory: str | None = None) -> str:
        """A bearer token for this territory."""
        grants = {territory or self.name: Grant(role, frozenset(sites))}
        return (await self.admitting.admit(CredentialKind.TOKEN, f"test {role}", lasts=None, grants=grants)).secret

    async def _own_name(self) -> list[str]:
        return [self.name]

    async def put(self, site: Site) -> bool:
        return await self.registering.put(self.name, site)

    async def sites(self) -> list[dict]:
        await self.registry.version(self.name)
        return [site.model_dump(mode="json") for site in await self.registry.sites(self.name)]

    async def kept(self, after=0, limit=100_000) -> list[dict]:
        """The ledger's commands."""
        return [json.loads(body) for body in await self.recalling.ledger(self.name, after, limit)]


@asynccontextmanager
async def world_of(redis_url: str, database_url: str, territory: str) -> AsyncIterator[World]:
    async with (
        LiveStore.open(redis_url) as live,
        plain_client(redis_url) as client,
        Database.open(database_url) as database,
    ):
        await live.prepare()
        yield World(live, client, territory, HandClock(), database=database)
