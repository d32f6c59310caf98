"""Moments on the wire: RFC 3339, and nothing else that a lenient parser would take for one."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def _is_rfc3339(text: Any) -> Any:
    if isinstance(text, str) and _RFC3339.fullmatch(text) is None:
        raise ValueError("a moment looks like 2026-11-22T22:41:07.120Z")
    return text


def moment(text: str) -> datetime:
    """The moment that a text of the wire names. Raises ValueError."""
    return datetime.fromisoformat(_is_rfc3339(text))


def _is_of_our_time(moment: datetime) -> datetime:
    if not _EARLIEST <= moment < _LATEST:
        raise ValueError("a moment lies between the years 2000 and 2200")
    return moment


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_is_rfc3339),
    AfterValidator(_is_of_our_time),
    Field(description="RFC 3339", examples=["2026-11-22T22:41:07.120Z"]),
]
"""A moment of our time: what lies far outside is a mistake."""
