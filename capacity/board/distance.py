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


def metres_between(one: Point, other: Point) -> int:
    """The great circle between two points, in whole metres."""
    half_chord = dist(one, other) / 2
    return round(2 * EARTH_RADIUS_METRES * asin(min(1, half_chord)))


def walking_minutes(metres: int) -> int:
    """How many minutes a walk of so many metres as the crow flies takes, rounded up."""
    return ceil(metres * MINUTES_A_METRE)
