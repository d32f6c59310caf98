"""The order in which requests are refused under pressure."""

import itertools

import pytest

from capacity.board.pressure import FEWEST_CALLS, LEAST_LAG_SECONDS, TABLE, Kind, retry_seconds, share_refused


def test_every_kind_has_its_patience():
    assert set(TABLE) == set(Kind)


@pytest.mark.parametrize(("sooner", "later"), list(itertools.pairwise(Kind)))
def test_no_kind_is_refused_before_one_that_can_wait_better(sooner, later):
    assert TABLE[sooner].calls <= TABLE[later].calls
    for ms in range(0, 2_000, 10):
        assert share_refused(sooner, ms / 1000) >= share_refused(later, ms / 1000), ms


def test_looking_back_goes_first_and_reports_of_staff_last():
    assert next(iter(Kind)) is Kind.LOOKING_BACK
    assert list(Kind)[-1] is Kind.REPORTING
    at_worst_for_holds = TABLE[Kind.DIRECTING].refused_seconds
    assert share_refused(Kind.DIRECTING, at_worst_for_holds) == 1
    assert share_refused(Kind.REPORTING, at_worst_for_holds) == 0


@pytest.mark.parametrize("kind", Kind)
def test_more_lag_refuses_a_growing_share_up_to_all(kind):
    patience = TABLE[kind]
    middle = (patience.served_seconds + patience.refused_seconds) / 2
    shares = [share_refused(kind, lag) for lag in (0, patience.served_seconds, middle, patience.refused_seconds, 60)]
    assert shares == [0, 0, pytest.approx(0.5), 1, 1]


def test_below_the_least_of_both_signs_nobody_is_refused():
    assert {share_refused(kind, LEAST_LAG_SECONDS) for kind in Kind} == {0}
    assert all(patience.calls >= FEWEST_CALLS for patience in TABLE.values())


@pytest.mark.parametrize("kind", Kind)
def test_those_refused_together_come_back_at_different_times(kind):
    soonest, latest = TABLE[kind].retry_seconds
    told = {retry_seconds(kind, chance / 100) for chance in range(100)}
    assert told == set(range(soonest, latest + 1))
    assert len(told) > 3
