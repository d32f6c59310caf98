"""The people of a territory, as its admin sees and changes them over HTTP."""

import asyncio

import pytest

from capacity.vocabulary.roles import Role
from tests.serving import in_one_task
from tests.web.accounts import PASSWORD, Accounts, sign_in
from tests.web_fixtures import is_problem
from tests.world import new_id, site


@pytest.fixture
async def accounts(world):
    accounts = Accounts(world)
    accounts.open_doors()
    await world.put(site("halte", "halte.women"))
    return accounts


@pytest.fixture
async def admin(accounts):
    """A browser in which an admin has signed in."""
    async with in_one_task(accounts.client()) as client:
        client.person = await accounts.person(Role.ADMIN, is_waived=True)
        await sign_in(client, client.person)
        yield client


@pytest.fixture
def people(world):
    return f"/v1/territories/{world.name}/people"


def emails(answer):
    return [one["email"] for one in answer.json()["people"]]


async def redeem(client, link):
    page, secret = link.split("#lien=")
    assert page == "/connexion"
    return await client.post("/v1/session/link", json={"secret": secret})


async def test_an_invited_person_signs_in_by_the_link_and_sets_a_password(accounts, admin, people, world):
    said = {"email": "Claire@SIAO.example", "role": "staff", "sites": ["halte"]}
    answer = await admin.post(people, json=said)
    told = answer.json()
    assert answer.status_code == 201
    assert told["link_expires_at"] == "2026-11-29T22:41:07.120Z"
    assert told["person"] | {"id": "", "created_at": ""} == {
        "id": "", "email": "claire@siao.example", "role": "staff", "sites": ["halte"], "created_at": "",
        "last_used_at": None, "disabled": False, "has_password": False, "has_totp": False,
    }  # fmt: skip
    async with accounts.client() as claire:
        assert (await redeem(claire, told["link"])).json()["needs"] == ["password"]
        assert (await claire.put("/v1/me/password", json={"password": PASSWORD})).status_code == 204
        holds = await claire.get(f"/v1/territories/{world.name}/sites")
        assert holds.status_code == 200
        assert is_problem(await claire.get(people), 403, "not-allowed")
    listed = (await admin.get(people)).json()["people"]
    assert [one["has_password"] for one in listed if one["email"] == "claire@siao.example"] == [True]


async def test_nobody_and_no_other_role_sees_the_people(accounts, admin, people):
    async with accounts.client() as visitor:
        assert is_problem(await visitor.get(people), 401, "not-signed-in")
        await sign_in(visitor, await accounts.person(Role.OPERATOR, is_waived=True))
        assert is_problem(await visitor.get(people), 403, "not-allowed")
        assert is_problem(await visitor.get("/v1/territories/elsewhere/people"), 403, "not-allowed")
    assert is_problem(await admin.get("/v1/territories/elsewhere/people"), 403, "not-allowed")


async def test_another_role_counts_at_the_next_look(accounts, admin, people, world):
    person = await accounts.person(Role.MARAUDE)
    async with accounts.client() as theirs:
        await sign_in(theirs, person)
        requests = f"/v1/territories/{world.name}/history"
        assert (await admin.put(f"{people}/{person.id}", json={"role": "wall"})).json()["person"]["role"] == "wall"
        await world.doorkeeper.look()
        assert requests
        told = (await theirs.get("/v1/session")).json()
        assert told["grants"] == [{"territory": world.name, "role": "wall", "sites": []}]


async def test_a_removed_person_is_out_and_forgotten(accounts, admin, people, world):
    person = await accounts.person(Role.MARAUDE)
    async with accounts.client() as theirs:
        await sign_in(theirs, person)
        assert (await admin.delete(f"{people}/{person.id}")).status_code == 204
        await world.doorkeeper.look()
        assert is_problem(await theirs.get(f"/v1/territories/{world.name}/board"), 401, "not-signed-in")
    assert person.email not in emails(await admin.get(people))
    assert await accounts.people.by_id(person.id) is None
    assert is_problem(await admin.delete(f"{people}/{person.id}"), 404, "unknown-person")


