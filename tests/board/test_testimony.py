"""Who contradicts whom about the end of a hold."""

import pytest

from capacity.board.testimony import Ending, Reliability, Statement, contradicts


def ending(ended_as, *said, free=None):
    statements = [Statement(side, says, at_ms) for at_ms, (side, says) in enumerate(said, 2)]
    return Ending("h", ["a.w"], "a", ended_as, 1, free or {}, statements)


@pytest.mark.parametrize("seen", ["arrived", "no_show", "refused", "full_on_arrival"])
@pytest.mark.parametrize("says", ["arrived", "no_show", "refused", "full_on_arrival"])
def test_whoever_says_otherwise_than_it_was_seen_contradicts(seen, says):
    assert contradicts(seen, says) == (seen != says)


@pytest.mark.parametrize("unseen", ["expired", "cancelled", "pool_gone"])
def test_of_an_end_that_nobody_saw_only_an_arrival_is_news(unseen):
    assert contradicts(unseen, "arrived")
    assert not any(contradicts(unseen, says) for says in ("no_show", "refused", "full_on_arrival"))


@pytest.mark.parametrize(
    ("told", "is_disputed"),
    [
        (ending("arrived"), False),
        (ending("arrived", ("site", "arrived")), False),
        (ending("arrived", ("site", "no_show")), True),
        (ending("no_show", ("team", "refused"), ("team", "no_show")), True),  # it was said, and taken back
        (ending("expired", ("team", "refused")), False),
        (ending("expired", ("team", "refused"), ("site", "no_show")), True),  # the sides contradict each other
        (ending("expired", ("team", "refused"), ("site", "no_show"), ("team", "no_show")), False),
        (ending("full_on_arrival"), False),
        (ending("full_on_arrival", free={"a.w": 1}), True),
        (ending("cancelled", free={"a.w": 1}), False),
    ],
)
def test_an_end_is_disputed_when_somebody_tells_it_otherwise(told, is_disputed):
    assert told.is_disputed is is_disputed


def test_the_latest_word_dates_a_disagreement():
    assert ending("no_show", ("team", "arrived"), ("site", "no_show")).latest_ms == 3
    assert ending("no_show").latest_ms == 1


def test_who_did_not_come_is_no_part_of_what_a_site_kept():
    site = Reliability("a", arrived=7, full_on_arrival=2, refused=1, no_show=5, expired=9)
    assert (site.kept, site.of) == (7, 10)
