"""The search for free places over HTTP."""

import asyncio

import pytest

from tests.web_fixtures import is_problem
from tests.world import new_id, report, site

NEAR = "48.8566,2.3522"


def pool(pool_id, audience="women", **said):
    return {"id": pool_id, "audience": audience, "capacity": 10, **said}


@pytest.fixture
async def city(world, client):
    """A night halte that is open, a day centre, a protected shelter and a hotel with rooms; its address."""
    near, there = {"lat": 48.8566, "lon": 2.3522}, {"lat": 48.8443, "lon": 2.3744}
    await world.put(
        site("halte", pool("halte.women", traits=["pets"]), name="Halte", address="5 rue de Lobau", phone="115",
             position=near, opening_hours="Mo-Su 19:00-08:00", kind="night_halte")
    )  # fmt: skip
    await world.put(site("day", pool("day.women"), kind="day_centre"))
    await world.put(site("refuge", pool("refuge.women"), kind="shelter", visibility="protected", position=there))
    await world.put(site("hotel", pool("hotel.f", "families", unit="room", sleeps=3), kind="social_hotel"))
    for pool_id in ("halte.women", "day.women", "refuge.women", "hotel.f"):
        await world.post(report("count", pool_id, occupied=4))
    address = f"/v1/territories/{world.name}/availability"
    async with asyncio.timeout(5):
        while (await client.get(address, params={"women": 1})).json()["options"][0]["freshness"] != "fresh":
            await asyncio.sleep(0.01)
    return address


async def sites(client, address, **query):
    answer = await client.get(address, params=query)
    assert answer.status_code == 200, answer.text
    return [option["site"]["id"] for option in answer.json()["options"]]


async def test_the_answer_has_the_shape_of_the_contract(client, city):
    answer = await client.get(city, params={"women": 2, "near": NEAR, "limit": 1})
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "options": [
            {
                "site": {
                    "id": "halte", "name": "Halte", "kind": "night_halte", "phone": "115", "address": "5 rue de Lobau",
                    "position": {"lat": 48.8566, "lon": 2.3522}, "visibility": "public",
                },
                "lines": [
                    {
                        "pool": "halte.women", "places": 2, "unit": "place", "audience": "women", "sleeps": None,
                        "free": 6, "free_for_you": 6, "observed_at": "2026-11-22T22:41:07.120Z", "freshness": "fresh",
                    }
                ],
                "persons": 2,
                "certainty": "certain",
                "freshness": "fresh",
                "distance_m": 0,
                "walk": {"minutes": 0, "estimate": True},
                "opening": {"state": "open", "at": "2026-11-22T22:41:07.120Z"},
                "why": ["right_audience", "one_pool", "fresh", "open_at_arrival", "nearest"],
            }
        ],
        "found": 2,
        "unfiltered": 2,
        "searched": 3,
        "note": None,
        "first_because": {"code": "nearer", "first": 0, "second": 2123},
        "server_time": "2026-11-22T22:41:07.120Z",
    }  # fmt: skip


async def test_the_lines_of_an_option_can_be_held_as_they_are(client, city):
    option = (await client.get(city, params={"women": 1, "children": 3})).json()["options"][0]
    assert [(line["pool"], line["places"]) for line in option["lines"]] == [("hotel.f", 2)]
    lines = [{"pool": line["pool"], "places": line["places"]} for line in option["lines"]]
    body = {"id": new_id(), "lines": lines, "minutes": 45}
    held = await client.post(city.replace("availability", "holds"), json=body)
    assert held.status_code == 201, held.text
    async with asyncio.timeout(5):
        while True:
            options = (await client.get(city, params={"women": 1, "children": 3})).json()["options"]
            if options[0]["lines"][0]["free"] == 4:
                break
            await asyncio.sleep(0.01)


async def test_the_query_chooses(client, city):
    assert await sites(client, city, women=1) == ["halte", "refuge"]
    assert await sites(client, city, women=1, stay="day") == ["halte", "day", "refuge"]
    assert await sites(client, city, women=1, pets=1) == ["halte"]
    assert await sites(client, city, women=1, pets="true", wheelchair=0) == ["halte"]
    assert await sites(client, city, women=1, wheelchair="true") == []
    assert await sites(client, city, women=1, near="48.8443,2.3744") == ["refuge", "halte"]
    assert await sites(client, city, women=1, limit=1, unheard_of=1) == ["halte"]
    empty = (await client.get(city, params={"men": 3})).json()
    assert (empty["options"], empty["note"], empty["first_because"]) == ([], "nothing_fits", None)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("", "women"),
        ("women=0&men=0", "women"),
        ("women=-1", "women"),
        ("men=51", "men"),
        ("children=1.5", "children"),
        ("women=1&women=1", "women"),
        ("women=%00", "women"),
        ("women=1&pets=2", "pets"),
        ("women=1&babies=", "babies"),
        ("women=1&limit=0", "limit"),
        ("women=1&limit=101", "limit"),
        ("women=1&channel=samu", "channel"),
        ("women=1&stay=week", "stay"),
        ("women=1&near=", "near"),
        ("women=1&near=48.8", "near"),
        ("women=1&near=90.1,2.3", "near"),
        ("women=1&near=48.8,180.5", "near"),
        ("women=1&near=nan,nan", "near"),
        ("women=1&near=48.8,2.3,1", "near"),
        ("women=1&near=%D9%A4%D9%A8,2", "near"),
    ],
)
async def test_a_query_of_the_wrong_shape_is_told_where(client, city, query, name):
    answer = await client.get(f"{city}?{query}")
    assert is_problem(answer, 422, "invalid-query")
    assert [error["loc"] for error in answer.json()["errors"]] == [[name]]


async def test_an_unknown_territory_is_404(client, city):
    assert is_problem(await client.get("/v1/territories/nowhere/availability?women=1"), 404, "unknown-territory")
    assert is_problem(await client.get("/v1/territories/NO%20SLUG/availability?women=1"), 404, "unknown-territory")


async def test_an_empty_search_is_counted_in_the_ledger(client, city, world):
    answer = await client.get(city, params={"men": 1, "babies": 1})
    assert answer.json()["options"] == []
    (command,) = [one for one in await world.commands() if one["type"] == "search_empty"]
    assert (command["party"], command["needs"], command["channel"]) == (
        {"women": 0, "men": 1, "children": 0}, ["babies"], "115",
    )  # fmt: skip
