"""Signing in and out, over HTTP on the real stores: passwords, links, sessions, second factors."""

import hashlib
import re
from datetime import timedelta

import pytest

from capacity.board.access import Grant
from capacity.errors import TooManyTries, WrongCredentials
from capacity.services.inviting import Purpose
from capacity.store.credentials import CredentialKind
from capacity.vocabulary.roles import Role
from tests.serving import in_one_task
from tests.web.accounts import PASSWORD, Accounts, set_up_totp, sign_in
from tests.web_fixtures import is_problem
from tests.world import DAY_MS, MINUTE_MS, site


@pytest.fixture
async def accounts(world):
    accounts = Accounts(world)
    accounts.open_doors()
    return accounts


@pytest.fixture
async def visitor(accounts):
    async with in_one_task(accounts.client()) as client:
        yield client


async def who(client):
    answer = await client.get("/v1/session")
    assert answer.status_code == 200
    return answer.json()


async def test_nobody_is_told_so_also_with_a_cookie_that_means_nothing(visitor):
    assert await who(visitor) == {"signed_in": False, "grants": []}
    visitor.cookies.set("capacity", "nothing")
    assert await who(visitor) == {"signed_in": False, "grants": []}


async def test_the_right_password_opens_a_session(accounts, visitor, world):
    person = await accounts.person(Role.STAFF, "halte")
    answer = await sign_in(visitor, person)
    told = answer.json()
    assert answer.status_code == 200
    assert told["signed_in"]
    assert (told["kind"], told["email"], told["needs"]) == ("session", person.email, [])
    assert told["grants"] == [{"territory": world.name, "role": "staff", "sites": ["halte"]}]
    assert await who(visitor) == told
    assert answer.headers["cache-control"] == "no-store"


async def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(accounts, visitor):
    answer = await sign_in(visitor, await accounts.person())
    name, *attributes = answer.headers["set-cookie"].split("; ")
    assert re.fullmatch(r"capacity=[A-Za-z0-9_-]{43}", name)
    assert {one.lower() for one in attributes} == {
        "httponly", "secure", "samesite=strict", "path=/", f"max-age={30 * 24 * 3600}",
    }  # fmt: skip


async def test_an_email_in_capitals_is_the_same(accounts, visitor):
    person = await accounts.person()
    answer = await visitor.post("/v1/session", json={"email": person.email.upper(), "password": PASSWORD})
    assert answer.status_code == 200


async def test_a_wrong_password_and_an_unknown_email_are_one_answer_and_the_same_work(accounts, visitor, monkeypatch):
    person = await accounts.person()
    checked = []
    is_right = accounts.hashing._is_right
    monkeypatch.setattr(accounts.hashing, "_is_right", lambda kept, said: checked.append(kept) or is_right(kept, said))
    wrong = await sign_in(visitor, person, "no such password")
    unknown = await visitor.post("/v1/session", json={"email": "nobody@siao.example", "password": "no such password"})
    assert is_problem(wrong, 401, "wrong-credentials")
    assert wrong.json() == unknown.json()
    assert len(checked) == 2
    assert all(kept.startswith("$argon2id$") for kept in checked)
    assert "set-cookie" not in wrong.headers


async def test_each_wrong_password_makes_the_next_try_wait_twice_as_long(accounts, world):
    person, addresses = await accounts.person(), (f"198.51.100.{number}" for number in range(100))

    async def attempt(password):
        return await world.signing.signing_in.by_password(
            person.email, password, None, address=next(addresses), label="test"
        )

    for _ in range(5):
        with pytest.raises(WrongCredentials):
            await attempt("wrong")
    waits = []
    for _ in range(12):
        with pytest.raises(TooManyTries) as refused:
            await attempt(PASSWORD)
        waits.append(refused.value.retry_seconds)
        accounts.clock.forward(waits[-1] * 1000)
        with pytest.raises(WrongCredentials):
            await attempt("wrong")
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


async def test_a_try_that_has_to_wait_is_told_how_long(accounts, visitor):
    person = await accounts.person()
    for _ in range(5):
        await sign_in(visitor, person, "wrong")
    refused = await sign_in(visitor, person)
    assert is_problem(refused, 429, "too-many-tries")
    assert refused.headers["retry-after"] == "1"


