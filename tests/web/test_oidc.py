"""Signing in by an OpenID provider that really runs: there and back, and everything that must not let anybody in."""

import httpx2
import pytest

from capacity.vocabulary.roles import Role
from capacity.wire.oidc import Provider
from tests.serving import in_one_task
from tests.web.accounts import Accounts
from tests.web.oidc_provider import another_key, provider_running
from tests.web_fixtures import is_problem


@pytest.fixture
async def provider():
    async with in_one_task(provider_running()) as provider:
        yield provider


@pytest.fixture
def accounts(world):
    return Accounts(world)


@pytest.fixture
async def visitor(accounts, provider):
    about = {
        "id": "ours",
        "name": "Le nôtre",
        "issuer": provider.issuer,
        "client_id": "board",
        "client_secret": "s3cret",
    }
    strict = {"id": "strict", "pkce": False, "userinfo_signed": True, "email_is_verified": True}
    accounts.open_doors([Provider(**about), Provider(**about | strict)])
    async with in_one_task(accounts.client()) as client:
        yield client


async def there(visitor, provider_id="ours"):
    """The way to the provider; answers the address by which it sends the browser back."""
    departed = await visitor.get(f"/v1/oidc/{provider_id}/start")
    assert departed.status_code == 302
    async with httpx2.AsyncClient(trust_env=False) as browser:
        sent_back = await browser.get(departed.headers["location"])
    assert sent_back.status_code == 302, sent_back.text
    return sent_back.headers["location"]


async def there_and_back(visitor, provider_id="ours"):
    return await visitor.get(await there(visitor, provider_id))


def is_refused(answer, reason):
    is_in = any(one.startswith("capacity=") for one in answer.headers.get_list("set-cookie"))
    return (answer.status_code, answer.headers["location"], is_in) == (302, f"/connexion#refus={reason}", False)


async def test_an_invited_person_comes_in_and_needs_no_password_here(accounts, provider, visitor, world):
    await world.open("halte.women")
    person = await accounts.person(Role.OPERATOR, password=None)
    provider.claims = {"sub": "u-1", "email": person.email.upper(), "email_verified": True}
    answer = await there_and_back(visitor)
    assert (answer.status_code, answer.headers["location"]) == (302, "/connexion")
    assert "samesite=strict" in next(one for one in answer.headers.get_list("set-cookie") if "capacity=" in one).lower()
    told = (await visitor.get("/v1/session")).json()
    assert (told["email"], told["needs"], told["kind"]) == (person.email, [], "session")
    assert (await visitor.get(f"/v1/territories/{world.name}/board")).status_code == 200


async def test_the_way_there_has_all_that_it_should(provider, visitor, accounts):
    provider.claims = {"sub": "u-1"}
    departed = await visitor.get("/v1/oidc/ours/start")
    cookie = departed.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "secure", "samesite=lax", "path=/v1/oidc", "max-age=600"))
    await there(visitor)
    asked = provider.asked
    assert asked["code_challenge_method"] == "S256"
    assert (asked["response_type"], asked["scope"]) == ("code", "openid email")
    assert asked["redirect_uri"] == "https://board.test/v1/oidc/ours/callback"
    assert min(len(asked["state"]), len(asked["nonce"])) >= 32
    listed = (await visitor.get("/v1/oidc")).json()["providers"]
    assert listed[0] == {"id": "ours", "name": "Le nôtre"}


async def test_afterwards_a_person_is_known_by_the_subject(accounts, provider, visitor):
    person = await accounts.person()
    provider.claims = {"sub": "u-2", "email": person.email, "email_verified": True}
    await there_and_back(visitor)
    provider.claims = {"sub": "u-2", "email": "renamed@elsewhere.example", "email_verified": False}
    assert (await there_and_back(visitor)).headers["location"] == "/connexion"
    assert (await visitor.get("/v1/session")).json()["email"] == person.email


