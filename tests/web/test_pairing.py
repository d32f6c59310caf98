"""A screen shows a code, an operator lets it in, and it fetches its token once. RFC 8628."""

import asyncio
import re

import pytest

from capacity.errors import LedgerUnavailable, StoreUnavailable
from capacity.services.pairing import Pairing
from capacity.store.pairing import Limits, PairingStore
from capacity.vocabulary.roles import Role
from tests.web_fixtures import is_problem
from tests.world import site

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
AUTHORIZATION, TOKEN = "/v1/devices/authorization", "/v1/devices/token"


@pytest.fixture
async def world(world):
    await world.put(site("halte", "halte.women"))
    await world.put(site("gym", "gym.men"))
    return world


class Screen:
    """A screen that asks to be let in."""

    def __init__(self, client, told):
        self._client = client
        self.told = told
        self.code = told["user_code"]

    async def poll(self, client_id="wall"):
        said = {"grant_type": GRANT_TYPE, "device_code": self.told["device_code"], "client_id": client_id}
        return await self._client.post(TOKEN, json=said)

    async def error(self):
        answer = await self.poll()
        assert (answer.status_code, answer.headers["cache-control"]) == (400, "no-store")
        return answer.json()["error"]


@pytest.fixture
def show(client):
    async def shown(client_id="wall", **more):
        answer = await client.post(AUTHORIZATION, json={"client_id": client_id, **more})
        assert answer.status_code == 200, answer.text
        return Screen(client, answer.json())

    return shown


@pytest.fixture
def decide(client, world):
    """Decide on a code as who has a role here."""

    async def decided(code, decision, role=Role.OPERATOR, *sites, territory=None):
        token = await world.token(role, *sites)
        address = f"/v1/territories/{territory or world.name}/devices/requests/{code}"
        return await client.post(address, json=decision, headers={"authorization": f"Bearer {token}"})

    return decided


APPROVE = {"decision": "approve", "role": "wall"}


async def test_what_a_screen_shows_can_be_typed_and_photographed(show):
    told = (await show(label="TV, hall")).told
    assert re.fullmatch("([FHJKLMPQRWXYZ][2-9]){2}-([FHJKLMPQRWXYZ][2-9]){2}", told["user_code"])
    assert told["verification_uri"] == "/appareil"
    assert told["verification_uri_complete"] == f"/appareil#{told['user_code']}"
    assert (told["expires_in"], told["interval"]) == (900, 3)
    assert told["qr_svg"].startswith('<svg xmlns="http://www.w3.org/2000/svg"')  # else no image
    assert "style=" not in told["qr_svg"]


async def test_a_screen_that_was_let_in_gets_a_token_and_the_same_as_a_cookie_once(show, decide, client, world):
    screen = await show(label="TV, hall")
    assert await screen.error() == "authorization_pending"
    device = (await decide(screen.code, APPROVE)).json()["device"]
    assert (device["kind"], device["label"], device["role"], device["sites"]) == ("device", "TV, hall", "wall", [])
    assert (device["last_used_at"], device["expires_at"], device["revoked_at"]) == (None, None, None)
    answer = await screen.poll()
    token = answer.json()["access_token"]
    assert answer.json() == {"access_token": token, "token_type": "Bearer"}
    name, *parts = answer.headers["set-cookie"].split("; ")
    assert name == f"capacity={token}"
    assert set(parts) == {"HttpOnly", "Secure", "SameSite=strict", "Path=/", "Max-Age=34560000"}
    caller = await world.doorkeeper.caller(token)
    assert (caller.credential, caller.grant(world.name).role) == (device["id"], Role.WALL)
    assert await screen.error() == "expired_token"


async def test_neither_store_ever_has_the_code_of_a_device_or_its_token(show, decide, world):
    screen = await show()
    await decide(screen.code, APPROVE)
    kept = b"".join([await world.redis.dump(key) async for key in world.redis.scan_iter("{access}:*")])
    token = (await screen.poll()).json()["access_token"]
    kept += b"".join([credential.secret_hash for credential in await world.credentials.live(_now(world))])
    assert token.encode() not in kept
    assert screen.told["device_code"].encode() not in kept


def _now(world):
    from capacity.board.clocks import from_ms

    return from_ms(world.clock())


