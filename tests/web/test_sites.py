"""The registry over HTTP."""

import json

import pytest

from tests.web_fixtures import is_problem

SITE = {
    "id": "halte",
    "name": "Halte",
    "kind": "women_halte",
    "pools": [{"id": "halte.women", "audience": "women", "capacity": 39}],
}


@pytest.fixture
def address(world):
    return f"/v1/territories/{world.name}/sites"


async def test_the_first_site_opens_the_territory(client, world, address):
    assert (await client.get("/v1/territories")).json() == {"territories": []}
    answer = await client.put(f"{address}/halte", json=SITE)
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{address}/halte"
    assert answer.json()["pools"][0]["fresh_for"] == 7200
    assert [known["id"] for known in (await client.get("/v1/territories")).json()["territories"]] == [world.name]


async def test_a_site_is_replaced_with_200_and_told_as_it_is_now(client, address):
    await client.put(f"{address}/halte", json=SITE)
    answer = await client.put(f"{address}/halte", json={**SITE, "name": "Halte de l'Hôtel de Ville"})
    assert answer.status_code == 200
    assert (await client.get(f"{address}/halte")).json() == answer.json()
    assert (await client.get(address)).json() == {"sites": [answer.json()]}


async def test_the_id_may_be_left_to_the_address(client, address):
    answer = await client.put(f"{address}/halte", json={key: SITE[key] for key in SITE if key != "id"})
    assert answer.status_code == 201
    assert answer.json()["id"] == "halte"


async def test_another_id_than_the_addresss_is_refused(client, address):
    answer = await client.put(f"{address}/other", json=SITE)
    assert is_problem(answer, 422, "invalid-body")
    assert answer.json()["errors"][0]["loc"] == ["id"]


async def test_a_closed_site_is_gone_for_good(client, world, address):
    await client.put(f"{address}/halte", json=SITE)
    answer = await client.delete(f"{address}/halte")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await client.get(address)).json() == {"sites": []}
    assert is_problem(await client.get(f"{address}/halte"), 404, "unknown-site")
    assert is_problem(await client.delete(f"{address}/halte"), 404, "unknown-site")
    board = (await client.get(f"/v1/territories/{world.name}/board")).json()
    assert all(row.get("gone") for row in board["rows"])


async def test_a_reader_that_has_the_sites_gets_304_until_an_edit(client, address):
    await client.put(f"{address}/halte", json=SITE)
    first = await client.get(address)
    known = {"If-None-Match": first.headers["etag"]}
    again = await client.get(address, headers=known)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert (await client.get(address, headers={"If-None-Match": f'"x", W/{first.headers["etag"]}'})).status_code == 304
    await client.put(f"{address}/halte", json={**SITE, "name": "Autre"})
    assert (await client.get(address, headers=known)).status_code == 200


async def test_a_pool_of_another_site_is_a_conflict(client, address):
    await client.put(f"{address}/halte", json=SITE)
    assert is_problem(await client.put(f"{address}/autre", json={**SITE, "id": "autre"}), 409, "pool-taken")


async def test_an_unknown_territory_is_not_found(client):
    for territory_id in ("nowhere", "Nowhere", "75_", "a" * 41, "%00", "%ff", "..%2f75", "75%7D"):
        for method, path in [("GET", ""), ("DELETE", "/halte"), ("GET", "/halte")]:
            answer = await client.request(method, f"/v1/territories/{territory_id}/sites{path}")
            assert answer.status_code == 404, territory_id
            assert answer.json()["type"] in ("/problems/unknown-territory", "/problems/not-found")


def _pool(**change):
    return {"pools": [{"id": "halte.women", "audience": "women", "capacity": 1, **change}]}


BAD_SITES = [
    {"name": ""},
    {"name": "x" * 201},
    {"name": "a\u0000b"},
    {"kind": "castle"},
    {"unknown": 1},
    {"position": {"lat": 91, "lon": 0}},
    _pool(capacity=-1),
    _pool(capacity=10**30),
    _pool(id="HALTE"),
    _pool(sleeps=2),
    {"pools": _pool()["pools"] * 2},
    {"pools": "none"},
]
BAD_TEXTS = [
    b"",
    b"{",
    b"[]",
    b"\xff",
    b'{"name": NaN}',
    b'{"name": "a", "name": "b", "kind": "shelter"}',
    b'{"name": "a", "kind": "shelter", "position": {"lat": 1, "lat": 2, "lon": 3}}',
    b'{"name": "\\ud800", "kind": "shelter"}',
    b'{"pools": ' + b"[" * 100_000,
]


async def test_a_site_of_the_wrong_shape_is_told_and_not_kept(client, address):
    bodies = [json.dumps({**SITE, **change}).encode() for change in BAD_SITES] + BAD_TEXTS
    for body in bodies:
        answer = await client.put(f"{address}/halte", content=body)
        assert is_problem(answer, 422, "invalid-body"), body[:80]
        assert answer.json()["errors"]
    assert (await client.get("/v1/territories")).json() == {"territories": []}


async def test_a_site_larger_than_a_mib_is_refused(client, address):
    body = json.dumps({**SITE, "name": "x" * (1 << 20)})
    assert is_problem(await client.put(f"{address}/halte", content=body), 413, "body-too-large")


async def test_a_bad_site_id_in_the_address_is_told(client, address):
    assert is_problem(await client.put(f"{address}/NO_SLUG", json={**SITE, "id": "NO_SLUG"}), 422, "invalid-body")
