"""How a household fits into one site."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.board.fit import MOST_LINES, MOST_PLACES
from capacity.board.needs import Household, audience_of, need_of
from capacity.vocabulary.words import Audience, Freshness, Unit
from tests.board.found_places import City

ROOM = {"unit": "room"}


def test_one_pool_takes_the_household():
    assert City().site("a", ("w", 3)).found(2) == [{"a.0": 2}]


def test_a_pool_with_too_few_places_is_no_option():
    assert City().site("a", ("w", 2)).found(3) == []


@pytest.mark.parametrize(
    ("sleeps", "persons", "rooms"), [(3, 3, 1), (3, 4, 2), (2, 5, 3), (None, 2, 2), (None, 1, 1), (6, 1, 1)]
)
def test_rooms_are_counted_by_how_many_they_sleep_one_where_nobody_knows(sleeps, persons, rooms):
    city = City().site("a", ("f", 9, {**ROOM, "sleeps": sleeps}))
    assert city.found(1, 0, persons - 1) == ([{"a.0": rooms}] if persons > 1 else [])
    assert City().site("a", ("w", 9, {**ROOM, "sleeps": sleeps})).found(persons) == [{"a.0": rooms}]


def test_several_pools_of_a_site_join_where_none_is_enough_the_largest_first():
    city = City().site("a", ("f", 2), ("f", 1), ("f", 3))
    assert city.found(1, 0, 3) == [{"a.2": 3, "a.0": 1}]


def test_pools_do_not_join_where_one_is_enough():
    assert City().site("a", ("f", 2), ("f", 5)).found(1, 0, 3) == [{"a.1": 4}]


def test_pools_of_two_sites_never_join():
    assert City().site("a", ("f", 2)).site("b", ("f", 2)).found(1, 0, 2) == []


def test_rooms_and_places_are_never_added_up():
    city = City().site("a", ("f", 1, {**ROOM, "sleeps": 2}), ("f", 2))
    assert city.found(1, 0, 2) == []
    assert city.site("b", ("f", 1, {**ROOM, "sleeps": 2}), ("f", 1, {**ROOM, "sleeps": 1})).found(1, 0, 2) == [
        {"b.0": 1, "b.1": 1}
    ]


def test_mixed_pools_join_only_where_the_right_ones_are_not_enough():
    city = City().site("a", ("f", 2), ("f", 2), ("x", 3))
    assert city.found(1, 0, 3) == [{"a.0": 2, "a.1": 2}]
    assert city.found(1, 0, 4) == [{"a.2": 3, "a.0": 2}]


def test_no_more_lines_than_a_hold_may_have():
    assert City().site("a", *[("f", 1)] * 5).found(1, 0, 4) == [{f"a.{n}": 1 for n in range(5)}]
    assert City().site("a", *[("f", 1)] * 6).found(1, 0, 5) == []


def test_no_more_places_in_a_line_than_a_hold_may_have():
    assert City().site("a", ("x", 200)).found(40, 11) == []
    assert City().site("a", ("x", 200), ("x", 200)).found(40, 11) == [{"a.0": 50, "a.1": 1}]


def test_adults_of_both_kinds_may_part_within_a_site_where_nothing_takes_them_together():
    city = City().site("a", ("w", 2), ("m", 2))
    assert city.found(2, 1) == [{"a.0": 2, "a.1": 1}]
    assert city.found(2, 3) == []
    assert city.found(1, 1) == []
    assert city.found(2, 1, 1) == []
    assert city.site("b", ("x", 3)).found(2, 1) == [{"b.0": 3}, {"a.0": 2, "a.1": 1}]
    assert City().site("a", ("w", 2), ("m", 2), ("x", 3)).found(2, 1) == [{"a.2": 3}]


def test_those_who_part_do_so_in_as_few_lines_as_can_be():
    city = City().site("a", ("w", 1), ("w", 1), ("w", 1, {**ROOM, "sleeps": 2}), ("m", 2))
    assert city.found(2, 2) == [{"a.2": 1, "a.3": 2}]


@pytest.mark.parametrize("freshness", ["stale", "unknown"])
def test_what_is_stale_or_unknown_is_an_option_to_confirm_and_joins_only_as_a_last_resort(freshness):
    unsure = {"freshness": freshness}
    (option,) = City().site("a", ("w", 3, unsure)).findings(1).options
    assert (option.certainty, option.freshness) == ("confirm_by_phone", Freshness(freshness))
    city = City().site("a", ("f", 2), ("f", 2), ("f", 4, unsure))
    assert city.found(1, 0, 3) == [{"a.0": 2, "a.1": 2}, {"a.2": 4}]
    (option,) = City().site("a", ("f", 2), ("f", 2, unsure)).findings(1, 0, 3).options
    assert (option.certainty, len(option.fit.lines)) == ("confirm_by_phone", 2)


parties = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6)).filter(any)
pools = st.tuples(
    st.sampled_from(list(Audience)),
    st.integers(0, 60),
    st.fixed_dictionaries(
        {"freshness": st.sampled_from(["fresh", "ageing", "stale", "unknown"])},
        optional={"unit": st.sampled_from(["bed", "room"]), "sleeps": st.integers(1, 5)},
    ).filter(lambda said: said.get("unit") == "room" or "sleeps" not in said),
)
sites = st.lists(st.lists(pools, min_size=1, max_size=7), min_size=1, max_size=4)


@given(parties, sites)
def test_an_option_is_at_one_site_for_everyone_in_pools_that_take_them_and_could_be_held(party, sites):
    city = City()
    for number, pools in enumerate(sites):
        city.site(f"s{number}", *pools)
    free = {one["pool"]: one["free"] for one in city.rows}
    household = Household(*party)
    need = need_of(audience_of(household), frozenset())
    for option in city.findings(*party, limit=100).options:
        lines = option.fit.lines
        assert {line.candidate.vacancy.site_id for line in lines} == {option.place.shelter.site_id}
        assert 1 <= len(lines) <= MOST_LINES
        assert len({line.candidate.lodging.pool_id for line in lines}) == len(lines)
        assert all(0 < line.places <= min(MOST_PLACES, free[line.candidate.lodging.pool_id]) for line in lines)
        assert sum(line.persons for line in lines) == option.fit.persons >= household.persons
        audiences = {line.candidate.lodging.audience for line in lines}
        if audiences <= set(need.matches):
            assert len({line.candidate.lodging.unit is Unit.ROOM for line in lines}) == 1
        else:
            assert need.may_part
            assert audiences == {Audience.WOMEN, Audience.MEN}
            by_audience = {one: [line for line in lines if line.candidate.lodging.audience is one] for one in audiences}
            assert sum(line.persons for line in by_audience[Audience.WOMEN]) >= household.women
            assert sum(line.persons for line in by_audience[Audience.MEN]) >= household.men
        ages = {line.candidate.vacancy.observed_ms for line in lines}
        assert option.fit.is_certain or any(line.candidate.oldness >= 2 for line in lines), ages
        if len(lines) > 1 and option.fit.is_certain:
            alone = [one for one in city.findings(*party, limit=100).options if len(one.fit.lines) == 1]
            assert not any(
                one.fit.is_certain and one.place.shelter.site_id == option.place.shelter.site_id for one in alone
            )
