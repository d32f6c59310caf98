"""How far it is, and how long on foot: an estimate, and always shown as one."""

from math import asin, ceil, cos, dist, radians, sin
from typing import NamedTuple

EARTH_RADIUS_METRES = 6_371_008.8
DETOUR = 1.3
"""Streets are longer than the straight line by about this much."""
WALKING_METRES_A_SECOND = 1.25
"""A household with bags and children, not a hurried adult."""
MINUTES_A_METRE = DETOUR / WALKING_METRES_A_SECOND / 60


class Point(NamedTuple):
    """A place on the globe as a vector from its middle, of length 1: a distance then takes no sines."""

    x: float
    y: float
    z: float

    @classmethod
    def of(cls, lat: float, lon: float) -> "Point":
        """From degrees, WGS 84."""
        lat, lon = radians(lat), radians(lon)
        return cls(cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat))


def chord_between(one: Point, other: Point) -> float:
    """The straight way through the globe, whose radius is 1: the shorter it is, the nearer they are."""
    return dist(one, other)


def metres_of_chord(chord: float) -> int:
    """The great circle over a chord, in whole metres."""
    return round(2 * EARTH_RADIUS_METRES * asin(min(1, chord / 2)))


def metres_between(one: Point, other: Point) -> int:
    """The great circle between two points, in whole metres."""
    return metres_of_chord(dist(one, other))


def walking_minutes(metres: int) -> int:
    """How many minutes a walk of so many metres as the crow flies takes, rounded up."""
    return ceil(metres * MINUTES_A_METRE)


def fewest_walking_minutes(chord: float) -> int:
    """No more minutes than a walk over this chord takes, without the sines that telling them takes."""
    return max(0, int((chord * EARTH_RADIUS_METRES - 1) * MINUTES_A_METRE))