async def test_another_subject_does_not_become_a_person_who_has_one(accounts, provider, visitor):
    person = await accounts.person()
    provider.claims = {"sub": "u-3", "email": person.email, "email_verified": True}
    await there_and_back(visitor)
    provider.claims = {"sub": "u-4", "email": person.email, "email_verified": True}
    assert is_refused(await there_and_back(visitor), "uninvited")


async def test_an_email_that_was_not_verified_lets_nobody_in(accounts, provider, visitor):
    person = await accounts.person()
    for claims in ({"email_verified": False}, {}, {"email_verified": None, "email": None}):
        provider.claims = {"sub": "u-5", "email": person.email, **claims}
        assert is_refused(await there_and_back(visitor), "failed" if None in claims.values() else "unverified")


async def test_whom_nobody_has_invited_stays_out(provider, visitor):
    provider.claims = {"sub": "u-6", "email": "stranger@elsewhere.example", "email_verified": True}
    assert is_refused(await there_and_back(visitor), "uninvited")


@pytest.mark.parametrize("what", ["nonce", "audience", "issuer", "key", "expired"])
async def test_a_token_that_is_not_for_this_visit_lets_nobody_in(accounts, provider, visitor, what):
    person = await accounts.person()
    provider.claims = {"sub": "u-7", "email": person.email, "email_verified": True}
    match what:
        case "nonce":
            provider.nonce = "another visit's"
        case "audience":
            provider.audience = "another board"
        case "issuer":
            provider.claims["iss"] = "https://elsewhere.example"
        case "key":
            provider.signing = another_key()
        case "expired":
            provider.claims["exp"] = 1_000_000_000
    assert is_refused(await there_and_back(visitor), "failed")
    provider.nonce, provider.audience, provider.signing = None, "board", None
    provider.claims = {"sub": "u-7", "email": person.email, "email_verified": True}
    assert (await there_and_back(visitor)).headers["location"] == "/connexion"


async def test_new_keys_of_the_provider_are_learnt(accounts, provider, visitor):
    person = await accounts.person()
    provider.claims = {"sub": "u-8", "email": person.email, "email_verified": True}
    await there_and_back(visitor)
    provider.key = another_key("second")
    assert (await there_and_back(visitor)).headers["location"] == "/connexion"


async def test_a_way_back_works_once_and_only_in_the_browser_that_went(accounts, provider, visitor):
    person = await accounts.person()
    provider.claims = {"sub": "u-9", "email": person.email, "email_verified": True}
    back = await there(visitor)
    async with accounts.client() as other:
        assert is_refused(await other.get(back), "failed")
    own_state = visitor.cookies["capacity-visit"]
    assert (await visitor.get(back)).headers["location"] == "/connexion"
    visitor.cookies.set("capacity-visit", own_state)
    assert is_refused(await visitor.get(back), "failed")


async def test_a_way_back_belongs_to_the_provider_that_one_went_to(accounts, provider, visitor):
    person = await accounts.person()
    provider.claims = {"sub": "u-10", "email": person.email, "email_verified": True}
    back = await there(visitor)
    assert is_refused(await visitor.get(back.replace("/ours/", "/strict/")), "failed")


async def test_a_provider_as_strict_as_proconnect(accounts, provider, visitor):
    person = await accounts.person(Role.ADMIN, password=None)
    provider.is_strict = True
    provider.claims = {"sub": "u-11", "email": person.email}
    assert (await there_and_back(visitor, "strict")).headers["location"] == "/connexion"
    assert (await visitor.get("/v1/session")).json()["email"] == person.email
    provider.signing = another_key()
    assert is_refused(await there_and_back(visitor, "strict"), "failed")


async def test_a_provider_that_does_not_answer_is_told_to_the_page(accounts, provider, visitor):
    accounts.open_doors(
        [Provider(id="away", name="Away", issuer="http://127.0.0.1:1", client_id="board", client_secret="s3cret")]
    )
    async with accounts.client() as other:
        assert is_refused(await other.get("/v1/oidc/away/start"), "unavailable")
        assert is_problem(await other.get("/v1/oidc/ours/start"), 404, "unknown-provider")
        assert is_refused(await other.get("/v1/oidc/away/callback?error=access_denied&state=x"), "failed")
