from tests.raw_wire import house, line
from tests.web_fixtures import client, http, served, world

__all__ = ["client", "house", "http", "line", "served", "world"]
