"""Whatever the document of the API allows, and much that it does not, sent to the real service by schemathesis."""

import asyncio

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.modes import GenerationMode

from capacity.vocabulary.roles import SITE_ROLES, Role
from tests.desk import Desk
from tests.world import command_id, site

EXAMPLES = 10
EXAMPLES_A_ROLE = 3
KNOWN = {
    "site": "halte", "pool": "halte.women", "hold": command_id(1), "request": command_id(2),
    "person": command_id(3), "session": command_id(4), "provider": "none",
    "device": command_id(5), "user_code": "K7F2-R9M4",
}  # fmt: skip
LEFT_OUT = {
    # Rules that a JSON schema cannot tell: `sleeps` is for rooms only, a moment is one of our time, `from` before `to`.
    "put": "positive_data_acceptance",
    "history": "positive_data_acceptance",
    "contingents": "positive_data_acceptance",
    # Nor that a party has somebody, and that a night is one of our time.
    "open_request": "positive_data_acceptance",
    "create_hold": "positive_data_acceptance",
    "availability": "positive_data_acceptance",
    "requests": "positive_data_acceptance",
    # Nor that staff has sites that exist, and nobody else has any.
    "invite": "positive_data_acceptance",
    "change_person": "positive_data_acceptance",
    # Nor which roles are for sites, and which sites there are.
    "decide_on_device": "positive_data_acceptance",
    "make_token": "positive_data_acceptance",
    # Nor that a screen has to have asked before it polls: 400 is the protocol's own answer.
    "device_token": "positive_data_acceptance",
    # One bad report does not stop the others: it is refused by itself, in an answer that is 200.
    "post": "negative_data_rejection",
}


def _schema(url, *left_out):
    # A pool may have left the board by now, as a territory may be unknown. Who guesses has to wait, and whoever
    # signs in elsewhere is sent on.
    fine = ["2xx", "302", "401", "403", "404", "409", "410", "429", "5xx"]
    accepted = {"positive_data_acceptance": {"expected-statuses": fine}}
    checks = accepted | {name: {"enabled": False} for name in left_out}
    # Parameters that nobody knows are left alone, as on any web page.
    config = SchemathesisConfig.from_dict({"checks": checks, "generation": {"allow-extra-parameters": False}})
    return schemathesis.openapi.from_url(f"{url}/openapi.json", config=config)


def _operations(schema):
    return {found.ok().definition.raw["operationId"]: found.ok() for found in schema.get_all_operations()}


@pytest.fixture
def thorough(request):
    """Few examples of each operation and always the same, or as many as the command line asks for, by its seed."""
    asked = request.config.getoption("--schemathesis-examples")
    return {} if asked is None else {"examples": asked, "derandomize": False}


def _try(url, territory, name, mode, *, headers=None, examples=EXAMPLES, derandomize=True):
    """Send examples of one operation, half of them to what exists."""
    operation = _operations(_schema(url, *[LEFT_OUT[name]] if name in LEFT_OUT else []))[name]
    known = {"territory": territory, **KNOWN}
    sent = 0

    @given(case=operation.as_strategy(mode))
    @settings(
        max_examples=examples, deadline=None, derandomize=derandomize, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def send(case):
        nonlocal sent
        sent += 1
        if sent % 2:
            case.path_parameters = {name: known[name] for name in case.path_parameters}
        case.call_and_validate(timeout=10, headers=headers)

    send()
    assert sent


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
async def test_every_operation_answers_each_role_as_its_document_says(served, world, role, thorough):
    await world.put(site("halte", "halte.women"))
    await Desk(world).open(KNOWN["request"])
    # Whoever is let in for another territory only is the public here.
    theirs = (Role.WALL, "elsewhere") if role is Role.PUBLIC else (role, world.name)
    for name in _operations(await asyncio.to_thread(_schema, served.url)):
        token = await world.token(theirs[0], *["halte"] * (role in SITE_ROLES), territory=theirs[1])  # some end it
        how = {"headers": {"Authorization": f"Bearer {token}"}, "examples": EXAMPLES_A_ROLE} | thorough
        await asyncio.to_thread(_try, served.url, world.name, name, GenerationMode.POSITIVE, **how)


async def test_every_operation_answers_as_its_document_says(served, world, thorough):
    await world.put(site("halte", "halte.women"))
    await Desk(world).open(KNOWN["request"])
    for name, operation in _operations(await asyncio.to_thread(_schema, served.url)).items():
        await asyncio.to_thread(_try, served.url, world.name, name, GenerationMode.POSITIVE, **thorough)
        if operation.path_parameters:
            await asyncio.to_thread(_try, served.url, world.name, name, GenerationMode.NEGATIVE, **thorough)
