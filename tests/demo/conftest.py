from tests.web_fixtures import served, world

__all__ = ["served", "world"]
