"""A pool's past as a pure fold: golden nights, small enough to check by hand. Laws 1 and 2."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.board.history import Fact, in_range, in_steps, tell

EVER = 10_000


def fact(at, kind, number=None, *, seq=None, **said):
    """A command of the ledger; its number and its id are its place in the list where they do not matter."""
    number = number or next(_numbers)
    return Fact(at, {"seq": seq or number, "id": f"{number:06d}", "type": kind, **said})


_numbers = itertools.count(1)


def opened(at=0, capacity=10, **more):
    return fact(at, "pool_opened", capacity=capacity, **more)


def shown(points):
    return [(point.at_ms, point.state.capacity, point.state.occupied, point.state.free) for point in points]


def changes(*facts):
    return shown(in_range(tell(facts), 0, EVER))


def test_nothing_is_told_before_the_first_report():
    assert changes(opened()) == []
    assert shown(in_steps(tell([opened()]), 0, EVER, 1_000)) == []


def test_a_count_replaces_and_a_movement_adds():
    assert changes(opened(), fact(5, "count", occupied=4), fact(6, "movement", delta=2)) == [
        (5, 10, 4, 6),
        (6, 10, 6, 4),
    ]


def test_a_count_already_holds_the_movements_of_its_own_moment():
    count, movement = fact(5, "count", 1, occupied=4), fact(5, "movement", 2, delta=2)
    assert changes(opened(seq=1), count, movement) == [(5, 10, 4, 6)]


def test_of_two_counts_at_one_moment_the_greater_id_holds():
    smaller, greater = fact(5, "count", 1, seq=9, occupied=4), fact(5, "count", 2, seq=8, occupied=7)
    assert changes(opened(seq=1), smaller, greater) == changes(opened(seq=1), greater, smaller) == [(5, 10, 7, 3)]


def test_a_late_count_stands_at_its_own_moment():
    assert changes(opened(), fact(9, "count", occupied=4), fact(5, "count", occupied=8)) == [
        (5, 10, 8, 2),
        (9, 10, 4, 6),
    ]


def test_a_sum_below_zero_is_shown_as_zero_and_not_cut():
    facts = opened(), fact(1, "movement", delta=-3), fact(2, "movement", delta=4)
    assert changes(*facts) == [(1, 10, 0, 10), (2, 10, 1, 9)]


def test_a_report_that_was_kept_twice_is_heard_once():
    first, again = fact(1, "movement", 2, seq=2, delta=3), fact(2, "movement", 2, seq=9, delta=3)
    assert changes(opened(seq=1), first, again) == [(1, 10, 3, 7)]


def test_an_inventory_moves_only_what_it_names():
    facts = opened(), fact(1, "inventory", extra=5), fact(2, "inventory", out_of_service=3, reason="pests")
    assert changes(*facts) == [(1, 10, 0, 15), (2, 10, 0, 12)]


def test_while_it_is_not_open_nothing_is_free_and_the_count_stays_true():
    facts = (
        opened(),
        fact(1, "count", occupied=4),
        fact(2, "status", status="draining"),
        fact(3, "status", status="open"),
    )
    assert changes(*facts) == [(1, 10, 4, 6), (2, 10, 4, 0), (3, 10, 4, 6)]


def test_over_capacity_nothing_is_free():
    assert changes(opened(), fact(1, "count", occupied=14)) == [(1, 10, 14, 0)]


def test_a_confirmation_is_a_first_report_too():
    assert changes(opened(), fact(1, "confirmation", seen=1)) == [(1, 10, 0, 10)]


def test_a_report_observed_before_the_opening_knows_the_capacity_already():
    assert changes(opened(5, seq=1), fact(2, "count", seq=2, occupied=4)) == [(2, 10, 4, 6), (5, 10, 4, 6)]


def test_a_registered_capacity_moves_the_live_one_only_when_it_changed_itself():
    facts = [
        opened(),
        fact(1, "inventory", capacity=12),
        fact(2, "pool_changed", capacity=10),
        fact(3, "pool_changed", capacity=9),
    ]
    assert changes(*facts) == [(1, 12, 0, 12), (2, 12, 0, 12), (3, 9, 0, 9)]


def test_a_pool_that_is_gone_has_nothing():
    assert changes(opened(), fact(1, "count", occupied=4), fact(2, "pool_gone")) == [(1, 10, 4, 6), (2, 0, 0, 0)]


def test_a_pool_that_comes_back_starts_afresh():
    facts = [
        opened(seq=1), fact(1, "count", seq=2, occupied=4), fact(2, "pool_gone", seq=3),
        opened(3, capacity=6, seq=4), fact(4, "movement", seq=5, delta=1),
    ]  # fmt: skip
    assert changes(*facts) == [(1, 10, 4, 6), (2, 0, 0, 0), (4, 6, 1, 5)]


def test_an_ended_life_does_not_speak_into_the_next():
    facts = [
        opened(seq=1),
        opened(5, capacity=6, seq=3),
        fact(6, "count", seq=4, occupied=2),
        fact(7, "count", seq=2, occupied=9),
    ]
    assert changes(*facts) == [(6, 6, 2, 4)]


NIGHT = [
    opened(),
    fact(1_100, "count", occupied=2),
    fact(1_400, "count", occupied=10),
    fact(1_500, "count", occupied=3),
]


@pytest.mark.parametrize(
    ("from_ms", "to_ms", "step_ms", "expected"),
    [
        (1_000, 2_000, 500, [(1_000, 10, 10, 0), (1_500, 10, 3, 7)]),  # the full moment is not averaged away
        (0, 2_000, 1_000, [(1_000, 10, 10, 0)]),  # before the first report there is nothing
        (1_450, 1_550, 50, [(1_450, 10, 10, 0), (1_500, 10, 3, 7)]),  # what stood before the range
        (1_400, 1_500, 100, [(1_400, 10, 10, 0)]),  # a step does not hold its end
        (1_400, 1_500, 200, [(1_400, 10, 10, 0)]),  # the last step is cut by the range
        (5_000, 5_300, 100, [(at, 10, 3, 7) for at in (5_000, 5_100, 5_200)]),  # steps without facts
        (1_400, 1_400, 100, []),
        (2_000, 1_000, 100, []),
    ],
)
def test_each_step_shows_the_fewest_that_were_free(from_ms, to_ms, step_ms, expected):
    assert shown(in_steps(tell(NIGHT), from_ms, to_ms, step_ms)) == expected


def test_of_states_with_as_few_free_the_fullest_counts():
    facts = [opened(), fact(1, "status", status="closed"), fact(2, "count", occupied=9), fact(3, "count", occupied=4)]
    assert shown(in_steps(tell(facts), 0, 10, 10)) == [(0, 10, 9, 0)]


def test_a_range_holds_both_its_ends():
    assert [point[0] for point in shown(in_range(tell(NIGHT), 1_100, 1_400))] == [1_100, 1_400]


sayings = st.tuples(
    st.integers(1, 6),
    st.one_of(
        st.tuples(st.just("count"), st.fixed_dictionaries({"occupied": st.integers(0, 12)})),
        st.tuples(st.just("movement"), st.fixed_dictionaries({"delta": st.integers(-3, 3)})),
        st.tuples(st.just("status"), st.fixed_dictionaries({"status": st.sampled_from(["open", "closed"])})),
    ),
)


@given(st.lists(sayings, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_arrival_never_matters(said, chance):
    facts = [opened(seq=1)]
    facts += [fact(at, kind, number, **words) for number, (at, (kind, words)) in enumerate(said, 2)]
    shuffled = facts[1:]
    chance.shuffle(shuffled)
    assert tell(facts) == tell([*shuffled, facts[0]])


@given(st.lists(sayings, max_size=12), st.integers(1, 4))
def test_no_step_shows_more_free_places_than_any_moment_in_it_had(said, step):
    facts = [opened(seq=1)]
    facts += [fact(at, kind, number, **words) for number, (at, (kind, words)) in enumerate(said, 2)]
    points = tell(facts)
    for told in in_steps(points, 0, 8, step):
        within = [point.state.free for point in in_range(points, told.at_ms, min(told.at_ms + step - 1, 8))]
        assert told.state.free <= min(within, default=told.state.free)
