"""What a search finds, in which order, and why."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.board.reasons import why
from capacity.vocabulary.finding import Because, Doors, Note, Stay
from capacity.vocabulary.words import Channel, Kind, Trait, Unit
from tests.board.found_places import HERE, City
from tests.world import HOUR_MS, NOW_MS

NEAR, FAR = (48.8570, 2.3530), (48.8966, 2.3522)  # 2 and 78 minutes on foot
UNTIL = "2026-11-23T01:00:00.000Z"


def ids(findings):
    return [option.place.shelter.site_id for option in findings.options]


def because(findings):
    return findings.first_because.code


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ([("w", 1)], [("w", 1, {"freshness": "stale"})], Because.CERTAIN),
        ([("w", 1)], [("w", 1, {"freshness": "unknown"})], Because.CERTAIN),
        ([("w", 1)], [("x", 1)], Because.BETTER_AUDIENCE),
        ([("w", 1)], [("w", 1, {"freshness": "ageing"})], Because.FRESHER),
        ([("w", 1)], [("w", 1, {"unit": "room", "sleeps": 2})], Because.LESS_TO_SPARE),
        ([("w", 1)], [("w", 1)], Because.BY_NAME),
    ],
)
def test_the_better_comes_first_and_says_why(first, second, code):
    assert because(City().site("a", *first).site("b", *second).findings(1)) is code
    swapped = City().site("b", *first).site("a", *second).findings(1)
    if code is not Because.BY_NAME:
        assert (ids(swapped), because(swapped)) == (["b", "a"], code)


def test_one_pool_comes_before_several_and_one_room_before_two():
    findings = City().site("a", ("f", 2), ("f", 2)).site("b", ("f", 3)).findings(1, 0, 2)
    assert (ids(findings), findings.first_because) == (["b", "a"], (Because.FEWER_POOLS, 1, 2))
    rooms = City().site("a", ("f", 2, {"unit": "room", "sleeps": 2})).site("b", ("f", 1, {"unit": "room", "sleeps": 4}))
    findings = rooms.findings(1, 0, 2)
    assert (ids(findings), findings.first_because) == (["b", "a"], (Because.FEWER_ROOMS, 1, 2))


def test_the_nearer_comes_first_and_a_site_without_a_position_last():
    findings = City().site("a", ("w", 1), at=None).site("b", ("w", 1), at=FAR).site("c", ("w", 1), at=NEAR).findings(1)
    assert ids(findings) == ["c", "b", "a"]
    assert findings.first_because == (Because.NEARER, 74, 4448)
    assert [option.place.walk_minutes for option in findings.options] == [2, 78, None]
    assert [why(option, findings.nearest_metres)[-1:] for option in findings.options[:2]] == [
        ["nearest"], ["open_at_arrival"],
    ]  # fmt: skip
    nowhere = City().site("a", ("w", 1)).findings(1, near=None)
    assert (nowhere.options[0].place.metres, nowhere.nearest_metres) == (None, None)


def test_a_few_steps_more_do_not_outweigh_a_fresher_number():
    findings = City().site("a", ("w", 1, {"freshness": "ageing"})).site("b", ("w", 1), at=NEAR).findings(1)
    assert (ids(findings), because(findings)) == (["b", "a"], Because.FRESHER)
    findings = City().site("a", ("w", 1, {"freshness": "ageing"})).site("b", ("w", 1), at=FAR).findings(1)
    assert (ids(findings), because(findings)) == (["a", "b"], Because.NEARER)


def test_a_site_that_is_closed_at_arrival_comes_after_those_that_are_open_and_says_when_it_opens():
    city = City().site("a", ("w", 1), hours="Mo-Su 19:00-22:00").site("b", ("x", 1), hours="Mo-Su 19:00-08:00")
    city.site("c", ("w", 1), hours=None).site("d", ("w", 1), hours="after dinner")
    findings = city.findings(1)  # at 23:41
    assert ids(findings) == ["c", "d", "b", "a"]
    assert [option.place.opening.doors for option in findings.options] == [
        Doors.UNKNOWN, Doors.UNKNOWN, Doors.OPEN, Doors.CLOSED,
    ]  # fmt: skip
    assert findings.options[-1].place.opening.opens_ms == NOW_MS - NOW_MS % HOUR_MS + 20 * HOUR_MS


def test_the_doors_are_those_of_the_moment_of_arrival():
    city = City().site("a", ("w", 1), at=FAR, hours="Mo-Su 19:00-24:00")
    assert city.findings(1).options[0].place.opening.doors is Doors.CLOSED  # it is 23:41, and 78 minutes on foot
    assert city.findings(1, near=FAR).options[0].place.opening.doors is Doors.OPEN


def test_known_hours_come_before_unknown_ones_between_options_as_good():
    findings = City().site("a", ("w", 1), hours=None).site("b", ("w", 1)).findings(1)
    assert (ids(findings), because(findings)) == (["b", "a"], Because.HOURS_KNOWN)


def test_what_is_kept_for_another_channel_is_not_free_for_this_one():
    kept = {"contingents": [{"channel": "maraude", "places": 2, "until": UNTIL, "held": 1}]}
    city = City().site("a", ("w", 2, kept))
    assert city.found(2) == []
    assert city.found(1) == [{"a.0": 1}]
    assert city.found(2, channel=Channel.MARAUDE) == [{"a.0": 2}]
    assert city.found(2, now_ms=NOW_MS + 3 * HOUR_MS) == [{"a.0": 2}]
    assert city.findings(1).options[0].fit.lines[0].candidate[2] == 1


@pytest.mark.parametrize("kind", list(Kind))
def test_people_stay_where_people_can_stay(kind):
    never = {Kind.BATHHOUSE, Kind.LUGGAGE, Kind.RESTAURANT, Kind.FOOD_DISTRIBUTION}
    by_day = {Kind.DAY_CENTRE, Kind.ESI}
    city = City().site("a", ("w", 1), kind=kind)
    assert bool(city.found(1)) is (kind not in never | by_day)
    assert bool(city.found(1, stay=Stay.DAY)) is (kind not in never)


@pytest.mark.parametrize("unit", list(Unit))
def test_nobody_sleeps_in_a_locker_a_meal_or_a_shower(unit):
    lodging = unit in (Unit.PLACE, Unit.BED, Unit.ARMCHAIR, Unit.ROOM)
    assert bool(City().site("a", ("w", 1, {"unit": unit})).found(1)) is lodging


def test_the_traits_that_were_asked_for_must_all_be_there():
    city = City().site("a", ("w", 1, {"traits": ["pets"]})).site("b", ("w", 1, {"traits": ["pets", "wheelchair"]}))
    assert ids(city.findings(1, traits=frozenset({Trait.PETS}))) == ["a", "b"]
    assert ids(city.findings(1, traits=frozenset({Trait.PETS, Trait.WHEELCHAIR}))) == ["b"]
    assert city.findings(1, traits=frozenset({Trait.BABIES})).note is Note.NOTHING_FITS


def test_an_answer_without_a_certain_option_says_what_is_the_matter():
    assert City().site("a", ("m", 1)).findings(1).note is Note.NOTHING_FITS
    assert City().site("a", ("w", 0)).findings(1).note is Note.NOTHING_FREE
    assert City().site("a", ("w", 1, {"freshness": "stale"})).findings(1).note is Note.ONLY_TO_CONFIRM
    assert City().site("a", ("w", 1)).findings(1).note is None
    assert City().site("a", ("w", 0)).findings(1).first_because is None
    assert because(City().site("a", ("w", 1)).findings(1)) is Because.ONLY_ONE


def test_a_pool_that_the_board_has_elsewhere_is_passed_over():
    city = City().site("a", ("w", 1))
    city.rows[0]["site"] = "b"
    assert city.found(1) == []
    city.rows.clear()
    assert city.found(1) == []


def test_a_limit_shows_the_best_and_says_how_many_there_are():
    city = City()
    for number in range(30):
        city.site(f"s{number:02d}", ("w", 1))
    findings = city.findings(1, limit=3)
    assert (ids(findings), findings.found, findings.searched) == (["s00", "s01", "s02"], 30, 30)
    assert because(city.findings(1, limit=1)) is Because.BY_NAME


def test_what_the_traits_hide_is_counted():
    city = City().site("a", ("w", 1, {"traits": ["pets"]})).site("b", ("w", 1)).site("c", ("w", 0))
    hidden = city.findings(1, traits=frozenset({Trait.PETS}))
    assert (ids(hidden), hidden.found, hidden.unfiltered) == (["a"], 1, 2)
    assert (city.findings(1).found, city.findings(1).unfiltered) == (2, 2)


pools = st.tuples(
    st.sampled_from("wmfx"),
    st.integers(0, 4),
    st.fixed_dictionaries({"freshness": st.sampled_from(["fresh", "ageing", "stale", "unknown"])}),
)
places = st.none() | st.sampled_from([HERE, NEAR, FAR])
hours = st.sampled_from([None, "24/7", "Mo-Su 19:00-22:00"])
cities = st.lists(st.tuples(st.lists(pools, min_size=1, max_size=3), places, hours), min_size=1, max_size=8)


@given(cities, st.randoms())
def test_the_order_is_by_rank_and_does_not_depend_on_the_order_of_the_sites(plan, random):
    numbered = list(enumerate(plan))
    told = []
    for _ in range(2):
        city = City()
        for number, (pools, at, hours) in numbered:
            city.site(f"s{number}", *pools, at=at, hours=hours)
        told.append(city.findings(1, limit=100).options)
        random.shuffle(numbered)
    assert [option.rank for option in told[0]] == [option.rank for option in told[1]]
    assert all(one.rank < other.rank for one, other in pairwise(told[0]))
    assert all(one.fit.is_certain or not other.fit.is_certain for one, other in pairwise(told[0]))