async def test_a_right_password_after_a_wait_forgets_the_wrong_ones(accounts, visitor):
    person = await accounts.person()
    for _ in range(5):
        await sign_in(visitor, person, "wrong")
    accounts.clock.forward(1000)
    assert (await sign_in(visitor, person)).status_code == 200
    for _ in range(5):
        assert (await sign_in(visitor, person, "wrong")).status_code == 401


async def test_an_address_that_tries_many_accounts_waits_and_others_do_not(accounts, visitor):
    for number in range(20):
        said = {"email": f"{number}@{accounts.world.name}.example", "password": "wrong"}
        assert (await visitor.post("/v1/session", json=said)).status_code == 401
    person = await accounts.person()
    assert is_problem(await sign_in(visitor, person), 429, "too-many-tries")
    async with accounts.client() as other:
        assert (await sign_in(other, person)).status_code == 200


async def test_who_was_turned_away_in_a_storm_has_tried_nothing(accounts, visitor, monkeypatch):
    person = await accounts.person()
    monkeypatch.setattr(accounts.hashing, "_most_waiting", 0)
    for _ in range(8):
        turned_away = await sign_in(visitor, person)
        assert is_problem(turned_away, 503, "too-busy")
        assert int(turned_away.headers["retry-after"]) > 0
    monkeypatch.setattr(accounts.hashing, "_most_waiting", 1)
    assert (await sign_in(visitor, person)).status_code == 200


async def test_signing_in_rightly_is_no_guess_of_an_address(accounts, visitor):
    person = await accounts.person()
    for _ in range(25):
        assert (await sign_in(visitor, person)).status_code == 200


async def test_a_session_that_was_left_is_gone_at_once(accounts, visitor):
    await sign_in(visitor, await accounts.person())
    old = visitor.cookies["capacity"]
    left = await visitor.delete("/v1/session")
    assert left.status_code == 204
    assert left.headers["clear-site-data"] == '"cache"', "the storage stays: it has what is not sent yet"
    assert "capacity" not in visitor.cookies
    visitor.cookies.set("capacity", old)
    assert not (await who(visitor))["signed_in"]


async def test_what_somebody_does_with_an_account_is_in_the_audit_by_role_and_session(accounts, visitor, world):
    await sign_in(visitor, await accounts.person(Role.OPERATOR))
    secret, _ = await set_up_totp(accounts, visitor)
    said = {"password": "sept barques sous la lune", "current": PASSWORD}
    assert (await visitor.put("/v1/me/password", json=said)).status_code == 204
    assert (
        await visitor.request("DELETE", "/v1/me/totp", json={"code": accounts.next_code(secret)})
    ).status_code == 204
    await visitor.delete("/v1/session")
    noted = await world.auditing.page(world.name, None, 10)
    assert [line.act.value for line in reversed(noted)] == [
        "signed_in", "second_factor_set", "password_set", "second_factor_removed", "signed_out"
    ]  # fmt: skip
    assert {(line.role, line.kind, line.label) for line in noted} == {(Role.OPERATOR, "session", "")}


async def test_ones_sessions_are_listed_and_end_one_by_one(accounts, visitor):
    person = await accounts.person()
    await sign_in(visitor, person)
    async with accounts.client() as other:
        other.headers["user-agent"] = "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
        await sign_in(other, person)
        listed = (await visitor.get("/v1/sessions")).json()["sessions"]
        assert sorted((one["label"], one["current"]) for one in listed) == [
            ("Firefox · Android", False),
            ("Navigateur", True),
        ]
        its = next(one["id"] for one in listed if not one["current"])
        assert (await visitor.delete(f"/v1/sessions/{its}")).status_code == 204
        await accounts.world.doorkeeper.look()
        assert is_problem(await other.get("/v1/sessions"), 401, "not-signed-in")
    assert (await who(visitor))["signed_in"]
    assert is_problem(await visitor.delete(f"/v1/sessions/{its}"), 404, "unknown-session")
    assert is_problem(await visitor.delete("/v1/sessions/nothing"), 404, "unknown-session")


