"""Answers that nobody keeps: they say who somebody is, or hold a secret."""

from pydantic import BaseModel
from starlette.responses import Response

FRESH = {"cache-control": "no-store"}


def json(told: BaseModel, status: int = 200) -> Response:
    """A value as JSON; what was not said of it is left out."""
    return Response(told.model_dump_json(exclude_unset=True), status, FRESH, "application/json")
