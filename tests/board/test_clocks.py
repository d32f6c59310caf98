"""Moments and what the server makes of a client's clock. Law 3."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.board.clocks import observed_by_server, rfc3339, to_ms

moments = st.integers(0, 4_102_444_800_000)


@given(moments)
def test_a_moment_survives_the_wire(moment_ms):
    assert to_ms(datetime.fromisoformat(rfc3339(moment_ms))) == moment_ms


@pytest.mark.parametrize(
    ("moment_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_795_387_267_120, "2026-11-22T22:41:07.120Z"),
        (1_795_387_267_009, "2026-11-22T22:41:07.009Z"),
        (1_709_164_799_999, "2024-02-28T23:59:59.999Z"),
    ],
)
def test_a_moment_is_written_in_utc_with_milliseconds(moment_ms, text):
    assert rfc3339(moment_ms) == text


def test_a_moment_of_any_zone_is_one_moment():
    paris = timezone(timedelta(hours=1))
    assert to_ms(datetime(2026, 11, 22, 23, 0, tzinfo=paris)) == to_ms(datetime(2026, 11, 22, 22, 0, tzinfo=UTC))


@given(moments | st.none(), moments | st.none(), moments)
def test_nothing_is_observed_in_the_future(observed_ms, sent_ms, received_ms):
    assert observed_by_server(observed_ms, sent_ms, received_ms) <= received_ms


@given(moments | st.none(), moments)
def test_no_moment_means_now(sent_ms, received_ms):
    assert observed_by_server(None, sent_ms, received_ms) == received_ms


@given(moments, moments, st.integers(0, 10**9), st.integers(-(10**12), 10**12))
def test_only_the_age_at_sending_counts_whatever_the_senders_clock_says(sent_ms, received_ms, age_ms, skew_ms):
    right = observed_by_server(sent_ms - age_ms, sent_ms, received_ms)
    wrong = observed_by_server(sent_ms - age_ms + skew_ms, sent_ms + skew_ms, received_ms)
    assert right == wrong == received_ms - age_ms
