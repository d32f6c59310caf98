"""Fills an empty territory with the demo, by the same doors as everyone else: PUT sites, POST reports."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2

from capacity.board.clocks import Clock
from capacity.demo.first_reports import first_reports
from capacity.demo.paris import plan, sites
from capacity.errors import StartFailed
from capacity.wire.registry import Site
from capacity.wire.reports import MOST_REPORTS

AT_ONCE = 16
DEADLINE_SECONDS = 20.0

Progress = Callable[[int, int], None]
"""Told how many of how many sites are in."""


async def load_demo(base_url: str, clock: Clock, progress: Progress, *, territory: str | None = None) -> bool:
    """Put Paris on the board, unless somebody has reported there already; whether anything was put.

    A load that was cut off is completed by the next one: sites are put again as they are, and the reports
    carry ids that the server knows.

    Raises:
        StartFailed: the server refused a part of the demo or did not answer.
    """
    address = f"{base_url.rstrip('/')}/v1/territories/{territory or plan()['territory']}"
    # A proxy of the machine has no part in this.
    async with httpx2.AsyncClient(base_url=address, timeout=DEADLINE_SECONDS, trust_env=False) as http:
        if await _has_reports(http):
            return False
        everything = sites()
        await _put(http, everything, progress)
        reports = first_reports(everything, clock())
        for start in range(0, len(reports), MOST_REPORTS):
            await _ask(http, "POST", "/reports", {"reports": reports[start : start + MOST_REPORTS]})
    return True


async def _has_reports(http: httpx2.AsyncClient) -> bool:
    answer = await _ask(http, "GET", "/board", may_be_missing=True)
    return answer.is_success and any(row.get("observed_at") for row in answer.json()["rows"])


async def _put(http: httpx2.AsyncClient, everything: list[Site], progress: Progress) -> None:
    """The first site opens the territory; the others follow, a few at once."""
    places_in_line = asyncio.Semaphore(AT_ONCE)
    done = 0

    async def put(site: Site) -> None:
        nonlocal done
        async with places_in_line:
            await _ask(http, "PUT", f"/sites/{site.id}", site.model_dump(mode="json"))
        done += 1
        progress(done, len(everything))

    first, *others = everything
    await put(first)
    try:
        async with asyncio.TaskGroup() as tasks:
            for site in others:
                tasks.create_task(put(site), name=f"put {site.id}")
    except ExceptionGroup as refused:
        raise refused.exceptions[0] from refused


async def _ask(
    http: httpx2.AsyncClient, method: str, path: str, body: Any = None, *, may_be_missing: bool = False
) -> httpx2.Response:
    try:
        answer = await http.request(method, path, json=body)
    except httpx2.TransportError as exc:
        raise StartFailed(f"The demo could not be loaded: {http.base_url} does not answer.") from exc
    if answer.is_success or (may_be_missing and answer.status_code == httpx2.codes.NOT_FOUND):
        return answer
    raise StartFailed(f"The demo could not be loaded: {method} {path} answered {answer.status_code}.")