async def test_ten_polls_at_once_bring_one_token(show, decide):
    screen = await show()
    await decide(screen.code, APPROVE)
    answers = await asyncio.gather(*(screen.poll() for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 9


async def test_of_two_decisions_at_once_one_stands(show, decide, world):
    for _ in range(5):
        screen = await show()
        answers = await asyncio.gather(*(decide(screen.code, APPROVE, Role.ADMIN) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]
    devices = [device for device in await world.equipping.devices(world.name) if device.kind == "device"]
    assert len(devices) == 5


async def test_who_polls_too_often_has_to_ask_less_often(show, world):
    screen = await show()
    assert await screen.error() == "authorization_pending"
    world.clock.forward(2_000)
    assert await screen.error() == "slow_down"
    world.clock.forward(3_000)
    assert await screen.error() == "slow_down"  # now it is eight seconds, and then thirteen
    world.clock.forward(13_000)
    assert await screen.error() == "authorization_pending"


async def test_a_code_is_over_after_a_quarter_of_an_hour(show, decide, world):
    screen = await show()
    world.clock.forward(900_000 - 1)
    assert await screen.error() == "authorization_pending"
    world.clock.forward(1)
    assert await screen.error() == "expired_token"
    assert is_problem(await decide(screen.code, APPROVE), 404, "unknown-code")


async def test_a_denied_screen_is_told_so(show, decide):
    screen = await show()
    assert (await decide(screen.code, {"decision": "deny"})).status_code == 204
    assert await screen.error() == "access_denied"
    assert is_problem(await decide(screen.code, APPROVE), 404, "unknown-code")


async def test_a_device_that_was_revoked_before_it_came_gets_nothing(show, decide, world):
    screen = await show()
    device = (await decide(screen.code, APPROVE)).json()["device"]
    await world.admitting.end(device["id"])
    assert await screen.error() == "access_denied"


async def test_only_the_client_that_asked_gets_the_token(show, decide):
    screen = await show("wall")
    await decide(screen.code, APPROVE)
    assert (await screen.poll("halte")).json() == {"error": "expired_token"}
    assert (await screen.poll("wall")).status_code == 200


async def test_a_form_is_as_good_as_json(client):
    asked = await client.post(AUTHORIZATION, data={"client_id": "wall", "label": "TV à l'entrée"})
    said = {"grant_type": GRANT_TYPE, "device_code": asked.json()["device_code"], "client_id": "wall"}
    answer = await client.post(TOKEN, data=said)
    assert (answer.status_code, answer.json()) == (400, {"error": "authorization_pending"})


@pytest.mark.parametrize(
    "body",
    [
        "client_id=wall&client_id=wall", "client_id=wall&more=1", "client_id", "", "client_id=%FF",
        "&".join(f"a{n}=1" for n in range(1_000)),
    ],
)  # fmt: skip
async def test_a_form_that_is_no_such_form_is_refused(client, body):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert is_problem(await client.post(AUTHORIZATION, content=body, headers=headers), 422, "invalid-body")


async def test_the_operator_sees_what_asks_before_deciding(show, client, world):
    screen = await show("halte", label="Tablette, accueil")
    headers = {"authorization": f"Bearer {await world.token(Role.OPERATOR)}"}
    for typed in (screen.code, screen.code.lower(), screen.code.replace("-", ""), f" {screen.code} "):
        answer = await client.get(f"/v1/territories/{world.name}/devices/requests/{typed}", headers=headers)
        assert answer.json()["request"] == {
            "user_code": screen.code, "client_id": "halte", "label": "Tablette, accueil",
            "asked_at": "2026-11-22T22:41:07.120Z", "expires_at": "2026-11-22T22:56:07.120Z",
        }  # fmt: skip
    for typed in ("F2F2-F2F2", "nonsense", "O0I1-O0I1"):
        answer = await client.get(f"/v1/territories/{world.name}/devices/requests/{typed}", headers=headers)
        assert is_problem(answer, 404, "unknown-code")


@pytest.mark.parametrize(
    ("by", "sites", "role", "status"),
    [
        (Role.ADMIN, (), "admin", 200),
        (Role.OPERATOR, (), "admin", 403),
        (Role.OPERATOR, (), "operator", 200),
        (Role.OPERATOR, (), "maraude", 200),
        (Role.OPERATOR, (), "integration", 403),
        (Role.ADMIN, (), "public", 403),
        (Role.MARAUDE, (), "wall", 403),
        (Role.WALL, (), "wall", 403),
        (Role.STAFF, ("halte",), "wall", 403),
    ],
)
async def test_nobody_lets_in_a_device_that_may_do_more_than_itself(show, decide, by, sites, role, status):
    screen = await show()
    decision = {"decision": "approve", "role": role}
    if role == "integration":
        decision["sites"] = ["halte"]
    assert (await decide(screen.code, decision, by, *sites)).status_code == status
    if status == 403:
        assert await screen.error() == "authorization_pending"


@pytest.mark.parametrize(
    ("role", "sites", "loc"),
    [
        ("staff", [], ["sites"]),
        ("wall", ["halte"], ["sites"]),
        ("staff", ["halte", "elsewhere"], ["sites", 1]),
    ],
)
async def test_sites_are_for_who_is_for_sites_and_have_to_be_there(show, decide, role, sites, loc):
    screen = await show()
    answer = await decide(screen.code, {"decision": "approve", "role": role, "sites": sites})
    assert is_problem(answer, 422, "invalid-body")
    assert answer.json()["errors"][0]["loc"] == loc
    assert (await decide(screen.code, {"decision": "approve", "role": "staff", "sites": ["halte"]})).status_code == 200


async def test_an_operator_of_another_territory_lets_nobody_in_here(show, decide, world):
    screen = await show()
    assert is_problem(await decide(screen.code, APPROVE, territory="75"), 403, "not-allowed")


async def test_one_address_may_not_ask_without_end(client, world, monkeypatch):
    narrow = Pairing(
        PairingStore(world.live), world.equipping, world.admitting, clock=world.clock, pick=world.pairing._pick,
        new_secret=world.pairing._new_secret, limits=Limits(2, 600, 10_000),
    )  # fmt: skip
    monkeypatch.setattr(world.pairing, "begin", narrow.begin)
    monkeypatch.setattr("capacity.web.pairing.address_of", lambda _: f"an address of {world.name}")
    statuses = [(await client.post(AUTHORIZATION, json={"client_id": "wall"})).status_code for _ in range(2)]
    assert statuses == [200, 200]
    refused = await client.post(AUTHORIZATION, json={"client_id": "wall"})
    assert is_problem(refused, 429, "too-many-requests")
    assert 0 < int(refused.headers["retry-after"]) <= 600
    monkeypatch.setattr("capacity.web.pairing.address_of", lambda _: f"another one of {world.name}")
    assert (await client.post(AUTHORIZATION, json={"client_id": "wall"})).status_code == 200


async def test_so_many_screens_may_wait_and_no_more(world):
    full = Pairing(
        PairingStore(world.live), world.equipping, world.admitting, clock=world.clock, pick=world.pairing._pick,
        new_secret=world.pairing._new_secret, limits=Limits(100, 600, 0),
    )  # fmt: skip
    with pytest.raises(Exception, match="wait a little") as refused:
        await full.begin("wall", None, "somewhere")
    assert refused.value.retry_seconds == 60


async def test_a_screen_that_cannot_be_served_yet_asks_again_and_gets_its_token(show, decide, world, monkeypatch):
    screen = await show()
    await decide(screen.code, APPROVE)

    async def away(*_):
        raise LedgerUnavailable

    with monkeypatch.context() as postgres_away:
        postgres_away.setattr(world.credentials, "hand_out", away)
        assert is_problem(await screen.poll(), 503, "ledger-unavailable")
    assert (await screen.poll()).status_code == 200


async def test_a_decision_that_the_store_may_not_have_heard_lets_nobody_in(show, decide, world, monkeypatch):
    screen = await show()
    store = world.pairing._store
    approve = store.approve

    async def lost(*said):
        await approve(*said)
        raise StoreUnavailable

    monkeypatch.setattr(store, "approve", lost)
    assert is_problem(await decide(screen.code, APPROVE), 503, "store-unavailable")
    assert await screen.error() == "access_denied"
    assert [device for device in await world.equipping.devices(world.name) if device.kind == "device"] == []
