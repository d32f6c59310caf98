import pytest

from tests.serving import server_on
from tests.world import World, world_of


@pytest.fixture
async def world(redis_url, database, territory):
    async with world_of(redis_url, database, territory) as world:
        yield world


@pytest.fixture
async def served(world: World):
    async with server_on(world) as served:
        yield served
