"""Readings become reports in the order of time, on a clock that runs faster."""

import json
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from capacity.board.clocks import rfc3339
from capacity.commands.planning import RUN_BITS, MappedClock, plan, report_id
from capacity.commands.readings import Reading, read_lines
from capacity.wire.reports import ReportBatch

START_MS = 1_795_300_000_000
MINUTE_MS = 60_000

figures = st.none() | st.integers(0, 5)
readings_of_two_pools = st.lists(
    st.builds(
        Reading,
        line=st.integers(2, 40),
        at_ms=st.integers(0, 10),
        pool=st.sampled_from(["a", "b"]),
        capacity=figures,
        out_of_service=figures,
        occupied=figures,
    ),
    unique_by=lambda reading: reading.line,
)


def test_the_first_moment_is_now_and_the_others_come_sooner(parking, parking_map):
    sendings = plan(read_lines(parking, parking_map).good, START_MS, speed=30, run=0)
    dues = sorted({sending.due_ms - START_MS for sending in sendings})
    assert dues == [0, MINUTE_MS // 2, MINUTE_MS, 3 * MINUTE_MS // 2, 2 * MINUTE_MS, 5 * MINUTE_MS // 2]


def test_an_inventory_is_sent_before_the_count_and_only_when_it_changed(parking, parking_map):
    sendings = plan(read_lines(parking, parking_map).good, START_MS, speed=1, run=0)
    south = [each.report for each in sendings if each.report["pool"] == "south-2.places"]
    assert [(report["type"], report.get("capacity", report.get("occupied"))) for report in south] == [
        ("inventory", 50), ("count", 49), ("count", 63), ("inventory", 45), ("count", 45),
    ]  # fmt: skip


def test_of_two_lines_for_one_moment_the_later_has_the_greater_id(parking, parking_map):
    sendings = plan(read_lines(parking, parking_map).good, START_MS, speed=1, run=2**RUN_BITS - 1)
    tied = [each for each in sendings if each.report["observed_at"] == rfc3339(START_MS + 60 * MINUTE_MS)]
    assert [each.line for each in tied] == [4, 5, 6]
    assert max(tied, key=lambda each: each.report["id"]).report["occupied"] == 58


@given(readings_of_two_pools, st.floats(0.01, 1e6), st.integers(0, 2**RUN_BITS - 1))
def test_every_plan_is_in_order_and_made_of_reports_as_the_wire_has_them(readings, speed, run):
    sendings = plan(readings, START_MS, speed, run)
    assert [each.due_ms for each in sendings] == sorted(each.due_ms for each in sendings)
    ids = [each.report["id"] for each in sendings]
    assert ids == sorted(set(ids))
    if sendings:
        ReportBatch.model_validate_json(json.dumps({"reports": [each.report for each in sendings]}))


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.floats(0.001, 1e9))
def test_the_mapped_clock_keeps_the_order(earlier, later, speed):
    clock = MappedClock(0, START_MS, speed)
    earlier, later = sorted((earlier, later))
    assert START_MS <= clock.of(earlier) <= clock.of(later)


@given(st.integers(0, 2**34 - 1), st.integers(0, 2**RUN_BITS - 1))
def test_ids_are_uuids_of_version_7(counter, run):
    made = UUID(report_id(START_MS, counter, run))
    assert made.version == 7
    assert made.int >> 80 == START_MS