async def test_nobody_ends_a_session_of_somebody_else(accounts, visitor):
    await sign_in(visitor, await accounts.person())
    async with accounts.client() as other:
        its = (await sign_in(other, await accounts.person())).json()["id"]
        assert is_problem(await visitor.delete(f"/v1/sessions/{its}"), 404, "unknown-session")
        assert (await who(other))["signed_in"]


async def test_a_session_ends_after_thirty_days_unless_it_goes_on_by_another_cookie(accounts, visitor):
    await sign_in(visitor, await accounts.person())
    before, told = visitor.cookies["capacity"], await who(visitor)
    accounts.clock.forward(29 * DAY_MS)
    assert (await visitor.post("/v1/session/rotation")).status_code == 204
    assert visitor.cookies["capacity"] != before
    accounts.clock.forward(2 * DAY_MS)
    assert (await who(visitor))["id"] == told["id"]
    accounts.clock.forward(29 * DAY_MS)
    assert not (await who(visitor))["signed_in"]


async def test_the_cookie_before_a_rotation_opens_nothing(accounts, visitor):
    await sign_in(visitor, await accounts.person())
    before = visitor.cookies["capacity"]
    await visitor.post("/v1/session/rotation")
    async with accounts.client() as thief:
        thief.cookies.set("capacity", before)
        assert not (await who(thief))["signed_in"]


async def test_a_link_signs_in_once_and_asks_for_a_password(accounts, visitor):
    person = await accounts.person(password=None)
    secret = await accounts.link(person, Purpose.INVITATION)
    told = (await visitor.post("/v1/session/link", json={"secret": secret})).json()
    assert (told["email"], told["needs"]) == (person.email, ["password"])
    async with accounts.client() as other:
        again = await other.post("/v1/session/link", json={"secret": secret})
    assert is_problem(again, 401, "link-used")
    assert "set-cookie" not in again.headers


async def test_a_link_ends_by_time_and_by_the_next_one(accounts, visitor):
    person = await accounts.person()
    first = await accounts.link(person, Purpose.INVITATION)
    second = await accounts.link(person, Purpose.INVITATION)
    assert is_problem(await visitor.post("/v1/session/link", json={"secret": first}), 401, "link-used")
    accounts.clock.forward(7 * DAY_MS)
    assert is_problem(await visitor.post("/v1/session/link", json={"secret": second}), 401, "link-used")


async def test_a_link_is_kept_as_a_hash_only(accounts, world):
    secret = await accounts.link(await accounts.person())
    async with world.database.connection() as connection:
        kept = await connection.fetchval("SELECT secret_hash FROM links ORDER BY created_at DESC LIMIT 1")
    assert kept == hashlib.sha256(secret.encode()).digest()


async def test_until_a_password_is_set_the_session_does_nothing_else(accounts, visitor, world):
    await world.put(site("halte", "halte.women"))
    person = await accounts.person(password=None)
    await visitor.post("/v1/session/link", json={"secret": await accounts.link(person)})
    board = f"/v1/territories/{world.name}/board"
    assert is_problem(await visitor.get(board), 403, "second-factor-needed")
    assert (await visitor.get("/v1/sessions")).status_code == 200
    assert (await visitor.put("/v1/me/password", json={"password": PASSWORD})).status_code == 204
    assert (await visitor.get(board)).status_code == 200
    assert (await who(visitor))["needs"] == []


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OPERATOR])
async def test_an_admin_and_an_operator_need_a_second_factor(accounts, visitor, world, role):
    await world.open("halte.women")
    told = (await sign_in(visitor, await accounts.person(role))).json()
    assert told["needs"] == ["totp"]
    board, sites = f"/v1/territories/{world.name}/board", f"/v1/territories/{world.name}/sites"
    assert is_problem(await visitor.get(board), 403, "second-factor-needed")
    assert is_problem(await visitor.get(sites), 403, "second-factor-needed")
    plain = '{"reports":[]}'
    refused = await visitor.post(f"/v1/territories/{world.name}/reports", content=plain)
    assert is_problem(refused, 403, "second-factor-needed")
    await set_up_totp(accounts, visitor)
    assert (await visitor.get(board)).status_code == 200


async def test_who_is_waived_for_the_demo_needs_nothing(accounts, visitor, world):
    await world.open("halte.women")
    person = await accounts.person(Role.ADMIN, password=None, is_waived=True)
    told = await visitor.post("/v1/session/link", json={"secret": await accounts.link(person)})
    assert told.json()["needs"] == []
    assert (await visitor.get(f"/v1/territories/{world.name}/board")).status_code == 200


