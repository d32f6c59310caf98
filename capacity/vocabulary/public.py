"""The closed lists of what everybody is told: for what help a place is, and whether there is room, in words."""

from enum import StrEnum

from capacity.vocabulary.words import Kind, Unit


class DailyNeed(StrEnum):
    """What somebody comes for; the screens sort every pool by it too. In the order in which a page tells them."""

    SLEEP = "sleep"
    DAY = "day"
    SHOWER = "shower"
    EAT = "eat"
    LUGGAGE = "luggage"


class Room(StrEnum):
    """Whether a pool has room: never a number, which people would read as theirs. Best news first."""

    PLACES = "places"
    FEW = "few"
    ASK = "ask"
    FULL = "full"
    SHUT = "shut"


_OF_UNIT = {Unit.SHOWER: DailyNeed.SHOWER, Unit.LOCKER: DailyNeed.LUGGAGE, Unit.MEAL: DailyNeed.EAT}
_OF_KIND = {
    Kind.DAY_CENTRE: DailyNeed.DAY,
    Kind.ESI: DailyNeed.DAY,
    Kind.BATHHOUSE: DailyNeed.SHOWER,
    Kind.LUGGAGE: DailyNeed.LUGGAGE,
    Kind.RESTAURANT: DailyNeed.EAT,
    Kind.FOOD_DISTRIBUTION: DailyNeed.EAT,
}


def need_of(unit: Unit, kind: Kind) -> DailyNeed:
    """What a pool is for: its unit decides, else the kind of its site, else one sleeps there."""
    return _OF_UNIT.get(unit) or _OF_KIND.get(kind) or DailyNeed.SLEEP
