"""`capacity person` on a real Postgres: the first admin, and whom it refuses."""

import asyncio

import pytest

from capacity.commands import person
from capacity.commands.person import Wish
from capacity.errors import StartFailed
from capacity.services.admitting import Admission
from capacity.vocabulary.acts import Act
from capacity.vocabulary.roles import Role
from tests.world import new_id, site


@pytest.fixture
async def stores(world, redis_url, database, monkeypatch):
    """A territory with one site, its stores named in the environment; time goes on by itself."""
    monkeypatch.setenv("CAPACITY_REDIS_URL", redis_url)
    monkeypatch.setenv("CAPACITY_DATABASE_URL", database)
    monkeypatch.setattr(person, "system_clock", world.clock)
    await world.put(site("halte", "halte.women"))
    return world


async def let_in(world, role, *sites, email=None, **more):
    wish = {"forget_second_factor": False, "url": "https://115.example/", "data": None} | more
    await asyncio.to_thread(person.run, Wish(email or f"{new_id()}@siao.example", role, world.name, sites, **wish))


async def test_the_last_line_is_a_link_that_signs_the_first_admin_in(stores, capsys):
    await let_in(stores, Role.ADMIN, email="First@siao.example")
    told = capsys.readouterr()
    page, secret = told.out.splitlines()[-1].split("#lien=")
    assert page == "https://115.example/connexion"
    assert secret not in told.err
    signing = stores.signing
    begun: Admission = await signing.signing_in.by_link(secret, None, address="192.0.2.9", label="test")
    standing = await signing.sessions.standing(begun.credential)
    assert standing.opened.email == "first@siao.example"
    assert standing.grants[stores.name].role is Role.ADMIN
    assert standing.need == "password"


async def test_a_lost_second_factor_is_forgotten_when_that_is_asked_for(stores, capsys):
    await let_in(stores, Role.ADMIN, email="a@siao.example")
    [member] = await stores.signing.inviting.people_of(stores.name)
    async with stores.database.connection() as connection:
        await connection.execute("UPDATE people SET totp_secret = 'ABC'")
    await let_in(stores, Role.ADMIN, email="a@siao.example")
    assert [one.has_totp for one in await stores.signing.inviting.people_of(stores.name)] == [True]
    await let_in(stores, Role.ADMIN, email="a@siao.example", forget_second_factor=True)
    [again] = await stores.signing.inviting.people_of(stores.name)
    assert (again.id, again.has_totp) == (member.id, False)
    noted = await stores.auditing.page(stores.name, None, 3)
    assert [(line.act, line.kind, line.subject) for line in noted] == [
        (act, "command", member.id) for act in (Act.SECOND_FACTOR_REMOVED, Act.LINK_MADE, Act.PERSON_ADDED)
    ]


@pytest.mark.parametrize(
    ("role", "sites", "email", "says"),
    [
        (Role.STAFF, (), None, "staff needs the sites"),
        (Role.OPERATOR, ("halte",), None, "staff needs the sites"),
        (Role.STAFF, ("elsewhere",), None, "no site elsewhere"),
        (Role.PUBLIC, (), None, "--role"),
        (Role.INTEGRATION, ("halte",), None, "--role"),
        (Role.ADMIN, (), "nobody", "--email"),
    ],
)
async def test_a_person_who_makes_no_sense_is_refused_in_a_sentence(stores, role, sites, email, says):
    with pytest.raises(StartFailed, match=says):
        await let_in(stores, role, *sites, email=email)
    assert await stores.signing.inviting.people_of(stores.name) == []
