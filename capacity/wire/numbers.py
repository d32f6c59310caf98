"""Whole numbers as JSON knows them: 2 and 2.0 are one number there, and "2" is none. Source: JSON Schema, `integer`."""

from typing import Any

from pydantic import BeforeValidator


def _whole(said: Any) -> Any:
    return int(said) if isinstance(said, float) and said.is_integer() else said


WHOLE = BeforeValidator(_whole)
"""Behind the bounds of a strict `int`, in bodies off the hot path; reports take whole numbers as they are written."""