async def test_a_device_needs_no_second_factor(accounts, visitor, world):
    await world.open("halte.women")
    grants = {world.name: Grant(Role.OPERATOR)}
    made = await world.signing.sessions._admitting.admit(
        CredentialKind.DEVICE, "wall", lasts=timedelta(days=1), grants=grants
    )
    visitor.cookies.set("capacity", made.secret)
    assert (await visitor.get(f"/v1/territories/{world.name}/board")).status_code == 200
    told = await who(visitor)
    assert (told["kind"], told["label"], told["email"], told["needs"]) == ("device", "wall", None, [])
    assert is_problem(await visitor.get("/v1/sessions"), 403, "not-allowed")
    assert is_problem(await visitor.put("/v1/me/password", json={"password": PASSWORD}), 403, "not-allowed")


async def test_a_second_factor_is_asked_for_and_each_code_works_once(accounts, visitor):
    person = await accounts.person(Role.OPERATOR)
    await sign_in(visitor, person)
    secret, _ = await set_up_totp(accounts, visitor)
    async with accounts.client() as other:
        assert is_problem(await sign_in(other, person), 401, "code-needed")
        assert is_problem(await sign_in(other, person, "wrong"), 401, "wrong-credentials")
        code = accounts.next_code(secret)
        assert is_problem(await sign_in(other, person, "wrong", code), 401, "wrong-credentials")
        assert (await sign_in(other, person, code=code)).status_code == 200
        assert is_problem(await sign_in(other, person, code=code), 401, "wrong-credentials")
        assert is_problem(await sign_in(other, person, code="000000"), 401, "wrong-credentials")
        assert (await sign_in(other, person, code=accounts.next_code(secret))).status_code == 200


async def test_the_code_that_made_it_active_signs_nobody_in(accounts, visitor):
    person = await accounts.person()
    await sign_in(visitor, person)
    secret = (await visitor.post("/v1/me/totp")).json()["secret"]
    code = accounts.next_code(secret)
    assert (await visitor.put("/v1/me/totp", json={"code": code})).status_code == 200
    assert is_problem(await sign_in(visitor, person, code=code), 401, "wrong-credentials")


async def test_a_recovery_code_works_once_however_it_is_written(accounts, visitor, world):
    person = await accounts.person()
    await sign_in(visitor, person)
    _, codes = await set_up_totp(accounts, visitor)
    assert len(set(codes)) == 10
    written = codes[0].lower().replace("-", " ")
    assert (await sign_in(visitor, person, code=written)).status_code == 200
    assert is_problem(await sign_in(visitor, person, code=codes[0]), 401, "wrong-credentials")
    assert (await sign_in(visitor, person, code=codes[1])).status_code == 200
    async with world.database.connection() as connection:
        kept = await connection.fetchval("SELECT recovery FROM people WHERE email = $1", person.email)
    assert len(kept) == 8
    assert not {one.replace("-", "") for one in codes} & set(kept)


async def test_guessed_codes_wait_as_guessed_passwords_do(accounts, visitor):
    person = await accounts.person()
    await sign_in(visitor, person)
    secret, _ = await set_up_totp(accounts, visitor)
    for _ in range(5):
        assert is_problem(await sign_in(visitor, person, code="000000"), 401, "wrong-credentials")
    refused = await sign_in(visitor, person, code=accounts.next_code(secret)[:5] + "x")
    assert refused.status_code in {401, 429}
    assert is_problem(await sign_in(visitor, person, code="000000"), 429, "too-many-tries")


async def test_a_link_does_not_stand_for_the_second_factor(accounts, visitor):
    person = await accounts.person()
    await sign_in(visitor, person)
    secret, _ = await set_up_totp(accounts, visitor)
    link = await accounts.link(person)
    async with accounts.client() as other:
        assert is_problem(await other.post("/v1/session/link", json={"secret": link}), 401, "code-needed")
        said = {"secret": link, "code": "000000"}
        assert is_problem(await other.post("/v1/session/link", json=said), 401, "wrong-credentials")
        said = {"secret": link, "code": accounts.next_code(secret)}
        assert (await other.post("/v1/session/link", json=said)).status_code == 200


