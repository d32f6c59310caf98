"""Fills an empty territory with the demo, by the same doors as everyone else: PUT sites, POST reports, POST holds."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

import httpx2

from capacity.board.clocks import Clock
from capacity.demo.first_evening import Evening, Line, Visit, first_evening
from capacity.demo.first_reports import Report, first_reports
from capacity.demo.paris import plan, sites
from capacity.errors import StartFailed
from capacity.wire.registry import Site
from capacity.wire.reports import MOST_REPORTS

AT_ONCE = 16
DEADLINE_SECONDS = 20.0

Progress = Callable[[int, int], None]
"""Told how many of how many sites are in."""


async def load_demo(
    base_url: str,
    clock: Clock,
    progress: Progress,
    *,
    token: str | None = None,
    territory: str | None = None,
    verify: ssl.SSLContext | bool = True,
) -> bool:
    """Put Paris on the board, unless somebody has reported there already; whether anything was put.

    `token` is an admin's of the territory; `verify` is how a certificate is looked at.

    A load that was cut off is completed by the next one: sites are put again as they are, and commands carry ids that
    the server knows. So the reports, by which a board is known to be filled, come last but for the endings of holds.

    Raises:
        StartFailed: the server refused a part of the demo or did not answer.
    """
    address = f"{base_url.rstrip('/')}/v1/territories/{territory or plan()['territory']}"
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    # A proxy of the machine has no part in this.
    async with httpx2.AsyncClient(
        base_url=address, timeout=DEADLINE_SECONDS, trust_env=False, headers=headers, verify=verify
    ) as http:
        if await _has_reports(http):
            return False
        everything = sites()
        await _put(http, everything, progress)
        now_ms = clock()
        reports = first_reports(everything, now_ms)
        evening = first_evening(everything, reports, now_ms)
        await _begin(http, evening)
        await _post(http, reports)
        await _end(http, evening)
    return True


async def _post(http: httpx2.AsyncClient, reports: list[Report]) -> None:
    for start in range(0, len(reports), MOST_REPORTS):
        await _ask(http, "POST", "/reports", {"reports": reports[start : start + MOST_REPORTS]})


async def _begin(http: httpx2.AsyncClient, evening: Evening) -> None:
    """Keep what is kept, and let every household ask."""
    for pool, contingents in evening.kept.items():
        await _ask(http, "PUT", f"/pools/{pool}/contingents", {"contingents": contingents})
    contacts: dict[str, str] = {}
    for visit, line in evening.visits:
        await _visit(http, visit, line, contacts)


async def _visit(http: httpx2.AsyncClient, visit: Visit, line: Line | None, contacts: dict[str, str]) -> None:
    asked: dict[str, Any] = {
        "id": visit.id("request"),
        "party": visit.party,
        "needs": visit.needs,
        "channel": visit.channel,
        "area": visit.area,
        "contact": contacts.get(visit.again or ""),
    }
    opened = await _ask(http, "POST", "/requests", asked)
    contacts[visit.key] = opened.json()["contact"]
    outcome = {"outcome": "unmet", "reason": visit.reason} if visit.reason else None
    if line is not None:
        hold: dict[str, Any] = {
            "id": visit.id("hold"),
            "lines": [line],
            "minutes": visit.minutes,
            "party": visit.party,
            "channel": visit.channel,
        }
        await _ask(http, "POST", "/holds", hold)
        outcome = {"outcome": "oriented", "hold": hold["id"]}
    if outcome is not None:
        await _ask(http, "POST", f"/requests/{asked['id']}/outcome", {"id": visit.id("outcome"), **outcome})


async def _end(http: httpx2.AsyncClient, evening: Evening) -> None:
    """Tell what became of the holds that have ended; one of a load that was cut off may have ended by itself."""
    for visit, line in evening.visits:
        for verb, said in visit.steps if line else ():
            told = {"id": visit.id(verb), **said}
            await _ask(http, "POST", f"/holds/{visit.id('hold')}/{verb}", told, fine=httpx2.codes.CONFLICT)


async def _has_reports(http: httpx2.AsyncClient) -> bool:
    answer = await _ask(http, "GET", "/board", fine=httpx2.codes.NOT_FOUND)
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
    http: httpx2.AsyncClient, method: str, path: str, body: Any = None, *, fine: int | None = None
) -> httpx2.Response:
    """An answer that is a yes, or that has the status which is `fine` too."""
    try:
        answer = await http.request(method, path, json=body)
    except httpx2.TransportError as exc:
        raise StartFailed(f"The demo could not be loaded: {http.base_url} does not answer.") from exc
    if answer.is_success or answer.status_code == fine:
        return answer
    raise StartFailed(f"The demo could not be loaded: {method} {path} answered {answer.status_code}.")
