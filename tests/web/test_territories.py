"""Whether everybody may read a territory, and who did what there."""

import pytest

from capacity.board.access import Caller, Grant
from capacity.services.admitting import Admitting
from capacity.store.credentials import CredentialKind
from capacity.vocabulary.acts import Act
from capacity.vocabulary.roles import Role
from tests.web_fixtures import is_problem
from tests.world import HOUR_MS, new_id, rfc3339, site

SITE = {"name": "Halte", "kind": "women_halte", "pools": [{"id": "halte.women", "audience": "women", "capacity": 39}]}


@pytest.fixture
def base(world):
    return f"/v1/territories/{world.name}"


async def let_in(world, role, kind=CredentialKind.TOKEN, label="planning of the city"):
    """The headers of somebody with this role, and the id of the credential."""
    admission = await Admitting(world.credentials, clock=world.clock).admit(
        kind, label, lasts=None, grants={world.name: Grant(role)}
    )
    return {"authorization": f"Bearer {admission.secret}"}, admission.credential


async def events(client, base, **query):
    return (await client.get(f"{base}/audit", params=query)).json()["events"]


async def test_edits_of_the_registry_are_noted_with_who_made_them(client, world, base):
    admin, _ = await let_in(world, Role.ADMIN)
    await client.put(f"{base}/sites/halte", json=SITE, headers=admin)
    await client.delete(f"{base}/sites/halte", headers=admin)
    closed, put = await events(client, base)
    actor = {"role": "admin", "kind": "token", "label": "planning of the city"}
    assert (put["actor"], put["action"], put["subject"]) == (actor, "site_put", "halte")
    assert (closed["actor"], closed["action"], closed["subject"]) == (actor, "site_closed", "halte")
    assert put["at"] == rfc3339(world.clock.now_ms)


async def test_a_site_put_as_it_is_already_is_no_act(client, base):
    await client.put(f"{base}/sites/halte", json=SITE)
    await client.put(f"{base}/sites/halte", json=SITE)
    assert len(await events(client, base)) == 1


async def test_what_was_refused_is_not_noted(client, world, base):
    await client.put(f"{base}/sites/halte", json=SITE)
    taken = await client.put(f"{base}/sites/other", json=SITE)
    assert is_problem(taken, 409, "pool-taken")
    assert is_problem(await client.delete(f"{base}/sites/nowhere"), 404, "unknown-site")
    assert [event["subject"] for event in await events(client, base)] == ["halte"]


async def test_a_person_is_noted_without_a_label(client, world, base):
    await world.put(site())
    admin, _ = await let_in(world, Role.ADMIN, label="Firefox of Jeanne")
    async with world.database.connection() as postgres:
        person = new_id()
        await postgres.execute(
            "INSERT INTO people (person, email, created_at, second_factor_waived) VALUES ($1, 'j@test', now(), true)",
            person,
        )
        await postgres.execute("UPDATE credentials SET person = $1, kind = 'session'", person)
        await postgres.execute("UPDATE grants SET holder = $1", person)
    await world.doorkeeper.look()
    assert (await client.put(f"{base}/publicity", json={"is_public": False}, headers=admin)).status_code == 200
    (event,) = await events(client, base)
    assert event["actor"] == {"role": "admin", "kind": "session", "label": ""}


async def test_a_territory_is_opened_and_closed_to_everybody(client, world, base):
    await world.put(site())
    before = (await client.get(f"{base}/sites")).headers["etag"]
    told = {"id": world.name, "name": world.name}
    assert (await client.get(base)).json() == {"territory": {**told, "is_public": True}}
    closed = await client.put(f"{base}/publicity", json={"is_public": False})
    assert closed.json() == (await client.get(base)).json() == {"territory": {**told, "is_public": False}}
    assert (await client.get(f"{base}/sites")).headers["etag"] != before
    await client.put(f"{base}/publicity", json={"is_public": False})
    await client.put(f"{base}/publicity", json={"is_public": True})
    acts = [(event["action"], event["subject"]) for event in await events(client, base)]
    assert acts == [("territory_public", ""), ("territory_private", "")]


async def test_only_an_admin_reads_the_audit_or_opens_a_territory(client, world, base):
    await world.put(site())
    for role in set(Role) - {Role.ADMIN, Role.PUBLIC}:
        headers, _ = await let_in(world, role)
        assert is_problem(await client.get(f"{base}/audit", headers=headers), 403, "not-allowed"), role
        answer = await client.put(f"{base}/publicity", json={"is_public": True}, headers=headers)
        assert is_problem(answer, 403, "not-allowed"), role
        assert (await client.get(base, headers=headers)).status_code == 200


async def test_the_audit_is_read_page_by_page(client, world, base):
    await world.put(site())
    who = Caller("test")
    for number in range(5):
        await world.auditing.note(who, world.name, Act.DEVICE_REVOKED, str(number))
    first = await events(client, base, limit=2)
    then = await events(client, base, limit=2, before=first[-1]["id"])
    assert [event["subject"] for event in first + then] == ["4", "3", "2", "1"]
    for wrong in ({"limit": 0}, {"limit": 501}, {"before": -1}, {"before": 2**63}):
        assert is_problem(await client.get(f"{base}/audit", params=wrong), 422, "invalid-query")


async def test_an_audit_is_of_one_territory(client, world, base):
    await world.put(site())
    await world.auditing.note(Caller("test"), "elsewhere", Act.SITE_CLOSED, "there")
    assert await events(client, base) == []
    for address in (base.replace(world.name, "nowhere"), f"{base.replace(world.name, 'nowhere')}/audit"):
        assert is_problem(await client.get(address), 404, "unknown-territory")


async def test_a_protected_address_read_again_and_again_is_noted_once_an_hour(client, world, base):
    await world.put(site())
    _, credential = await let_in(world, Role.OPERATOR, CredentialKind.DEVICE, "console 3")
    reader = Caller(credential, credential, {world.name: Grant(Role.OPERATOR)})
    await world.auditing.note_read(reader, world.name, ["refuge", "abri"])
    await world.auditing.note_read(reader, world.name, ["refuge", "abri"])
    await world.auditing.note_read(Caller("other"), world.name, ["abri"])
    world.clock.forward(HOUR_MS)
    await world.auditing.note_read(reader, world.name, ["abri"])
    noted = [(event["actor"]["label"], event["subject"]) for event in await events(client, base)]
    assert noted == [("console 3", "abri"), ("", "abri"), ("console 3", "refuge"), ("console 3", "abri")]
    assert {event["action"] for event in await events(client, base)} == {"protected_read"}