async def test_a_second_factor_is_not_replaced_without_its_code(accounts, visitor):
    await sign_in(visitor, await accounts.person())
    secret, codes = await set_up_totp(accounts, visitor)
    assert is_problem(await visitor.post("/v1/me/totp"), 409, "totp-active")
    wrong = await visitor.request("DELETE", "/v1/me/totp", json={"code": "000000"})
    assert is_problem(wrong, 403, "wrong-code")
    assert (await visitor.request("DELETE", "/v1/me/totp", json={"code": codes[3]})).status_code == 204
    offer = (await visitor.post("/v1/me/totp")).json()
    assert offer["secret"] != secret
    assert offer["uri"].startswith("otpauth://totp/Capacity:")
    assert offer["qr_svg"].startswith("<svg")
    assert "style" not in offer["qr_svg"]


async def test_a_wrong_first_code_makes_nothing_active(accounts, visitor):
    await sign_in(visitor, await accounts.person())
    await visitor.post("/v1/me/totp")
    assert is_problem(await visitor.put("/v1/me/totp", json={"code": "000000"}), 403, "wrong-code")
    await who(visitor)
    assert (await visitor.post("/v1/me/totp")).status_code == 200


@pytest.mark.parametrize("weak", ["short", "azertyuiop12", "Password12345", "motdepasse2026", "siao.example1"])
async def test_a_weak_password_is_refused(accounts, visitor, weak):
    await sign_in(visitor, await accounts.person())
    said = {"password": weak, "current": PASSWORD}
    assert is_problem(await visitor.put("/v1/me/password", json=said), 422, "weak-password")


async def test_a_new_password_needs_the_present_one_and_ends_the_other_sessions(accounts, visitor):
    person, new = await accounts.person(), "sept barques sous la lune"
    await sign_in(visitor, person)
    async with accounts.client() as other:
        await sign_in(other, person)
        for wrong in ({}, {"current": "wrong"}):
            refused = await visitor.put("/v1/me/password", json={"password": new, **wrong})
            assert is_problem(refused, 403, "wrong-password")
        assert (await visitor.put("/v1/me/password", json={"password": new, "current": PASSWORD})).status_code == 204
        await accounts.world.doorkeeper.look()
        assert not (await who(other))["signed_in"]
        assert (await who(visitor))["signed_in"]
        assert is_problem(await sign_in(other, person), 401, "wrong-credentials")
        assert (await sign_in(other, person, new)).status_code == 200


async def test_a_link_stands_for_the_present_password_for_half_an_hour(accounts, visitor):
    person = await accounts.person()
    await visitor.post("/v1/session/link", json={"secret": await accounts.link(person)})
    accounts.clock.forward(31 * MINUTE_MS)
    said = {"password": "sept barques sous la lune"}
    assert is_problem(await visitor.put("/v1/me/password", json=said), 403, "wrong-password")
    await visitor.post("/v1/session/link", json={"secret": await accounts.link(person)})
    assert (await visitor.put("/v1/me/password", json=said)).status_code == 204


@pytest.mark.parametrize(
    "body",
    [
        {"email": "a@b.fr"},
        {"email": "not an address", "password": "x"},
        {"email": "a@b.fr", "password": "x" * 257},
        {"email": "a@b.fr", "password": "x", "remember": True},
        {"email": "a@b.fr", "password": "x", "code": "1" * 25},
    ],
)
async def test_what_is_not_of_the_shape_is_refused_without_telling_what_was_sent(visitor, body):
    answer = await visitor.post("/v1/session", json=body)
    assert is_problem(answer, 422, "invalid-body")
    assert "x" * 20 not in answer.text


async def test_neither_email_nor_password_nor_secret_is_logged(accounts, visitor, capsys, caplog):
    caplog.set_level("DEBUG")
    person = await accounts.person()
    await sign_in(visitor, person)
    await sign_in(visitor, person, "a wrong password")
    link = await accounts.link(person)
    await visitor.post("/v1/session/link", json={"secret": link})
    told = "".join((*capsys.readouterr(), caplog.text))
    for secret in (person.email, PASSWORD, "a wrong password", link, visitor.cookies["capacity"]):
        assert secret not in told
