"""Opening hours as OpenStreetMap writes them, on the clocks of Paris."""

import time
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.board.clocks import to_ms
from capacity.board.hours import Opening, read_hours
from capacity.board.nights import ZONE
from capacity.vocabulary.finding import Doors
from tests.world import DAY_MS

NIGHT = "Mo-Su 18:00-08:00"


def paris(text):
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=ZONE))


@pytest.mark.parametrize(
    ("text", "moment", "doors", "opens"),
    [
        (NIGHT, "2026-11-22T23:41", Doors.OPEN, None),
        (NIGHT, "2026-11-23T03:00", Doors.OPEN, None),
        (NIGHT, "2026-11-23T07:59:59", Doors.OPEN, None),
        (NIGHT, "2026-11-23T08:00", Doors.CLOSED, "2026-11-23T18:00"),
        ("24/7", "2026-11-23T04:00", Doors.OPEN, None),
        ("Mo-Fr 09:00-17:00; PH off", "2026-07-14T10:00", Doors.CLOSED, "2026-07-15T09:00"),
        ("Nov-Mar 18:00-08:00", "2026-07-14T20:00", Doors.CLOSED, None),
        ("Mo 10:00-12:00", "2026-11-23T13:00", Doors.CLOSED, "2026-11-30T10:00"),
        ("Mo-Su 18:00-08:00 unknown", "2026-11-22T23:41", Doors.UNKNOWN, None),
        ("Feb 29 Mo[1] 10:00-11:00", "2026-11-22T23:41", Doors.CLOSED, None),
    ],
)
def test_hours_say_whether_the_doors_are_open_and_when_they_will_be(text, moment, doors, opens):
    assert read_hours(text).at(paris(moment)) == Opening(doors, opens and paris(opens))


def test_the_hours_are_those_on_the_wall_when_the_clocks_change():
    hours = read_hours("Mo-Su 18:00-02:30")
    for day, last in (("2026-03-29", "01:59"), ("2026-10-25", "02:29")):
        assert hours.at(paris(f"{day}T{last}")).doors is Doors.OPEN
        assert hours.at(paris(f"{day}T03:00")) == Opening(Doors.CLOSED, paris(f"{day}T18:00"))


@pytest.mark.parametrize("text", [None, "", "le soir", "Mo-Su", "25:00-26:00;;", "x" * 200])
def test_hours_that_nobody_can_read_are_none(text):
    hours = read_hours(text)
    assert hours is None or text == "Mo-Su"


@given(st.lists(st.integers(0, 40 * DAY_MS), min_size=1, max_size=20))
def test_what_was_worked_out_before_changes_no_answer(offsets):
    start = paris("2026-10-20T12:00")
    hours = read_hours(NIGHT)
    for offset in offsets:
        local = datetime.fromtimestamp((start + offset) / 1000, ZONE)
        is_open = local.hour >= 18 or local.hour < 8
        assert (hours.at(start + offset).doors is Doors.OPEN) is is_open


def test_hours_that_never_come_are_not_looked_for_through_the_centuries():
    hours = read_hours("Feb 29 Mo[1] 10:00-11:00")
    started = time.perf_counter()
    for day in range(30):
        hours.at(paris("2026-11-22T12:00") + day * 2 * DAY_MS)
    assert timedelta(seconds=time.perf_counter() - started) < timedelta(milliseconds=300)


@pytest.mark.parametrize(
    ("text", "moment", "closes"),
    [
        (NIGHT, "2026-11-22T23:41", "2026-11-23T08:00"),
        (NIGHT, "2026-11-23T08:00", None),
        ("24/7", "2026-11-23T04:00", None),
        ("Mo-Fr 09:00-12:00,14:00-17:00", "2026-11-23T09:00", "2026-11-23T12:00"),
    ],
)
def test_open_doors_say_when_they_close(text, moment, closes):
    assert read_hours(text).closes_ms(paris(moment)) == (closes and paris(closes))
