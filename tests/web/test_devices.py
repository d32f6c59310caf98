"""The list of devices and tokens, tokens for systems, and how either is shown out."""

import hashlib

import pytest

from capacity.board.access import Grant
from capacity.board.clocks import from_ms
from capacity.store.credentials import CredentialKind
from capacity.vocabulary.roles import Role
from tests.web_fixtures import is_problem
from tests.world import DAY_MS, NOW_MS, site

WISH = {"role": "integration", "sites": ["halte"], "label": "SI de la halte", "days": 2}


@pytest.fixture
async def world(world):
    await world.put(site("halte", "halte.women"))
    return world


@pytest.fixture
def ask(client, world):
    """A request below the territory, as who has a role here."""

    async def asked(method, path, body=None, role=Role.ADMIN, *sites, territory=None):
        headers = {"authorization": f"Bearer {await world.token(role, *sites)}"}
        address = f"/v1/territories/{territory or world.name}{path}"
        return await client.request(method, address, json=body, headers=headers)

    return asked


async def devices(ask, label="SI de la halte"):
    listed = (await ask("GET", "/devices")).json()["devices"]
    return [device for device in listed if device["label"] == label]


async def test_a_token_is_told_once_and_kept_as_a_hash(ask, world):
    made = await ask("POST", "/tokens", WISH)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    token, device = made.json()["token"], made.json()["device"]
    assert device == {
        "id": device["id"], "kind": "token", "label": "SI de la halte", "role": "integration", "sites": ["halte"],
        "created_at": "2026-11-22T22:41:07.120Z", "last_used_at": None, "expires_at": "2026-11-24T22:41:07.120Z",
        "revoked_at": None,
    }  # fmt: skip
    assert await devices(ask) == [device]
    live = await world.credentials.live(from_ms(NOW_MS))
    assert hashlib.sha256(token.encode()).digest() in [credential.secret_hash for credential in live]
    assert (await world.doorkeeper.caller(token)).grant(world.name) == Grant(Role.INTEGRATION, frozenset({"halte"}))
    world.clock.forward(2 * DAY_MS)
    assert world.doorkeeper.recognise(token) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": 0}, {"days": 3_661}, {"days": 1.5}, {"days": "2"}, {"sites": []}, {"sites": ["halte", "halte"]},
        {"sites": ["elsewhere"]}, {"sites": ["../"]}, {"label": ""}, {"label": "a" * 81}, {"label": "a\nb"},
        {"role": "king"}, {"more": 1},
    ],
)  # fmt: skip
async def test_a_token_that_makes_no_sense_is_refused(ask, wrong):
    assert is_problem(await ask("POST", "/tokens", {**WISH, **wrong}), 422, "invalid-body")
    assert await devices(ask) == []


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.MARAUDE, Role.WALL])
async def test_only_admins_make_tokens(ask, role):
    assert is_problem(await ask("POST", "/tokens", WISH, role), 403, "not-allowed")


async def test_the_last_use_is_shown_and_who_let_it_in_is_kept(ask, world):
    made = (await ask("POST", "/tokens", WISH)).json()
    await world.doorkeeper.caller(made["token"])
    await world.credentials.touch({one: from_ms(at) for one, at in world.doorkeeper._used_ms.items()})
    (device,) = await devices(ask)
    assert device["last_used_at"] == "2026-11-22T22:41:07.120Z"
    async with world.database.connection() as connection:
        admitted_by = await connection.fetchval(
            "SELECT admitted_by FROM credentials WHERE credential = $1", device["id"]
        )
    assert str(admitted_by) in [credential.id for credential in await world.credentials.live(from_ms(NOW_MS))]


async def test_a_revoked_one_opens_nothing_more_and_stands_in_the_list_for_a_month(ask, world):
    made = (await ask("POST", "/tokens", {**WISH, "days": 90})).json()
    address = f"/devices/{made['device']['id']}"
    assert (await ask("DELETE", address)).status_code == 204
    assert world.doorkeeper.recognise(made["token"]) is None
    (device,) = await devices(ask)
    assert device["revoked_at"] == "2026-11-22T22:41:07.120Z"
    assert (await ask("DELETE", address)).status_code == 204  # again: the same
    world.clock.forward(30 * DAY_MS)
    assert await devices(ask) == []


async def test_what_is_let_in_stands_before_what_has_ended(ask, world):
    for label in ("first", "second", "third"):
        made = (await ask("POST", "/tokens", {**WISH, "label": label})).json()["device"]["id"]
        if label == "third":
            await ask("DELETE", f"/devices/{made}")
        world.clock.forward(1_000)
    labels = [device["label"] for device in (await ask("GET", "/devices")).json()["devices"]]
    assert [label for label in labels if not label.startswith("test")] == ["second", "first", "third"]


async def test_a_device_of_another_territory_is_not_there(ask, world):
    await world.registering.put("elsewhere", site("far", "far.women"))
    other = await world.admitting.admit(
        CredentialKind.TOKEN, "another", lasts=None, grants={"elsewhere": Grant(Role.WALL)}
    )
    assert is_problem(await ask("DELETE", f"/devices/{other.credential}"), 404, "unknown-device")
    assert await devices(ask, "another") == []
    assert (await world.doorkeeper.caller(other.secret)).grant("elsewhere").role is Role.WALL
    refused = await ask("DELETE", f"/devices/{other.credential}", territory="elsewhere")
    assert is_problem(refused, 403, "not-allowed")


async def test_an_operator_shows_out_whom_it_may_let_in_and_nobody_else(ask, world):
    for role, status in ((Role.WALL, 204), (Role.MARAUDE, 204), (Role.ADMIN, 403)):
        admitted = await world.admitting.admit(
            CredentialKind.DEVICE, "screen", lasts=None, grants={world.name: Grant(role)}
        )
        answer = await ask("DELETE", f"/devices/{admitted.credential}", None, Role.OPERATOR)
        assert answer.status_code == status, role


@pytest.mark.parametrize("device", ["nonsense", "00000000-0000-7000-8000-000000000000"])
async def test_no_such_device_is_told_as_ever(ask, device):
    assert is_problem(await ask("DELETE", f"/devices/{device}"), 404, "unknown-device")


@pytest.mark.parametrize("role", [Role.MARAUDE, Role.WALL])
async def test_who_lets_nobody_in_sees_no_list(ask, role):
    assert is_problem(await ask("GET", "/devices", None, role), 403, "not-allowed")


async def test_an_unknown_territory_has_no_devices(client):
    assert is_problem(await client.get("/v1/territories/nowhere/devices"), 404, "unknown-territory")
