"""Fixtures of the tests that speak HTTP; their conftest.py takes them in."""

import httpx2
import pytest

from tests.serving import Served, client_on, in_one_task, server_on
from tests.world import World, world_of


def is_problem(answer, status, slug):
    """Whether an answer is this problem, as RFC 9457 tells it."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told = answer.json()
    assert told["title"]
    assert told["detail"]
    return (answer.status_code, told["status"], told["type"]) == (status, status, f"/problems/{slug}")


@pytest.fixture
async def world(redis_url, database, territory):
    """A territory of this test's own on the real stores."""
    async with in_one_task(world_of(redis_url, database, territory)) as world:
        yield world


@pytest.fixture
async def client(world: World):
    """A client of the whole application."""
    async with in_one_task(client_on(world)) as client:
        yield client


@pytest.fixture
async def served(world: World):
    """The whole application on a port of its own."""
    async with in_one_task(server_on(world)) as served:
        yield served


@pytest.fixture
async def http(served: Served):
    """A client of the served application."""
    async with httpx2.AsyncClient(base_url=served.url) as http:
        yield http