async def test_one_who_is_something_elsewhere_stays_that(accounts, admin, people, world):
    person = await accounts.person(Role.MARAUDE)
    await accounts.members.put(f"{world.name}-2", person.id, (await accounts.people.grants_of(person.id))[world.name])
    await admin.delete(f"{people}/{person.id}")
    assert list(await accounts.people.grants_of(person.id)) == [f"{world.name}-2"]


async def test_the_last_admin_stays_one(accounts, admin, people):
    mine = f"{people}/{admin.person.id}"
    assert is_problem(await admin.delete(mine), 409, "last-admin")
    assert is_problem(await admin.put(mine, json={"role": "operator"}), 409, "last-admin")
    said = {"email": admin.person.email, "role": "wall"}
    assert is_problem(await admin.post(people, json=said), 409, "last-admin")
    await accounts.person(Role.ADMIN)
    assert (await admin.delete(mine)).status_code == 204


async def test_two_admins_who_remove_each_other_at_once_leave_one(accounts, world):
    first, second = await accounts.person(Role.ADMIN), await accounts.person(Role.ADMIN)
    ends = [accounts.members.end(world.name, one.id) for one in (first, second)]
    await asyncio.gather(*ends, return_exceptions=True)
    assert [one.role for one in await accounts.members.of(world.name)] == [Role.ADMIN]


async def test_no_admin_becomes_one_who_belongs_to_another_territory(accounts, admin, people, world):
    foreign = await accounts.person(Role.ADMIN, territory=f"{world.name}-2")
    told = (await admin.post(people, json={"email": foreign.email, "role": "maraude"})).json()
    assert (told["link"], told["link_expires_at"]) == (None, None)
    assert is_problem(await admin.post(f"{people}/{foreign.id}/link"), 403, "not-allowed")
    assert (await accounts.people.grants_of(foreign.id))[f"{world.name}-2"].role is Role.ADMIN


async def test_a_new_link_is_for_one_of_the_territory_only(accounts, admin, people, world):
    foreign = await accounts.person(Role.MARAUDE, territory=f"{world.name}-2")
    assert is_problem(await admin.post(f"{people}/{foreign.id}/link"), 404, "unknown-person")
    assert is_problem(await admin.put(f"{people}/{foreign.id}", json={"role": "wall"}), 404, "unknown-person")
    assert is_problem(await admin.delete(f"{people}/{foreign.id}"), 404, "unknown-person")
    assert is_problem(await admin.delete(f"{people}/{new_id()}"), 404, "unknown-person")
    assert is_problem(await admin.delete(f"{people}/nobody"), 404, "unknown-person")


async def test_a_new_link_signs_in_who_has_forgotten_the_password(accounts, admin, people):
    person = await accounts.person()
    answer = await admin.post(f"{people}/{person.id}/link")
    assert answer.status_code == 201
    async with accounts.client() as theirs:
        assert (await redeem(theirs, answer.json()["link"])).status_code == 200
        said = {"password": "sept barques sous la lune"}
        assert (await theirs.put("/v1/me/password", json=said)).status_code == 204


@pytest.mark.parametrize(
    "said",
    [
        {"role": "staff"},
        {"role": "maraude", "sites": ["halte"]},
        {"role": "staff", "sites": ["elsewhere"]},
        {"role": "public"},
        {"role": "integration", "sites": ["halte"]},
        {"role": "staff", "sites": ["halte"], "name": "Claire"},
    ],
)
async def test_a_role_that_makes_no_sense_is_refused_and_nobody_is_made(admin, people, said):
    before = emails(await admin.get(people))
    assert is_problem(await admin.post(people, json={"email": "a@b.fr", **said}), 422, "invalid-body")
    assert emails(await admin.get(people)) == before
