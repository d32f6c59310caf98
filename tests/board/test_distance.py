"""Distances on the globe, and the walk that is estimated from them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.board.distance import Point, metres_between, walking_minutes

HOTEL_DE_VILLE = Point.of(48.8566, 2.3522)
latitudes, longitudes = st.floats(-90, 90), st.floats(-180, 180)
points = st.builds(Point.of, latitudes, longitudes)


@pytest.mark.parametrize(
    ("lat", "lon", "metres"),
    [
        (48.8566, 2.3522, 0),
        (48.8443, 2.3744, 2_123),  # gare de Lyon
        (45.7640, 4.8357, 391_500),  # Lyon
        (-48.8566, -177.6478, 20_015_115),  # the other side of the globe
    ],
)
def test_a_distance_is_that_of_the_great_circle(lat, lon, metres):
    assert metres_between(HOTEL_DE_VILLE, Point.of(lat, lon)) == pytest.approx(metres, rel=0.001, abs=1)


@given(points, points)
def test_a_distance_is_the_same_both_ways_and_never_more_than_half_the_globe(one, other):
    assert metres_between(one, other) == metres_between(other, one)
    assert 0 <= metres_between(one, other) <= 20_015_200


def test_the_date_line_is_no_border():
    assert metres_between(Point.of(0, 179.9999), Point.of(0, -179.9999)) < 30


@pytest.mark.parametrize(("metres", "minutes"), [(0, 0), (1, 1), (1_000, 18), (5_000, 87)])
def test_a_walk_is_longer_than_the_straight_line_and_slow(metres, minutes):
    assert walking_minutes(metres) == minutes
