"""The street of a night is a value: the same seed meets the same households, and nobody of them is impossible."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.commands.night import HOUR_MS, MINUTE_MS, Night
from capacity.commands.street import MOST_CALLS, Corner, Ending, corners_of, households
from capacity.demo import paris
from capacity.vocabulary.words import Channel, Said, Side, Trait, Visibility

SITES = [site.model_dump(mode="json") for site in paris.sites()]
CORNERS = corners_of(SITES)
MANY = 2_000


@pytest.fixture(scope="module")
def street():
    return households(Night(seed=1), MANY, CORNERS)


@pytest.fixture(scope="module")
def calls(street):
    return [call for household in street for call in household.calls]


def test_the_same_seed_meets_the_same_households_and_another_one_others(street):
    assert households(Night(seed=1), MANY, CORNERS) == street
    assert households(Night(seed=2), MANY, CORNERS) != street


def test_a_longer_night_begins_like_a_shorter_one(street):
    short = households(Night(seed=1, hours=3), MANY, CORNERS)
    first_calls = [(household.key, household.calls[0]) for household in street]
    assert [(household.key, household.calls[0]) for household in short] == first_calls[: len(short)]


def test_so_many_ask_in_an_hour_of_the_evening_and_fewer_in_the_small_hours(street):
    by_hour = Counter(household.calls[0].at_ms // HOUR_MS for household in street)
    assert by_hour[2] == MANY
    assert by_hour[8] == MANY * 0.3


def test_nobody_asks_when_none_is_asked_for():
    assert households(Night(seed=1), 0, CORNERS) == []


def test_most_ask_alone_and_there_are_families_and_couples(street):
    persons = Counter(household.party.persons for household in street)
    assert 0.5 < persons[1] / len(street) < 0.7
    assert any(household.party.women == household.party.men == 1 for household in street)
    assert any(household.party.children >= 3 for household in street)


def test_some_bring_a_dog_need_a_ramp_or_carry_a_baby(street):
    needs = Counter(need for household in street for need in household.needs)
    assert set(needs) == set(Trait)
    assert all(household.party.children for household in street if Trait.BABIES in household.needs)


def test_every_ending_is_there_and_most_arrive(calls):
    endings = Counter(call.ending for call in calls)
    assert set(endings) == set(Ending)
    assert 0.76 < endings[Ending.ARRIVED] / len(calls) < 0.80


def test_the_sides_differ_now_and_then_and_only_where_both_saw_something(calls):
    told = {(call.ending, call.statement) for call in calls if call.statement}
    assert told == {
        (Ending.ARRIVED, (Side.SITE, Said.NO_SHOW)),
        (Ending.NO_SHOW, (Side.TEAM, Said.FULL_ON_ARRIVAL)),
        (Ending.FULL_ON_ARRIVAL, (Side.SITE, Said.NO_SHOW)),
        (Ending.REFUSED, (Side.SITE, Said.NO_SHOW)),
    }


def test_maraudes_are_out_from_seven_to_five(calls):
    hours = {int(18 + call.at_ms / HOUR_MS) % 24 for call in calls if call.channel is Channel.MARAUDE}
    assert hours == {19, 20, 21, 22, 23, 0, 1, 2, 3, 4}


def test_they_are_near_the_sites_and_say_in_which_part_of_the_city(street):
    assert all(48.7 < household.corner.lat < 49 and 2.1 < household.corner.lon < 2.6 for household in street)
    assert {household.corner.area for household in street} >= {f"750{number:02d}" for number in range(1, 21)}


def test_a_protected_site_is_no_place_to_be_near():
    hidden = {**SITES[0], "visibility": Visibility.PROTECTED.value}
    assert corners_of([hidden, SITES[1]]) == corners_of([SITES[1]])


def test_a_territory_without_positions_has_a_street_too():
    somebody = households(Night(seed=1, hours=1), 5, corners_of([{**SITES[0], "position": None}]))
    assert len(somebody) == 5
    assert {household.corner for household in somebody} == {None}


@settings(max_examples=50)
@given(
    st.integers(0, 10**6),
    st.floats(0.01, 30),
    st.floats(0, 24),
    st.floats(0, 40),
    st.lists(st.builds(Corner, st.floats(-90, 90), st.floats(-180, 180), st.sampled_from([None, "75018"])), max_size=2),
)
def test_every_call_is_one_that_the_service_could_be_asked(seed, hours, hour, calls_an_hour, corners):
    night = Night(seed, hours, hour)
    street = households(night, calls_an_hour, corners)
    assert len({household.key for household in street}) == len(street)
    assert [household.calls[0].at_ms for household in street] == sorted(h.calls[0].at_ms for h in street)
    for household in street:
        assert 1 <= len(household.calls) <= MOST_CALLS
        assert household.party.persons >= 1
        if household.corner:
            assert -90 <= household.corner.lat <= 90
            assert -180 <= household.corner.lon <= 180
        moments = [call.at_ms for call in household.calls]
        assert moments == sorted(moments)
        for call in household.calls:
            assert 0 <= call.at_ms < night.length_ms
            assert 30 <= call.hold_minutes <= 60
            assert 10 <= call.walk_minutes <= 50
        for earlier, later in pairwise(moments):
            assert later - earlier >= 20 * MINUTE_MS
