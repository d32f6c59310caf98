import tomllib

import pytest

from capacity.commands.mapping import Mapping
from capacity.commands.tables import Table, read_table
from tests.commands.tables_of_ours import NIGHTS, NIGHTS_MAP, PARKING, PARKING_MAP
from tests.web_fixtures import http, served, world


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


__all__ = ["http", "served", "world"]
