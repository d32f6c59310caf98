"""A canary in every field of a protected site: nobody who may not know it ever hears it, by any address. Law 10."""

import json
from itertools import product

import pytest
from starlette.routing import Route
from websockets.asyncio.client import connect

from capacity.vocabulary.roles import Role
from tests.access.conftest import KNOW_THE_REFUGE, REFUGE, ROLES, SECRET_FAMILIES, SECRET_POOL, TELLTALES
from tests.serving import app_on
from tests.world import command_id, new_id, report, site

OUTSIDERS = [who for who in ROLES if who not in KNOW_THE_REFUGE] + ["public"]


def leaks(text):
    return [word for word in TELLTALES if word in text]


@pytest.fixture
async def addresses(city):
    async with app_on(city) as app:
        return [route for route in app.routes if isinstance(route, Route) and "GET" in route.methods]


@pytest.fixture
async def hold(client, city, keys):
    """Places that the 115 holds at the refuge."""
    body = {"id": command_id(777_777), "lines": [{"pool": SECRET_POOL, "places": 1}], "minutes": 45}
    desk = await keys.of(Role.OPERATOR)
    answer = await client.post(f"/v1/territories/{city.name}/holds", json=body, headers=desk)
    assert answer.status_code == 201, answer.text
    return body["id"]


async def key_of(keys, who):
    if who == "public":
        return {}
    role, *sites = ROLES[who]
    return await keys.of(role, *sites)


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_no_answer_names_it(addresses, client, city, keys, hold, who, capfd):
    headers = await key_of(keys, who)
    names = {
        "site": [REFUGE, "halte", "none"],
        "pool": [SECRET_POOL, SECRET_FAMILIES, "halte.women"],
        "hold": [hold, command_id(1)],
        "session": [command_id(1)], "device": [command_id(1)], "user_code": ["K7F2-R9M4"], "provider": ["none"],
        "name": ["none.js"], "person": [command_id(1)], "request": [command_id(1)],
    }  # fmt: skip
    found, asked = [], 0
    for route in addresses:
        wanted = [name for name in names if "{" + name in route.path]
        for values in product(*(names[name] for name in wanted)):
            path = route.path.replace(":path", "").format(territory=city.name, **dict(zip(wanted, values, strict=True)))
            for query in ("", "?women=1&children=1", f"?site={REFUGE}", "?limit=0"):
                answer = await client.get(path + query, headers=headers)
                asked += 1
                assert answer.status_code < 500, (path, answer.status_code)
                said = answer.text + json.dumps(dict(answer.headers))
                if leaks(said):
                    found.append((path + query, answer.status_code, leaks(said)))
    assert found == []
    assert asked > 100
    logged = capfd.readouterr()
    assert leaks(logged.out + logged.err) == []


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_no_write_is_answered_with_it(client, city, keys, hold, who):
    headers, base = await key_of(keys, who), f"/v1/territories/{city.name}"
    writes = [
        ("POST", "/reports", {"reports": [report("count", SECRET_POOL, occupied=1)]}),
        ("POST", "/reports", {"reports": [report("confirmation", SECRET_POOL, seq=1)]}),
        ("POST", "/holds", {"id": new_id(), "lines": [{"pool": SECRET_POOL, "places": 1}], "minutes": 45}),
        ("POST", f"/holds/{hold}/arrival", {"id": new_id()}),
        ("POST", f"/holds/{hold}/address", {"id": new_id()}),
        ("POST", f"/holds/{hold}/acceptance", {"id": new_id()}),
        ("POST", f"/holds/{hold}/release", {"id": new_id(), "reason": "cancelled"}),
        ("PUT", f"/pools/{SECRET_POOL}/contingents", {"contingents": []}),
        ("PUT", f"/sites/{REFUGE}", {"name": "x", "kind": "shelter", "pools": []}),
        ("PUT", "/sites/mine", {"name": "x", "kind": "shelter", "pools": [{"id": SECRET_POOL, "audience": "women",
                                                                            "capacity": 1}]}),
        ("DELETE", f"/sites/{REFUGE}", None),
    ]  # fmt: skip
    before = (await city.rows())[SECRET_POOL]
    for method, path, body in writes:
        answer = await client.request(method, base + path, json=body, headers=headers)
        for name in (SECRET_POOL, REFUGE):  # what was sent may be named again, and nothing else
            assert leaks(answer.text.replace(name, "")) == [], (method, path, answer.text)
    assert (await city.rows())[SECRET_POOL] == before


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_no_frame_of_the_feed_names_it(city, keys, served, who):
    headers = await key_of(keys, who)
    url = f"ws{served.url[4:]}/v1/territories/{city.name}/feed"
    heard = []
    async with (
        connect(url, additional_headers=headers) as feed,
        connect(f"{url}?since=0&epoch=x", additional_headers=headers) as other,
    ):
        heard += [await feed.recv(), await other.recv()]
        await city.post(report("count", SECRET_POOL, occupied=2), report("movement", SECRET_FAMILIES, delta=1))
        await city.put(site(REFUGE, SECRET_POOL, visibility="protected", name="Maison Canary bis"))
        city.clock.forward(3_000)
        last = await city.post(report("count", "halte.women", occupied=9))
        while json.loads(heard[-1])["seq"] < last[0]["seq"]:
            heard.append(await feed.recv())
    assert leaks("".join(heard)) == []


async def test_the_measures_of_the_service_do_not_tell_of_it(client, city):
    assert leaks((await client.get("/metrics")).text) == []
    assert 'kind="family_halte"' not in (await client.get("/metrics")).text  # its kind is nobody else's here
