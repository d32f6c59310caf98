"""What each kind of viewer sees of a territory with a protected site. Law 10."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect

from capacity.errors import LedgerUnavailable
from capacity.vocabulary.roles import Role
from tests.access.conftest import KNOW_THE_REFUGE, REFUGE, ROLES, SECRET_POOL
from tests.web_fixtures import is_problem
from tests.world import report, site


async def board(client, city, headers=None, **query):
    answer = await client.get(f"/v1/territories/{city.name}/board", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def reached(client, city, headers=None):
    """The board once it has all that the store has."""
    seq = await city.seq()
    while True:
        told = await board(client, city, headers)
        if told["seq"] >= seq:
            return told


def pools(told):
    return {row["pool"] for row in told["rows"]}


def masked(told):
    return [row for row in told["rows"] if row["pool"].startswith("protege-")]


async def news(feed):
    """The next message that brings rows."""
    async with asyncio.timeout(20):
        while True:
            told = json.loads(await feed.recv())
            if told["rows"]:
                return told


@pytest.mark.parametrize("who", ROLES)
async def test_a_protected_pool_is_named_only_to_who_may_know_it(client, city, keys, who):
    role, *sites = ROLES[who]
    told = await reached(client, city, await keys.of(role, *sites))
    assert (SECRET_POOL in pools(told)) is (who in KNOW_THE_REFUGE)


@pytest.mark.parametrize("who", ["maraude", "wall", "staff"])
async def test_the_others_see_its_numbers_under_an_id_that_tells_nothing(client, city, keys, who):
    role, *sites = ROLES[who]
    told = await reached(client, city, await keys.of(role, *sites))
    assert sorted((row["capacity"], row["occupied"], row["free"]) for row in masked(told)) == [(3, 1, 2), (12, 6, 6)]
    for row in masked(told):
        assert row["site"] == row["pool"]  # nor that two of them are at one address


async def test_the_opaque_id_is_the_same_for_all_and_for_good(client, city, keys):
    first = masked(await reached(client, city, await keys.of(Role.MARAUDE)))
    await city.post(report("count", SECRET_POOL, occupied=7))
    second = masked(await reached(client, city, await keys.of(Role.WALL)))
    assert {row["pool"] for row in first} == {row["pool"] for row in second}


async def test_a_system_sees_only_its_own_sites(client, city, keys):
    assert pools(await reached(client, city, await keys.of(Role.INTEGRATION, "halte"))) == {"halte.women"}
    assert pools(await reached(client, city, await keys.of(Role.INTEGRATION, "foyer"))) == {"foyer.women"}


async def test_the_public_sees_public_sites_and_nothing_of_the_others(client, city):
    told = await reached(client, city)
    assert pools(told) == {"halte.women"}
    sites = (await client.get(f"/v1/territories/{city.name}/sites")).json()["sites"]
    assert [one["id"] for one in sites] == ["halte"]


async def test_a_territory_may_keep_the_public_out(client, city, database):
    import asyncpg

    connection = await asyncpg.connect(database)
    await connection.execute("UPDATE territories SET is_public = false WHERE territory = $1", city.name)
    await connection.close()
    city.directories.doubt(city.name)
    for path in ("board", "sites", "sites/halte"):
        assert is_problem(await client.get(f"/v1/territories/{city.name}/{path}"), 401, "not-signed-in")


async def test_a_reader_follows_what_its_view_shows(city, keys, served):
    headers = await keys.of(Role.MARAUDE)
    url = f"ws{served.url[4:]}/v1/territories/{city.name}/feed"
    async with connect(url, additional_headers=headers) as feed:
        first = json.loads(await feed.recv())
        assert first["complete"]
        assert len(masked(first)) == 2
        await city.post(report("count", SECRET_POOL, occupied=9))
        told = await news(feed)
        assert [(row["occupied"], row["pool"].startswith("protege-")) for row in told["rows"]] == [(9, True)]
        await city.put(site(REFUGE, visibility="protected"))  # both of its pools leave the board
        gone = {}
        while len(gone) < 2:
            gone |= {row["pool"]: row.get("gone") for row in (await news(feed))["rows"]}
        assert gone == {row["pool"]: True for row in masked(first)}


async def test_a_site_that_becomes_protected_is_taken_back_by_a_complete_board(city, keys, served):
    headers = await keys.of(Role.MARAUDE)
    url = f"ws{served.url[4:]}/v1/territories/{city.name}/feed"
    async with connect(url, additional_headers=headers) as feed:
        first = json.loads(await feed.recv())
        assert "halte.women" in pools(first)
        await city.put(site("halte", "halte.women", visibility="protected"))
        city.clock.forward(3_000)
        city.directories.doubt(city.name)
        while True:
            told = json.loads(await feed.recv())
            if told["complete"]:
                break
        assert "halte.women" not in pools(told)
        assert len(masked(told)) == 3
    resumed = f"{url}?since={first['seq']}&epoch={first['epoch']}"
    async with connect(resumed, additional_headers=headers) as feed:
        assert json.loads(await feed.recv())["complete"]


async def test_a_row_waits_until_it_is_known_whose_it_is(city, keys, served, monkeypatch):
    """The board may be ahead of the registry as we know it: then nobody but who sees everything is told."""
    headers = await keys.of(Role.MARAUDE)
    operator = await keys.of(Role.OPERATOR)
    url = f"ws{served.url[4:]}/v1/territories/{city.name}/feed"
    standing = city.registry.standing

    async def away(_territory):
        raise LedgerUnavailable

    async with connect(url, additional_headers=headers) as team, connect(url, additional_headers=operator) as desk:
        first, _ = json.loads(await team.recv()), await desk.recv()
        monkeypatch.setattr(city.registry, "standing", away)
        await city.put(site("abri", {"id": "abri.women", "capacity": 2}, visibility="protected"))
        await city.post(report("count", "halte.women", occupied=8))
        seen = {}
        while "halte.women" not in seen:
            seen |= {row["pool"]: row for row in (await news(desk))["rows"]}
        assert "abri.women" in seen
        monkeypatch.setattr(city.registry, "standing", standing)
        told = {}
        while "halte.women" not in told:
            message = await news(team)
            told |= {row["pool"]: row for row in message["rows"]}
        assert "abri.women" not in told
        assert len([pool for pool in told if pool.startswith("protege-")]) >= 1
        assert first["epoch"] != message["epoch"] or message["since"] is not None


async def test_staff_of_a_protected_site_see_it_as_it_is_and_no_other(client, city, keys):
    await city.put(site("abri", {"id": "abri.women", "capacity": 2}, visibility="protected"))
    headers = await keys.of(Role.STAFF, REFUGE)
    told = await reached(client, city, headers)
    assert SECRET_POOL in pools(told)
    assert [row["capacity"] for row in masked(told)] == [2]
    sites = (await client.get(f"/v1/territories/{city.name}/sites", headers=headers)).json()["sites"]
    assert sorted(one["name"] for one in sites) == ["Foyer", "Halte", "Maison Canary", "Site protégé"]


async def test_the_list_of_sites_has_a_label_and_what_a_search_needs_of_a_protected_pool(client, city, keys):
    headers = await keys.of(Role.MARAUDE)
    sites = (await client.get(f"/v1/territories/{city.name}/sites", headers=headers)).json()["sites"]
    rooms = next(one for one in sites if one["pools"][0]["unit"] == "room")
    assert rooms | {"id": "", "pools": []} == {
        "id": "", "name": "Site protégé", "kind": "shelter", "visibility": "protected", "address": None,
        "position": None, "phone": None, "opening_hours": None, "organisation": None, "pools": [],
    }  # fmt: skip
    assert [(pool["sleeps"], pool["audience"], pool["capacity"]) for pool in rooms["pools"]] == [(4, "families", 3)]


async def test_a_protected_site_and_one_that_never_was_are_answered_the_same(client, city, keys):
    headers = await keys.of(Role.MARAUDE)
    base = f"/v1/territories/{city.name}"
    for path in ("sites/{}", "holds?site={}", "pools/{}.women/explanation"):
        known, unknown = [await client.get(f"{base}/{path.format(name)}", headers=headers) for name in (REFUGE, "none")]
        assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
        assert known.status_code == 404


async def test_every_view_has_a_tag_of_its_own(client, city, keys):
    address = f"/v1/territories/{city.name}/sites"
    tags = {(await client.get(address, headers=await keys.of(*ROLES[who]))).headers["etag"] for who in ROLES}
    assert len(tags) == 5  # admin and operator see the same, and so do maraude, wall and the staff of the halte
