"""`capacity token` on a real Postgres: who gets one, and what the terminal shows of it."""

import asyncio
import hashlib
from datetime import UTC, datetime

import pytest

from capacity.commands import token
from capacity.commands.token import Wish
from capacity.errors import StartFailed
from capacity.vocabulary.acts import Act
from capacity.vocabulary.roles import Role
from tests.world import site


@pytest.fixture
async def stores(world, redis_url, database, monkeypatch):
    """A territory with one site, its stores named in the environment."""
    monkeypatch.setenv("CAPACITY_REDIS_URL", redis_url)
    monkeypatch.setenv("CAPACITY_DATABASE_URL", database)
    await world.put(site("halte", "halte.women"))
    return world


async def ask_for(world, role, *sites, days=None):
    await asyncio.to_thread(token.run, Wish(role, world.name, sites, "test", days, None))


async def test_the_last_line_is_the_token_and_only_its_hash_is_kept(stores, capsys):
    await ask_for(stores, Role.STAFF, "halte")
    told = capsys.readouterr()
    secret = told.out.splitlines()[-1]
    grant = (await stores.doorkeeper.caller(secret)).grant(stores.name)
    assert (grant.role, grant.sites) == (Role.STAFF, {"halte"})
    [kept] = await stores.credentials.live(datetime.now(UTC))
    assert kept.secret_hash == hashlib.sha256(secret.encode()).digest()
    assert secret not in told.err
    [noted] = [line for line in await stores.auditing.page(stores.name, None, 100) if line.act is Act.TOKEN_MADE]
    assert (noted.kind, noted.subject) == ("command", kept.id)


async def test_a_token_with_an_end_lets_nobody_in_after_it(stores, capsys):
    await ask_for(stores, Role.WALL, days=1)
    secret = capsys.readouterr().out.splitlines()[-1]
    [kept] = await stores.credentials.live(datetime.now(UTC))
    stores.clock.now_ms = kept.expires_at.timestamp() * 1000 - 1
    assert (await stores.doorkeeper.caller(secret)).grant(stores.name).role is Role.WALL
    stores.clock.forward(1)
    assert stores.doorkeeper.recognise(secret) is None


@pytest.mark.parametrize(
    ("role", "sites", "says"),
    [
        (Role.STAFF, (), "needs the sites"),
        (Role.INTEGRATION, (), "needs the sites"),
        (Role.OPERATOR, ("halte",), "for a whole territory"),
        (Role.PUBLIC, (), "needs no token"),
        (Role.STAFF, ("elsewhere",), "no site elsewhere"),
        (Role.STAFF, ("../",), "names no site"),
    ],
)
async def test_a_token_that_makes_no_sense_is_refused_in_a_sentence(stores, role, sites, says):
    with pytest.raises(StartFailed, match=says):
        await ask_for(stores, role, *sites)
    assert await stores.credentials.live(datetime.now(UTC)) == []
