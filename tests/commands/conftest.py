import tomllib

import pytest

from capacity.commands.mapping import Mapping
from capacity.commands.tables import Table, read_table
from tests.commands.tables_of_ours import NIGHTS, NIGHTS_MAP, PARKING, PARKING_MAP
from tests.serving import Served, server_on
from tests.world import World, world_of


@pytest.fixture
def nights() -> Table:
    return read_table(NIGHTS, "nights.csv")


@pytest.fixture
def nights_map() -> Mapping:
    return Mapping.model_validate(tomllib.loads(NIGHTS_MAP))


@pytest.fixture
def parking() -> Table:
    return read_table(PARKING, "parking.csv")


@pytest.fixture
def parking_map() -> Mapping:
    return Mapping.model_validate(tomllib.loads(PARKING_MAP))


@pytest.fixture
async def world(redis_url, database, territory):
    async with world_of(redis_url, database, territory) as world:
        yield world


@pytest.fixture
async def served(world: World):
    async with server_on(world) as served:
        yield served


__all__ = ["Served"]
