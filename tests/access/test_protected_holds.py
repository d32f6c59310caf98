"""A hold at a protected site: the team waits for the site, and is told the address once. Law 10."""

import pytest

from capacity.vocabulary.roles import Role
from tests.access.conftest import REFUGE, SECRET_POOL, TELLTALES
from tests.web_fixtures import is_problem
from tests.world import HOUR_MS, new_id


class Party:
    """Somebody with a key, who asks about holds."""

    def __init__(self, client, city, headers):
        self.client, self.base, self.headers = client, f"/v1/territories/{city.name}", headers

    async def hold(self, pool, places=1, **more):
        body = {"id": new_id(), "lines": [{"pool": pool, "places": places}], "minutes": 45, **more}
        return await self.client.post(f"{self.base}/holds", json=body, headers=self.headers)

    async def act(self, hold, verb, command=None, **more):
        body = {"id": command or new_id(), **more}
        return await self.client.post(f"{self.base}/holds/{hold}/{verb}", json=body, headers=self.headers)

    async def get(self, path):
        return await self.client.get(f"{self.base}/{path}", headers=self.headers)

    async def opaque(self):
        """The id of the refuge's women's pool, as this one sees it."""
        rows = (await self.get("board")).json()["rows"]
        return next(row["pool"] for row in rows if row["capacity"] == 12)


@pytest.fixture
async def team(client, city, keys):
    return Party(client, city, await keys.of(Role.MARAUDE))


@pytest.fixture
async def other_team(client, city, keys):
    return Party(client, city, await keys.of(Role.MARAUDE))


@pytest.fixture
async def refuge(client, city, keys):
    return Party(client, city, await keys.of(Role.STAFF, REFUGE))


@pytest.fixture
async def desk(client, city, keys):
    return Party(client, city, await keys.of(Role.OPERATOR))


async def held(team):
    answer = await team.hold(await team.opaque(), 2)
    assert answer.status_code == 201, answer.text
    return answer.json()["hold"]


async def test_the_places_are_kept_at_once_and_the_site_decides(team, refuge, city):
    hold = await held(team)
    assert hold["acceptance"] == "pending"
    assert (await city.rows())[SECRET_POOL]["held"] == 2
    assert is_problem(await team.act(hold["id"], "address"), 409, "not-accepted")
    [waiting] = (await refuge.get("holds")).json()["holds"]
    assert (waiting["id"], waiting["lines"]) == (hold["id"], [{"pool": SECRET_POOL, "places": 2}])
    accepted = (await refuge.act(hold["id"], "acceptance")).json()["hold"]
    assert accepted["acceptance"] == "accepted"
    assert (await team.get(f"holds/{hold['id']}")).json()["hold"]["acceptance"] == "accepted"
    assert [command["type"] for command in await city.commands()][-2:] == ["hold_created", "hold_accepted"]


async def test_the_address_is_told_once_to_the_team_that_holds(team, other_team, desk):
    hold = await held(team)
    await desk.act(hold["id"], "acceptance")
    assert is_problem(await other_team.act(hold["id"], "address"), 404, "unknown-hold")
    command = new_id()
    told = await team.act(hold["id"], "address", command)
    assert told.json()["site"] == {
        "id": REFUGE, "name": "Maison Canary", "address": "7 rue du Canary, 75011 Paris", "phone": "01 99 00 77 77",
        "position": {"lat": 48.8531337, "lon": 2.3791337}, "opening_hours": "Mo-Su 17:17-07:07",
    }  # fmt: skip
    assert (await team.act(hold["id"], "address", command)).json() == told.json()
    assert is_problem(await team.act(hold["id"], "address"), 409, "address-given")


async def test_an_address_is_not_told_when_the_hold_has_ended(team, refuge, city):
    hold = await held(team)
    await refuge.act(hold["id"], "acceptance")
    command = new_id()
    assert (await team.act(hold["id"], "address", command)).status_code == 200
    city.clock.forward(HOUR_MS)
    answer = await team.act(hold["id"], "address", command)
    assert is_problem(answer, 409, "hold-ended")
    assert not any(word in answer.text for word in TELLTALES)


