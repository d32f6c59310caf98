"""What the sites of the demo have said by the time that somebody opens it: the screens show every state.

Most places are full most of the time (58.9 % of the programme-nights that Toronto published had none
free), some sites have not spoken for hours and some have never spoken.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from capacity.board.clocks import rfc3339
from capacity.demo.drawing import draw, draw_between
from capacity.demo.paris import SLEEPING_UNITS
from capacity.vocabulary.words import Kind, OutOfServiceReason, Status, Unit
from capacity.wire.registry import Pool, Site

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
HALTE_HOTEL_DE_VILLE = "halte-hotel-de-ville.women"

NEVER_REPORTED = 0.06
STALE = 0.15
AGEING = 0.28
FULL = 0.59
OVER = 0.03

MOVING_REASONS = [reason for reason in OutOfServiceReason if reason is not OutOfServiceReason.OTHER]

Report = dict[str, Any]
"""A report in the shape of the wire."""


def first_reports(sites: Iterable[Site], now_ms: int) -> list[Report]:
    """The reports of all pools, oldest first, each with an id that is the same at every call.

    No report is older than a day, so each takes effect; `now_ms` only says what their ages count back from.
    """
    timed = [timed for site in sites for pool in site.pools for timed in _of_pool(site, pool)]
    timed.sort(key=lambda pair: -pair[0])
    return [{**report, "observed_at": rfc3339(now_ms - age_ms)} for age_ms, report in timed]


def places_left(sites: Iterable[Site], reports: Iterable[Report], now_ms: int) -> dict[str, int]:
    """For each pool where people sleep, that is open and of which fresh news say so, how many places are free."""
    newest = {(report["pool"], report["type"]): report for report in reports}
    left = {}
    for pool in (pool for site in sites for pool in site.pools if pool.unit in SLEEPING_UNITS):
        count, inventory = newest.get((pool.id, "count")), newest.get((pool.id, "inventory"), {})
        is_open = (pool.id, "status") not in newest
        if count and is_open and count["observed_at"] >= rfc3339(now_ms - pool.fresh_for * 1000):
            usable = pool.capacity + inventory.get("extra", 0) - inventory.get("out_of_service", 0)
            left[pool.id] = max(0, usable - count["occupied"])
    return left


def _of_pool(site: Site, pool: Pool) -> Iterator[tuple[int, Report]]:
    age_ms = _age_ms(pool)
    if age_ms is None:
        return
    out_of_service = _out_of_service(pool)
    extra = _extra(site, pool)
    if out_of_service or extra:
        reason = MOVING_REASONS[draw_between(0, len(MOVING_REASONS) - 1, pool.id, "reason")]
        fields: Report = {"extra": extra} if extra else {}
        if out_of_service:
            fields |= {"out_of_service": out_of_service, "reason": reason.value}
        yield age_ms + MINUTE_MS, _report("inventory", pool, **fields)
    if status := _status(site, pool):
        yield age_ms + MINUTE_MS // 2, _report("status", pool, **status)
    yield age_ms, _report("count", pool, occupied=_occupied(pool, pool.capacity + extra - out_of_service))


def _report(kind: str, pool: Pool, **fields: Any) -> Report:
    report_id = uuid5(NAMESPACE_URL, f"demo/{pool.id}/{kind}")
    return {"id": str(report_id), "type": kind, "pool": pool.id, **fields}


def _age_ms(pool: Pool) -> int | None:
    """How long ago the site spoke of this pool; None: it never did."""
    if pool.id == HALTE_HOTEL_DE_VILLE:
        return 6 * MINUTE_MS
    chance, depth = draw(pool.id, "freshness"), draw(pool.id, "age")
    fresh_ms = pool.fresh_for * 1000
    if chance < NEVER_REPORTED:
        return None
    if chance < STALE:
        oldest = 23 * HOUR_MS
        youngest = min(int(3.05 * fresh_ms), oldest)
        return youngest + int(depth * (oldest - youngest))
    if chance < AGEING:
        return min(int(fresh_ms * (1.1 + 1.8 * depth)), 22 * HOUR_MS)
    return MINUTE_MS + int(0.8 * fresh_ms * depth)


def _occupied(pool: Pool, usable: int) -> int:
    if pool.id == HALTE_HOTEL_DE_VILLE:
        return usable - 4
    chance, depth = draw(pool.id, "occupied"), draw(pool.id, "free")
    if chance < OVER:
        return usable + 1 + int(depth * 3)
    if chance < OVER + FULL:
        return usable
    # Few are left where people sleep; meals, showers and lockers are further from their end.
    widest = 0.12 if pool.unit in SLEEPING_UNITS else 0.6
    return usable - min(usable, 1 + int(depth * depth * widest * usable))


def _out_of_service(pool: Pool) -> int:
    if pool.unit not in SLEEPING_UNITS or pool.id == HALTE_HOTEL_DE_VILLE or draw(pool.id, "works") > 0.35:
        return 0
    return min(pool.capacity, draw_between(1, 1 + pool.capacity // 20, pool.id, "out of service"))


def _extra(site: Site, pool: Pool) -> int:
    if site.kind not in {Kind.NIGHT_HALTE, Kind.WOMEN_HALTE, Kind.FAMILY_HALTE, Kind.SHELTER}:
        return 0
    if pool.unit is Unit.ROOM or pool.id == HALTE_HOTEL_DE_VILLE or draw(pool.id, "cold") > 0.12:
        return 0
    return draw_between(2, 10, pool.id, "extra")


def _status(site: Site, pool: Pool) -> Report | None:
    chance = draw(site.id, "status")
    if site.kind is Kind.COLD_PLAN:
        return {"status": Status.CLOSED.value} if chance < 0.4 else None
    if pool.id == HALTE_HOTEL_DE_VILLE or pool.unit not in SLEEPING_UNITS:
        return None
    if chance < 0.02:
        return {"status": Status.SUSPENDED.value, "reason": "heating"}
    if chance < 0.05:
        return {"status": Status.DRAINING.value, "reason": "staffing"}
    return None
