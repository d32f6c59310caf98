from tests.web_fixtures import http, served, world

__all__ = ["http", "served", "world"]