async def test_a_site_that_refuses_frees_the_places(team, refuge, city):
    hold = await held(team)
    await refuge.act(hold["id"], "release", reason="refused")
    assert (await city.rows())[SECRET_POOL]["held"] == 0
    assert is_problem(await team.act(hold["id"], "address"), 409, "hold-ended")


async def test_accepting_twice_is_accepting_once(team, refuge, city):
    hold = await held(team)
    await refuge.act(hold["id"], "acceptance")
    seq = await city.seq()
    again = await refuge.act(hold["id"], "acceptance")
    assert (again.status_code, again.json()["hold"]["acceptance"]) == (200, "accepted")
    assert await city.seq() == seq


async def test_nothing_that_the_team_is_told_names_the_site(team):
    opaque = await team.opaque()
    hold = await held(team)
    answers = [
        await team.get(f"holds/{hold['id']}"),
        await team.get("holds"),
        await team.get("availability?women=1"),
        await team.get(f"pools/{opaque}/explanation"),
        await team.hold(opaque, 50),
        await team.hold(SECRET_POOL),
        await team.act(hold["id"], "arrival", lines=[{"pool": opaque, "places": 1}]),
        await team.act(hold["id"], "extension", minutes=5),
    ]
    for answer in answers:
        assert not any(word in answer.text for word in TELLTALES), answer.text
    assert is_problem(answers[5], 404, "unknown-pool")
    assert answers[2].json()["options"][0]["site"]["name"] in {"Halte", "Foyer"}
    assert any(option["site"]["name"] == "Site protégé" for option in answers[2].json()["options"])


async def test_an_operator_holds_there_without_asking(desk):
    answer = await desk.hold(SECRET_POOL)
    assert (answer.status_code, answer.json()["hold"]["acceptance"]) == (201, None)


async def test_a_role_promises_for_its_own_channel(team, refuge, desk):
    assert (await team.hold("halte.women")).json()["hold"]["channel"] == "maraude"
    assert is_problem(await team.hold("halte.women", channel="115"), 403, "not-allowed")
    assert (await refuge.hold(SECRET_POOL)).json()["hold"]["channel"] == "site"
    assert is_problem(await desk.hold("halte.women", channel="maraude"), 403, "not-allowed")
    assert is_problem(await team.get("availability?women=1&channel=115"), 403, "not-allowed")


async def test_staff_hold_and_end_only_at_their_own_site(refuge, desk, team):
    assert is_problem(await refuge.hold("halte.women"), 403, "not-allowed")
    elsewhere = (await desk.hold("halte.women")).json()["hold"]
    assert is_problem(await refuge.act(elsewhere["id"], "arrival"), 404, "unknown-hold")
    assert is_problem(await refuge.get(f"holds/{elsewhere['id']}"), 404, "unknown-hold")
    hold = await held(team)
    assert (await refuge.act(hold["id"], "arrival")).json()["hold"]["state"] == "arrived"


async def test_a_team_sees_and_ends_only_what_it_holds(team, other_team):
    hold = await held(team)
    assert (await other_team.get("holds")).json() == {"holds": []}
    assert is_problem(await other_team.act(hold["id"], "release", reason="cancelled"), 404, "unknown-hold")
    assert [one["id"] for one in (await team.get("holds")).json()["holds"]] == [hold["id"]]
    assert (await team.act(hold["id"], "release", reason="cancelled")).json()["hold"]["state"] == "released"


async def test_who_was_told_where_it_is_stands_in_the_audit(client, city, keys, team, refuge):
    hold = await held(team)
    await refuge.act(hold["id"], "acceptance")
    await team.act(hold["id"], "address")
    operator = await keys.of(Role.OPERATOR)
    for _ in range(2):  # once an hour is enough
        await client.get(f"/v1/territories/{city.name}/sites", headers=operator)
    admin = await keys.of(Role.ADMIN)
    events = (await client.get(f"/v1/territories/{city.name}/audit", headers=admin)).json()["events"]
    told = [(one["action"], one["actor"]["role"], one["subject"]) for one in events]
    assert ("hold_accepted", "staff", hold["id"]) in told
    assert ("address_given", "maraude", REFUGE) in told
    assert told.count(("protected_read", "operator", REFUGE)) == 1
