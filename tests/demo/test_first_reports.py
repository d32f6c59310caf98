"""The demo's first reports put every state on the screens."""

import json
from collections import Counter

import pytest

from capacity.board.clocks import rfc3339
from capacity.demo import paris
from capacity.demo.first_reports import first_reports
from capacity.wire.reports import ReportBatch

NOW_MS = 1_795_300_000_000
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def reports() -> list[dict]:
    return first_reports(paris.sites(), NOW_MS)


def test_each_is_a_report_as_the_wire_has_it(reports):
    ReportBatch.model_validate_json(json.dumps({"reports": reports}))


def test_ids_are_unique_and_the_same_at_every_call(reports):
    again = first_reports(paris.sites(), NOW_MS + 5_000)
    assert [report["id"] for report in again] == [report["id"] for report in reports]
    assert len({report["id"] for report in reports}) == len(reports)


def test_they_come_oldest_first_and_none_is_too_old_to_count_or_in_the_future(reports):
    moments = [report["observed_at"] for report in reports]
    assert moments == sorted(moments)
    assert rfc3339(NOW_MS - DAY_MS) < moments[0] <= moments[-1] < rfc3339(NOW_MS)


def test_every_freshness_is_there(reports):
    newest = {report["pool"]: report["observed_at"] for report in reports}
    seen = Counter(freshness_word(newest.get(pool.id), pool.fresh_for) for site in paris.sites() for pool in site.pools)
    assert all(seen[word] >= 20 for word in ("unknown", "fresh", "ageing", "stale")), seen


def test_most_pools_are_full_some_have_places_and_some_are_over(reports):
    free = free_by_pool(reports)
    assert 0.5 < sum(places <= 0 for places in free.values()) / len(free) < 0.7
    assert sum(places < 0 for places in free.values()) >= 5


def test_the_halte_of_the_hotel_de_ville_has_four_places_free_and_spoke_just_now(reports):
    (count,) = [report for report in reports if report["pool"] == "halte-hotel-de-ville.women"]
    assert count["occupied"] == 35
    assert count["observed_at"] == rfc3339(NOW_MS - 6 * 60_000)


def test_every_status_but_open_is_said_somewhere(reports):
    assert {report["status"] for report in reports if report["type"] == "status"} == {
        "closed", "suspended", "draining",
    }  # fmt: skip


def freshness_word(observed_at: str | None, fresh_for: int) -> str:
    if observed_at is None:
        return "unknown"
    if observed_at >= rfc3339(NOW_MS - fresh_for * 1000):
        return "fresh"
    return "ageing" if observed_at >= rfc3339(NOW_MS - 3 * fresh_for * 1000) else "stale"


def free_by_pool(reports: list[dict]) -> dict[str, int]:
    usable = {pool.id: pool.capacity for site in paris.sites() for pool in site.pools}
    occupied = {}
    for report in reports:
        if report["type"] == "inventory":
            usable[report["pool"]] += report.get("extra", 0) - report.get("out_of_service", 0)
        elif report["type"] == "count":
            occupied[report["pool"]] = report["occupied"]
    return {pool: usable[pool] - here for pool, here in occupied.items()}
