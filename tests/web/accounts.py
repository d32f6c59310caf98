"""People for the tests of signing in: with sessions as a browser has them, and what they sign in by."""

import itertools
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import httpx2
from argon2 import PasswordHasher

from capacity.board.access import NOBODY, Grant
from capacity.board.totp import STEP_SECONDS, code_of, step_at
from capacity.services.doorkeeping import Doorkeeper
from capacity.services.hashing import Hashing
from capacity.services.inviting import Purpose
from capacity.services.signing import Signing
from capacity.store.members import MemberStore
from capacity.store.people import PeopleStore
from capacity.vocabulary.roles import Role
from tests.serving import client_on

_addresses = itertools.count(1)
PASSWORD = "trois tilleuls au bord de l'eau"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Accounts:
    """Whoever brings no credential is nobody here, as in service; `client` is a fresh browser."""

    def __init__(self, world) -> None:
        self.world = world
        self.clock = world.clock
        self.hashing = Hashing(QUICK)
        self.people = PeopleStore(world.database)
        self.members = MemberStore(world.database)

    def open_doors(self, providers=()) -> None:
        world = self.world
        world.doorkeeper = Doorkeeper(world.credentials, clock=self.clock, nobody=NOBODY)
        world.signing = Signing.over(
            world.live, world.database, world.doorkeeper, clock=self.clock, hashing=self.hashing, providers=providers
        )

    @property
    def inviting(self):
        return self.world.signing.inviting

    async def person(self, role=Role.MARAUDE, *sites, territory=None, password=PASSWORD, is_waived=False):
        """A person with a password; the e-mail is one that no other test has."""
        email = f"{uuid4().hex}@siao.example"
        person = await self.people.add(str(uuid4()), email, self.now(), is_waived=is_waived)
        if password is not None:
            hashed = await self.hashing.hash(password)
            await self.people.set_password(person.id, hashed, keep=str(uuid4()), at=self.now())
        await self.members.put(territory or self.world.name, person.id, Grant(role, frozenset(sites)))
        return await self.people.by_id(person.id)

    async def link(self, person, purpose=Purpose.PASSWORD) -> str:
        return (await self.inviting.link_for(person.id, purpose)).secret

    def now(self):
        return datetime.fromtimestamp(self.clock() / 1000, UTC)

    def next_code(self, secret) -> str:
        """A code that was not used yet: the clock goes to the next 30 seconds."""
        self.clock.forward(STEP_SECONDS * 1000)
        return code_of(secret, step_at(self.clock()))

    @asynccontextmanager
    async def client(self):
        """A fresh browser at an address that no other one has: tries are counted across tests."""
        address = f"2001:db8:{next(_addresses):x}::1"
        async with client_on(self.world) as told:
            transport = httpx2.ASGITransport(told._transport.app, client=(address, 1))
            async with httpx2.AsyncClient(
                transport=transport, base_url="https://board.test", headers={"origin": "https://board.test"}
            ) as client:
                yield client


async def sign_in(client, person, password=PASSWORD, code=None):
    said = {"email": person.email, "password": password} | ({} if code is None else {"code": code})
    return await client.post("/v1/session", json=said)


async def set_up_totp(accounts, client):
    """Secret and recovery codes of a second factor that is active now."""
    secret = (await client.post("/v1/me/totp")).json()["secret"]
    accepted = await client.put("/v1/me/totp", json={"code": accounts.next_code(secret)})
    return secret, accepted.json()["recovery_codes"]
