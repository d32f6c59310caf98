"""The closed lists of a search for free places: each word stands on the wire exactly as written here."""

from enum import StrEnum


class Stay(StrEnum):
    """What the household needs a place for."""

    NIGHT = "night"
    DAY = "day"


class Certainty(StrEnum):
    """Whether an option may be shown as free. What is unknown or stale never is. Law 7."""

    CERTAIN = "certain"
    CONFIRM_BY_PHONE = "confirm_by_phone"


class Doors(StrEnum):
    """Whether a site is open at a moment, by its opening hours."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class Why(StrEnum):
    """What speaks for an option, or against it."""

    RIGHT_AUDIENCE = "right_audience"
    MIXED_AUDIENCE = "mixed_audience"
    WOMEN_AND_MEN_APART = "women_and_men_apart"
    ONE_POOL = "one_pool"
    SEVERAL_POOLS = "several_pools"
    FRESH = "fresh"
    AGEING = "ageing"
    STALE = "stale"
    NEVER_REPORTED = "never_reported"
    OPEN_AT_ARRIVAL = "open_at_arrival"
    CLOSED_AT_ARRIVAL = "closed_at_arrival"
    HOURS_UNKNOWN = "hours_unknown"
    NEAREST = "nearest"


class Because(StrEnum):
    """What puts the first option before the second."""

    ONLY_ONE = "only_one"
    CERTAIN = "certain"
    OPEN_AT_ARRIVAL = "open_at_arrival"
    BETTER_AUDIENCE = "better_audience"
    FEWER_POOLS = "fewer_pools"
    FEWER_ROOMS = "fewer_rooms"
    NEARER = "nearer"
    HOURS_KNOWN = "hours_known"
    FRESHER = "fresher"
    LESS_TO_SPARE = "less_to_spare"
    BY_NAME = "by_name"


class Note(StrEnum):
    """What is to be said of an answer without any certain option."""

    ONLY_TO_CONFIRM = "only_to_confirm"
    NOTHING_FREE = "nothing_free"
    NOTHING_FITS = "nothing_fits"
