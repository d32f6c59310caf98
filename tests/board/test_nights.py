"""Nights: noon to noon in Paris, through every change of the clocks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.board.clocks import to_ms
from capacity.board.nights import Night

HOUR_MS = 3_600_000
moments = st.integers(946_684_800_000, 4_102_444_800_000)


def moment(*parts):
    return to_ms(datetime(*parts, tzinfo=UTC))


@given(moments)
def test_every_moment_lies_in_its_night_and_in_no_other(moment_ms):
    night = Night.of(moment_ms)
    assert night.start_ms <= moment_ms < night.end_ms
    assert Night.of(night.start_ms) == night == Night.of(night.end_ms - 1)
    assert Night.of(night.end_ms) == night.before(-1)


@given(moments)
def test_a_night_begins_at_noon_in_paris_and_bears_the_name_of_that_day(moment_ms):
    night = Night.of(moment_ms)
    assert str(night) == night.day.isoformat()
    assert night.start.hour in (10, 11)
    assert night.start.date() == night.day


@pytest.mark.parametrize(
    ("moment_ms", "day"),
    [
        (moment(2026, 11, 22, 22, 41), date(2026, 11, 22)),
        (moment(2026, 11, 23, 3, 0), date(2026, 11, 22)),
        (moment(2026, 11, 23, 10, 59, 59, 999_000), date(2026, 11, 22)),
        (moment(2026, 11, 23, 11, 0), date(2026, 11, 23)),
        (moment(2026, 7, 1, 10, 0), date(2026, 7, 1)),
        (moment(2026, 7, 1, 9, 59), date(2026, 6, 30)),
    ],
)
def test_the_night_of_a_moment(moment_ms, day):
    assert Night.of(moment_ms) == Night(day)


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 28), 23), (date(2026, 10, 24), 25), (date(2026, 11, 22), 24)],
)
def test_a_night_in_which_the_clocks_change_is_as_long_as_it_is(day, hours):
    night = Night(day)
    assert night.end_ms - night.start_ms == hours * HOUR_MS
    assert night.end - night.start == timedelta(hours=hours)


def test_the_nights_of_a_month_follow_each_other():
    tonight = Night(date(2026, 11, 22))
    assert [str(tonight.before(n)) for n in (0, 1, 29)] == ["2026-11-22", "2026-11-21", "2026-10-24"]
    assert tonight.before(1).end_ms == tonight.start_ms
