from tests.web_fixtures import client, http, served, world

__all__ = ["client", "http", "served", "world"]
