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


def hold(at, kind, change, arrived=0, *, seq=None):
    return fact(at, f"hold_{kind}", seq=seq, held_change=change, arrived=arrived)


def held(*facts):
    return [(point.at_ms, point.state.occupied, point.state.held, point.state.free) for point in tell(facts)]


def test_places_are_held_until_they_are_occupied_or_given_back():
    facts = [
        opened(), fact(1, "count", occupied=4), hold(2, "created", 3), hold(3, "created", 1), hold(4, "arrived", -3, 2),
        hold(5, "released", -1),
    ]  # fmt: skip
    assert held(*facts)[1:] == [(1, 4, 0, 6), (2, 4, 3, 3), (3, 4, 4, 2), (4, 6, 1, 3), (5, 6, 0, 4)]


def test_a_hold_ends_at_its_true_time_though_it_was_told_later():
    facts = [opened(), hold(2, "created", 3), fact(8, "count", occupied=1), hold(5, "expired", -3)]
    assert held(*facts)[1:] == [(2, 0, 3, 7), (5, 0, 0, 10), (8, 1, 0, 9)]


def test_a_count_that_was_known_when_somebody_arrived_does_not_hold_them_even_by_a_faster_clock():
    known = [opened(seq=1), hold(1, "created", 2, seq=2), fact(5, "count", seq=3, occupied=4)]
    assert held(*known, hold(5, "arrived", -2, 2, seq=4))[-1] == (5, 6, 0, 4)
    assert held(*known, hold(4, "arrived", -2, 2, seq=4))[-1] == (5, 6, 0, 4)
    told_later = fact(6, "count", seq=5, occupied=4)
    assert held(*known, hold(4, "arrived", -2, 2, seq=4), told_later)[-1] == (6, 4, 0, 6)


def test_a_count_that_comes_after_an_arrival_of_its_moment_holds_it():
    facts = [opened(seq=1), hold(1, "created", 2, seq=2), hold(5, "arrived", -2, 2, seq=3)]
    assert held(*facts, fact(5, "count", seq=4, occupied=4))[-1] == (5, 4, 0, 6)


def test_what_holds_add_up_to_before_a_range_stands_after_the_count_that_comes_with_it():
    facts = [opened(), fact(5, "count", seq=90, occupied=4), fact(5, "holds", seq=80, held_change=3, arrived=2)]
    assert held(*facts)[-1] == (5, 6, 3, 1)


def test_a_promise_makes_no_pool_known_and_what_is_kept_for_a_channel_moves_nothing():
    facts = [opened(), hold(2, "created", 2), hold(3, "arrived", -2, 2), fact(4, "contingents_set")]
    assert changes(*facts) == []
    assert changes(*facts, fact(5, "confirmation")) == [(5, 10, 2, 8)]


def test_the_holds_of_a_pool_that_is_gone_are_gone_with_it():
    facts = [
        opened(seq=1), hold(1, "created", 2, seq=2), fact(5, "pool_gone", seq=4), hold(5, "released", -2, seq=3),
        hold(5, "arrived", -2, 2, seq=3), opened(6, seq=5), fact(6, "count", seq=6, occupied=1),
    ]  # fmt: skip
    assert held(*facts)[-2:] == [(5, 0, 0, 0), (6, 1, 0, 9)]


def test_a_step_shows_the_moment_when_most_was_held():
    facts = [opened(), fact(1, "count", occupied=4), hold(2, "created", 5), hold(3, "released", -5)]
    (step,) = in_steps(tell(facts), 1, 5, 4)
    assert (step.state.held, step.state.free) == (5, 1)


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
        st.tuples(st.just("hold_created"), st.just({"held_change": 2, "arrived": 0})),
        st.tuples(st.just("hold_arrived"), st.just({"held_change": -2, "arrived": 2})),
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
