"""Every address × every role, from the application's own routes: what the table says is what happens."""

from itertools import product

import pytest
from starlette.routing import Route

from capacity.board.access import RULES, Action, Scope
from capacity.vocabulary.roles import Role
from capacity.web.operations import operation_of
from tests.access.conftest import ROLES
from tests.serving import app_on
from tests.world import command_id

OPEN = {Action.OPEN_TO_ALL, Action.SIGN_IN}
OWN = {"site": "halte", "pool": "halte.women"}
OTHER = {"site": "foyer", "pool": "foyer.women"}
NOBODY_S = {
    "hold": command_id(1), "request": command_id(2), "person": command_id(3), "session": command_id(4),
    "device": command_id(5), "user_code": "K7F2-R9M4", "provider": "none",
}  # fmt: skip
WITHOUT_A_RULE = ("/", "/mur", "/maraude", "/halte/", "/regulation", "/connexion", "/appareil", "/admin", "/assets/",
                  "/docs", "/openapi.json", "/donnees", "/metrics", "/ecrans", "/accessibilite", "/public/", "/icons/",
                  "/sw.js", "/early.js", "/manifest.webmanifest", "/hors-ligne.")  # fmt: skip
"""Pages and documents: they hold no data of a territory, but for `/`, which shows everybody what the public may read
(tests/web/test_public_page.py). /metrics has numbers only."""


@pytest.fixture
async def addresses(city):
    async with app_on(city) as app:
        return [route for route in app.routes if isinstance(route, Route)]


def operations(routes):
    """Each operation that has a rule, with one method of its address."""
    for route in routes:
        kept = getattr(route.endpoint, "operation", None) or operation_of(route.endpoint)
        if kept is not None:
            yield route, next(iter(sorted(route.methods - {"HEAD"}))), kept


def path_of(route, territory, names):
    return route.path.format(territory=territory, **NOBODY_S, **names)


async def test_every_address_has_a_rule(addresses):
    ruled = {id(route) for route, _, _ in operations(addresses)}
    without = [route.path for route in addresses if id(route) not in ruled]
    assert [path for path in without if not path.startswith(WITHOUT_A_RULE[1:]) and path != "/"] == []
    assert {kept.action for _, _, kept in operations(addresses)} <= set(RULES)


async def test_every_action_of_the_table_is_asked_somewhere(addresses):
    asked = {kept.action for _, _, kept in operations(addresses)}
    assert set(RULES) - asked == {Action.READ_PROTECTED}  # asked by every view


async def test_each_address_lets_in_whom_the_table_lets(addresses, client, city, keys):
    people = {who: await keys.of(role, *sites) for who, (role, *sites) in ROLES.items()} | {"public": {}}
    wrong = []
    for (route, method, kept), who in product(operations(addresses), people):
        if kept.action in OPEN or kept.action is Action.OWN_ACCOUNT:
            continue
        role = ROLES[who][0] if who in ROLES else Role.PUBLIC
        scope = RULES[kept.action].get(role)
        for whose, names in (("own", OWN), ("other", OTHER)):
            if "own " in who and whose == "own":
                continue  # of another site than these
            answer = await client.request(method, path_of(route, city.name, names), headers=people[who])
            names_one = "{site}" in route.path or "{pool}" in route.path
            covers = scope is not Scope.SITES or not names_one or (whose == "own" and "own " not in who)
            expected = scope is not None and covers
            if (answer.status_code not in (401, 403)) != expected:
                wrong.append((who, method, route.path, whose, answer.status_code))
            if scope is None and answer.status_code != (401 if who == "public" else 403):
                wrong.append((who, method, route.path, whose, answer.status_code))
    assert wrong == []


async def test_a_role_of_one_territory_is_nobody_in_another(addresses, client, city, keys):
    headers = await keys.of(Role.ADMIN)
    for route, method, kept in operations(addresses):
        if "{territory}" in route.path and kept.action not in OPEN and RULES[kept.action].get(Role.PUBLIC) is None:
            answer = await client.request(method, path_of(route, "elsewhere", OWN), headers=headers)
            assert answer.status_code == 403, (method, route.path, answer.status_code)


async def test_a_secret_that_is_nobodys_opens_nothing(addresses, client, city):
    for route, method, kept in operations(addresses):
        if kept.action is not Action.SIGN_IN and "{territory}" in route.path:
            path = path_of(route, city.name, OWN)
            answer = await client.request(method, path, headers={"Authorization": "Bearer nobody"})
            assert answer.status_code == 401, (method, route.path, answer.status_code)
