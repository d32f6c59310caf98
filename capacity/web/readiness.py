"""Whether what the service needs is within bounds, each check with a deadline of its own. Source: wire.md, Service."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from capacity.errors import CapacityError
from capacity.wire.service import Check, Readiness

DEADLINE_SECONDS = 2.0

CheckUp = Callable[[], Awaitable[str | None]]
"""Answers what is wrong, None when nothing is, a Remark on what is well; may raise a CapacityError."""


class Remark(str):
    """What is worth saying though nothing that is needed is missing."""

    __slots__ = ()


async def readiness(checks: Mapping[str, CheckUp], deadline_seconds: float = DEADLINE_SECONDS) -> Readiness:
    """All checks at once. One that fails, or takes too long, makes the service not ready."""
    found = await asyncio.gather(*(_look(check_up, deadline_seconds) for check_up in checks.values()))
    return Readiness(ready=all(check.ok for check in found), checks=dict(zip(checks, found, strict=True)))


async def _look(check_up: CheckUp, deadline_seconds: float) -> Check:
    try:
        async with asyncio.timeout(deadline_seconds):
            wrong = await check_up()
    except CapacityError as exc:
        wrong = str(exc)
    except TimeoutError:
        wrong = f"no answer within {deadline_seconds:g} s"
    return Check(ok=wrong is None or isinstance(wrong, Remark), detail=wrong)
